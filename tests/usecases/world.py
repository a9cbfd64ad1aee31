"""A whole small world: the use cases on fakes, a clock that a test moves, and shifts that take what is due."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import (
    CardPayment,
    ChangeOrder,
    Contact,
    DeliveryChoice,
    PlaceOrder,
    ShippingAddress,
    WithdrawContract,
)
from fallback.domain.errors import Conflict
from fallback.domain.order.grants import GrantKind, GrantRequest
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.next_step import Step, next_step
from fallback.domain.order.order import NoticeKind, Order, PaymentState, PlacementState, Queue
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement.matching import PrimaryOrder
from fallback.domain.placement.primary import Duplicates
from fallback.domain.retries import POISON_AFTER
from fallback.domain.support.accounts import Person, Role
from fallback.usecases.checkout.place_order import place_order
from fallback.usecases.order.cancel_order import cancel_order
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.send_notice import send_notice
from fallback.usecases.payment.authorize_payment import authorize_payment
from fallback.usecases.payment.follow_payment import follow_payment
from fallback.usecases.payment.give_card import give_card
from fallback.usecases.payment.grant_refund import grant_refund
from fallback.usecases.payment.receive_payment_event import receive_payment_event
from fallback.usecases.payment.refund_payment import refund_payment
from fallback.usecases.payment.return_from_bank import return_from_bank
from fallback.usecases.payment.void_payment import void_payment
from fallback.usecases.placement.amend_order import amend_order
from fallback.usecases.placement.reconcile_order import reconcile_order
from fallback.usecases.placement.release_hold import release_hold
from fallback.usecases.placement.report_to_primary import report_to_primary
from fallback.usecases.placement.undo_late import undo_late
from fallback.usecases.placement.withdraw_from_contract import withdraw_from_contract
from fallback.usecases.placement.withdraw_order import withdraw_order
from fallback.usecases.support.keep_promise import keep_promise
from tests.builders import NOW, a_cart, wanted
from tests.fakes.books import FakeBooks, FakeHalts
from tests.fakes.duty import FakeDutyRoster
from tests.fakes.exposures import FakeExposures
from tests.fakes.gateway import VISA, FakeGateway
from tests.fakes.incidents import FakeIncidents
from tests.fakes.ledger import FakeLedger
from tests.fakes.mail_limits import FakeMailLimits
from tests.fakes.mailer import FakeMailer
from tests.fakes.pace import FakePace, a_rule
from tests.fakes.people import FakePeople
from tests.fakes.primary import FakePrimary
from tests.fakes.renewals import FakeRenewals
from tests.fakes.views import FakeModes
from tests.fakes.worklists import FakeWorklists
from tests.web.world import a_config
from workers.shifts import LEASE

TOTAL = 3093
LONG = timedelta(days=1)
STEPS = {
    Step.AUTHORIZE: authorize_payment,
    Step.FOLLOW: follow_payment,
    Step.VOID: void_payment,
    Step.REFUND: refund_payment,
    Step.NOTIFY: send_notice,
    Step.KEEP_PROMISE: keep_promise,
}


OF_A_HEALTHY_PRIMARY = {
    Step.RECONCILE: reconcile_order,
    Step.AMEND: amend_order,
    Step.WITHDRAW: withdraw_order,
    Step.UNDO_LATE: undo_late,
    Step.REPORT: report_to_primary,
}


class Crash(BaseException):
    """The process dies here."""


class World:
    """`ref`: the order of the customer who came last; `answer`: what they were told; `doing`: its use case."""

    def __init__(self, duplicates: Duplicates = Duplicates.ENFORCED) -> None:
        self.now = NOW
        self.ledger = FakeLedger(lambda: self.now)
        self.gateway = FakeGateway(self.clock)
        self.primary = FakePrimary(duplicates, self.clock)
        self.mailer = FakeMailer()
        self.modes = FakeModes()
        self.incidents = FakeIncidents(self.ledger)
        self.books = FakeBooks(self.ledger)
        self.halts = FakeHalts()
        self.pace = FakePace(a_rule(10_000))
        self.duty = FakeDutyRoster()
        self.mail_limits = FakeMailLimits()
        self.renewals = FakeRenewals()
        self.people = FakePeople()
        self.ref = ""
        self.doing = ""
        self.answer: Accepted | KeyReused | CartTaken | None = None
        self.restart()

    def clock(self) -> datetime:
        """It goes on by itself, as clocks do, so that no two moments are the same."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def restart(self) -> None:
        """New processes: they know nothing but what the ledger, Stripe and the primary know."""
        container = Container(a_config())
        container.clock = self.clock
        container.clocks_agree = lambda: True
        container.random = Random(1)
        container.ledger = self.ledger
        container.gateway = self.gateway
        container.primary = self.primary
        container.mailer = self.mailer
        container.modes = self.modes
        container.incidents = self.incidents
        container.books = self.books
        container.halts = self.halts
        container.exposures = FakeExposures(self.ledger, self.modes)
        container.pace = self.pace
        container.duty = self.duty
        container.mail_limits = self.mail_limits
        container.worklists = FakeWorklists(self.ledger)
        container.renewals = self.renewals
        container.people = self.people
        self.container = container

    # --- what the customer does

    def a_customer_orders(
        self,
        card: str | None = VISA,
        cart_id: str = "basket-1",
        key: str = "key",
        maybe_taken: bool = False,
        email: str = "iris@example.org",
        **of_cart: Any,
    ) -> None:
        """With a card (one of Stripe's test cards), or to pay later. `of_cart`: what the cart has else."""
        requested = PlaceOrder(
            cart_token="a.cart.token",
            contact=Contact("Iris Murdoch", email),
            shipping_address=ShippingAddress("1 Quay", "Hull", "HU1 1AA", country="GB"),
            delivery=DeliveryChoice("standard"),
            payment=CardPayment(self.gateway.token(card)) if card else "later",
        )
        cart = a_cart(cart_id=cart_id, **of_cart)
        _, self.answer = self._do(place_order)(requested, cart, key, "body", maybe_taken=maybe_taken)
        if isinstance(self.answer, Accepted):
            self.ref = self.answer.ref

    def the_customer_gives(self, card: str = VISA) -> None:
        self._do(give_card)(self.ref, self.gateway.token(card), "customer")

    def the_customer_changes(self, requested: ChangeOrder, **how: Any) -> Order:
        """What the customer sees is how it is now."""
        seen = len(self.ledger.timeline(self.ref))
        changed: Order = self._do(change_order)(self.ref, requested, "customer", how.pop("seen", seen), **how)
        return changed

    def the_customer_cancels(self) -> None:
        self._do(cancel_order)(self.ref, "customer")

    def the_customer_withdraws(self, stated: WithdrawContract, key: str = "a") -> Order:
        order: Order = self._do(withdraw_from_contract)(self.ref, stated, key)
        return order

    def an_agent_gives_back(self, amount: int, shown: int = TOTAL) -> None:
        """`shown`: the refundable amount that the page shows."""
        requested = GrantRequest(kind=GrantKind.REFUND, amount=amount, reason="price", refundable=shown)
        self._do(grant_refund)(self.ref, Person("Mara", Role.AGENT), requested, len(self.ledger.timeline(self.ref)))

    def the_bank_asks_and_the_customer(self, passes: bool = True) -> None:
        """The customer answers their bank; nothing tells us of it yet."""
        self.gateway.authenticate(self.intent_id, passes)

    def the_customer_comes_back(self) -> None:
        self._do(return_from_bank)(self.ref)

    def stripe_says(self, what: PaymentNews, event_id: str = "evt_1", intent_id: str | None = None) -> None:
        self._do(receive_payment_event)(event_id, what, intent_id or self.intent_id, None)

    def meanwhile(self, side: str, call: str, happens: Callable[[], object], before: bool = False) -> None:
        """While the next call of this name is under way, once, something else happens: after its effect, or before."""
        port = getattr(self, side)
        make, left = getattr(port, call), [happens]

        def interrupted(*arguments: Any, **named: Any) -> Any:
            happens = left.pop() if left else None
            if happens and before:
                happens()
            answer = make(*arguments, **named)
            if happens and not before:
                happens()
            return answer

        setattr(port, call, interrupted)

    # --- what shifts do

    def shifts_work(self, *queues: Queue) -> None:
        """Until nothing is due any more at this moment."""
        for _ in range(50):
            claimed = [(queue, ref) for queue in queues or Queue for ref in self._claim(queue)]
            if not claimed:
                return
            for queue, ref in claimed:
                self.make_step(queue, ref)
        raise AssertionError("a shift turns in circles")

    def _claim(self, queue: Queue) -> list[str]:
        return self.ledger.claim_due(queue, LEASE, 100)

    def make_step(self, queue: Queue, ref: str) -> None:
        order = self.ledger.load(ref)
        step = next_step(order, queue)
        with suppress(Conflict):
            if step in OF_A_HEALTHY_PRIMARY:
                self._do(OF_A_HEALTHY_PRIMARY[step])(order, self.primary.health())
            elif step:
                self._do(STEPS[step])(order)

    def _do(self, use_case: Callable[..., Any]) -> Callable[..., Any]:
        self.doing = use_case.__name__
        return partial(use_case, self.container)

    def time_passes(self, by: timedelta = LONG, *queues: Queue) -> None:
        """Shifts work whenever something is due, for as long as that."""
        end = self.now + by
        self.shifts_work(*queues)
        while (due := self._next_due(*queues)) and due <= end:
            self.now = max(self.now, due)
            self.shifts_work(*queues)
        self.now = end

    def _next_due(self, *queues: Queue) -> datetime | None:
        return min((at for queue in queues or Queue for at in self.ledger.due[queue].values()), default=None)

    # --- what one sees

    @property
    def left_to_do(self) -> set[tuple[Queue, str]]:
        """What is due, now or later, but for a refund that is only looked at again."""
        due = {(queue, ref): at for queue in Queue for ref, at in self.ledger.due[queue].items()}
        return {(queue, ref) for (queue, ref), at in due.items() if at != self.ledger.load(ref).payment.read_back_at}

    @property
    def order(self) -> Order:
        return self.ledger.load(self.ref)

    @property
    def headline(self) -> Headline:
        return headline(self.order)

    @property
    def states(self) -> tuple[PaymentState, PlacementState]:
        return self.order.payment.state, self.order.placement.state

    @property
    def intent_id(self) -> str:
        assert self.order.payment.intent
        return self.order.payment.intent

    @property
    def holds(self) -> list[str]:
        return [hold.code for hold in self.order.holds]

    @property
    def mails(self) -> list[NoticeKind]:
        return [kind for ref, kind in self.mailer.taken if ref == self.ref]

    @property
    def told(self) -> list[str]:
        """The timeline, without what notices became of."""
        return [event.what for event in self.ledger.timeline(self.ref) if not event.what.startswith("notice_")]

    @property
    def captured(self) -> int:
        """What Stripe took for this order, over all its intents."""
        mine = [intent for id, intent in self.gateway.intents.items() if self.gateway.refs[id] == self.ref]
        return sum(intent.captured - intent.refunded for intent in mine)

    @property
    def orders_there(self) -> int:
        """How many the primary has of this purchase and has not cancelled."""
        cart = self.order.cart_id
        return sum(order.status != "cancelled" for order in self.primary.listed(cart))

    def a_rival(self, **changes: Any) -> PrimaryOrder:
        """The customer's own attempt in the primary, shortly before it failed; paid, if nothing else is said."""
        self.primary.placed_at["77"] = self.now - timedelta(minutes=10)
        ours = replace(wanted(self.order), ref=None, id="77", number="100077", status="placed", paid=True)
        return self.primary.keep(replace(ours, **changes))

    @property
    def authorized(self) -> int:
        """What Stripe still holds of their money."""
        mine = [intent for id, intent in self.gateway.intents.items() if self.gateway.refs[id] == self.ref]
        return sum(intent.amount for intent in mine if intent.state is IntentState.AUTHORIZED)

    def is_settled(self) -> bool:
        return (self.headline, self.captured, self.orders_there) == (Headline.SETTLED, TOTAL, 1)

    def is_undone(self) -> bool:
        undone = self.headline in (Headline.CANCELLED, Headline.REFUNDED)
        return undone and (self.captured, self.orders_there) == (0, 0) and not self.authorized


def an_authorized_order(duplicates: Duplicates = Duplicates.ENFORCED, maybe_taken: bool = False) -> World:
    world = World(duplicates)
    world.a_customer_orders(VISA, maybe_taken=maybe_taken)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    assert world.headline is Headline.WAITING
    return world


def released(world: World, *codes: HoldCode) -> World:
    """A person lets it go on, as often as it stops for one of these."""
    for _ in range(3):
        world.time_passes(timedelta(minutes=5))
        for code in codes:
            release_hold(world.container, world.ref, code, "Ann")
    world.time_passes()
    return world


def deaths_of_workers(world: World) -> int:
    """How many die of the order, minute after minute, before it is left alone."""
    deaths = 0
    for _ in range(10 * POISON_AFTER):
        try:
            world.time_passes(timedelta(minutes=1))
        except Crash:
            deaths += 1
            world.restart()
    return deaths


def an_order_with(card: str | None = VISA) -> World:
    world = World()
    world.a_customer_orders(card)
    return world


def only_the_payment(world: World, by: timedelta = timedelta(hours=1)) -> None:
    """The shop is still down: mode is active, nothing is handed over."""
    world.time_passes(by, Queue.PAYMENT, Queue.NOTICE)
