"""Several who act on one order at the same moment: who does what, from where, and in which of many orders it happens.

A new use case joins as one line of ACTS; a new place to start from as one line of STARTS.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from random import Random
from threading import Semaphore, local
from typing import Any, NamedTuple

from fallback.domain.checkout.requests import ChangeOrder, Contact, ShippingAddress
from fallback.domain.errors import Conflict, FallbackError, Invalid, NotAllowedNow, OutcomeUnknown
from fallback.domain.order.grants import GrantKind, GrantRequest
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import WORD_TAKES
from fallback.domain.order.order import Event, Order, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement.primary import TOMBSTONES
from fallback.domain.support.accounts import Person, Role
from fallback.domain.support.late import Late
from fallback.usecases.order.cancel_order import cancel_order
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.reject_order import reject_order
from fallback.usecases.payment.grant_refund import grant_refund
from fallback.usecases.payment.send_payment_link import send_payment_link
from fallback.usecases.payment.take_goodwill import take_goodwill
from fallback.usecases.placement.merge_order import merge_order
from fallback.usecases.placement.release_hold import release_hold
from fallback.usecases.support.add_note import add_note
from fallback.usecases.support.ask_question import ask_question
from fallback.usecases.support.assign_owner import assign_owner
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.fakes.primary import NotForSale
from tests.usecases.points import WATCHED
from tests.usecases.world import World

TOLD = (Late, NotAllowedNow, Conflict, Invalid)
CALLS = WATCHED | {"ledger": ("load", "timeline", "booked", *WATCHED["ledger"])}
WRITES = {"gateway": ("capture", "void", "refund"), "primary": ("place", "amend", "cancel")}
# Of so many turns one finds its process asleep for longer than others wait for it.
ONE_SLEEP_IN = 40
MARA = "mara"
PART = 500
ELSEWHERE = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB"))
NEW_MAIL = ChangeOrder(contact=Contact("Iris Murdoch", "murdoch@example.org"))
ONE_BOOK = ChangeOrder(quantities=(1,))


class Page(NamedTuple):
    """What the page showed on which somebody decided: the order, and how many lines of its timeline."""

    order: Order
    seen: int


class Act(NamedTuple):
    """`stays`: what must be true in the end if nobody told their that it was not done."""

    does: Callable[[World, Page], object]
    stays: Callable[[World], bool] = lambda _: True


# --- who does what


def cancels(world: World, _: Page) -> None:
    cancel_order(world.container, world.ref, "customer")


def changes_the_address(world: World, page: Page) -> None:
    change_order(world.container, world.ref, ELSEWHERE, "customer", page.seen)


def goes_elsewhere_or_nowhere(world: World) -> bool:
    return world.order.customer.address.line1 == "2 Quay" or world.is_undone()


def changes_their_contact(world: World, page: Page) -> None:
    change_order(world.container, world.ref, NEW_MAIL, "customer", page.seen)


def leaves_a_book_out(world: World, page: Page) -> None:
    change_order(world.container, world.ref, ONE_BOOK, "customer", page.seen)


def has_one_book_or_none(world: World) -> bool:
    return [line.quantity for line in world.order.lines] == [1] or world.is_undone()


def takes_goodwill(world: World, _: Page) -> None:
    take_goodwill(world.container, world.ref)


def had_goodwill_once(world: World) -> bool:
    return [grant.kind for grant in world.order.grants].count(GrantKind.GOODWILL) == 1


def asks_for_a_person(world: World, _: Page) -> None:
    ask_question(world.container, world.ref, "When does it come?", None)


def rejects(world: World, page: Page) -> None:
    reject_order(world.container, world.ref, "The customer rang us", "", MARA, page.seen)


def releases_the_hold(world: World, page: Page) -> None:
    for hold in page.order.holds:
        release_hold(world.container, world.ref, hold.code, MARA, page.seen)


def finds_it_in_the_shop(world: World, page: Page) -> None:
    merge_order(world.container, world.ref, HoldCode.OUT_OF_STOCK, "100077", True, MARA, page.seen)


def gave_way(world: World) -> bool:
    return world.order.placement.state is PlacementState.MERGED and world.captured == world.orders_there == 0


def gives_back(who: str) -> Act:
    def grant(world: World, page: Page) -> None:
        requested = GrantRequest(
            kind=GrantKind.REFUND, amount=PART, reason="price", refundable=page.order.payment.captured
        )
        grant_refund(world.container, world.ref, Person(who, Role.LEAD), requested, page.seen)

    return Act(grant, lambda world: world.order.payment.refunded >= PART)


def notes(world: World, _: Page) -> None:
    add_note(world.container, world.ref, "The customer rang us", MARA)


def sends_a_link(world: World, page: Page) -> None:
    send_payment_link(world.container, world.ref, "", MARA, page.seen)


def becomes_the_owner(world: World, page: Page) -> None:
    assign_owner(world.container, world.ref, MARA, page.seen)


def is_theirs_or_was_too_long(world: World) -> bool:
    """Who does not answer the customer in time is relieved."""
    return world.order.owner == MARA or "escalated" in world.told


def stripe_tells(world: World, page: Page) -> None:
    if page.order.payment.intent:
        world.stripe_says(PaymentNews.AUTHORIZED, intent_id=page.order.payment.intent)


def makes_the_step(queue: Queue) -> Act:
    def step(world: World, _: Page) -> None:
        with suppress(Conflict):
            world.make_step(queue, world.ref)

    return Act(step)


def told_of(what: str) -> Callable[[World], bool]:
    return lambda world: what in world.told


ACTS = {
    "customer cancels": Act(cancels, World.is_undone),
    "customer gives a card": Act(lambda world, _: world.the_customer_gives(), told_of("card_given")),
    "customer changes the address": Act(changes_the_address, goes_elsewhere_or_nowhere),
    "customer changes their contact": Act(
        changes_their_contact, lambda world: world.order.customer.email == "murdoch@example.org"
    ),
    "customer leaves a book out": Act(leaves_a_book_out, has_one_book_or_none),
    "customer takes goodwill": Act(takes_goodwill, had_goodwill_once),
    "customer comes back from their bank": Act(lambda world, _: world.the_customer_comes_back()),
    "customer asks for a person": Act(asks_for_a_person, told_of("asked_for_a_person")),
    "agent rejects": Act(rejects, World.is_undone),
    "agent releases the hold": Act(releases_the_hold, lambda world: HoldCode.OUT_OF_STOCK not in world.holds),
    "agent finds it in the shop": Act(finds_it_in_the_shop, gave_way),
    "agent gives back": gives_back(MARA),
    "another agent gives back": gives_back("jon"),
    "agent notes": Act(notes, told_of("noted")),
    "agent sends a link": Act(sends_a_link, told_of("payment_link_sent")),
    "agent becomes the owner": Act(becomes_the_owner, is_theirs_or_was_too_long),
    "worker works on the payment": makes_the_step(Queue.PAYMENT),
    "worker works on the placement": makes_the_step(Queue.PLACEMENT),
    "worker sends a mail": makes_the_step(Queue.NOTICE),
    "webhook comes": Act(stripe_tells),
    "shop commits late": Act(lambda world, _: world.primary.arrive()),
}


# --- where they start from


def ordered(card: str | None, *queues: Queue) -> Callable[[], World]:
    """After a customer has ordered and these queues have done their work."""

    def start() -> World:
        world = World()
        world.a_customer_orders(card)
        if queues:
            world.time_passes(timedelta(minutes=1), *queues)
        return world

    return start


def their_bank_has_agreed() -> World:
    world = ordered(THREE_D_SECURE, Queue.PAYMENT)()
    assert world.gateway.intents[world.intent_id].state is IntentState.NEEDS_CUSTOMER
    world.the_bank_asks_and_the_customer(passes=True)
    return world


def out_of_stock() -> World:
    world = ordered(VISA, Queue.PAYMENT)()
    world.primary.fail_next("place", NotForSale("out_of_stock", [{"sku": "BK-1", "available": 0}]))
    world.time_passes(timedelta(minutes=1))
    assert world.holds == [HoldCode.OUT_OF_STOCK]
    return world


def a_change_on_its_way() -> World:
    world = ordered(VISA, *Queue)()
    change_order(world.container, world.ref, ELSEWHERE, "customer", len(world.ledger.timeline(world.ref)))
    return world


def lost_on_its_way(start: Callable[[], World], call: str, *cannot: str) -> Callable[[], World]:
    """The next call of this name to the shop is not answered, and arrives at some time."""

    def lost() -> World:
        world = start()
        world.primary.can -= {*cannot}
        world.primary.lose_next(call)
        return world

    return lost


def no_answer_comes_back() -> World:
    """To the first call of each kind that writes; each has had its effect."""
    world = ordered(VISA, Queue.PAYMENT)()
    for port, calls in WRITES.items():
        for call in calls:
            getattr(world, port).fail_next(call, OutcomeUnknown("no answer"), after_effect=True)
    return world


def nobody_answered_the_customer_in_time() -> World:
    world = ordered(VISA, *Queue)()
    began, later = world.now - timedelta(hours=8), world.now - WORD_TAKES
    late = [Event(began, "asked_for_a_person", "customer"), Event(later, "next_word", "worker")]
    world.ledger.commit(world.order, world.order, late)
    return world


STARTS = {
    "just ordered": ordered(VISA),
    "to be paid later": ordered(None),
    "their bank has agreed": their_bank_has_agreed,
    "set aside": ordered(VISA, Queue.PAYMENT),
    "on hold": out_of_stock,
    "settled": ordered(VISA, *Queue),
    "a change is on its way": a_change_on_its_way,
    "nobody answered the customer in time": nobody_answered_the_customer_in_time,
    "no answer comes back": no_answer_comes_back,
    "the order is lost on its way": lost_on_its_way(ordered(VISA, Queue.PAYMENT), "place"),
    "the order is lost on its way to a shop without tombstones": lost_on_its_way(
        ordered(VISA, Queue.PAYMENT), "place", TOMBSTONES
    ),
    "a change is lost on its way": lost_on_its_way(a_change_on_its_way, "amend"),
    "a cancellation is lost on its way": lost_on_its_way(ordered(VISA, *Queue), "cancel"),
}


# --- in which order it happens


class Race:
    """Runs acts side by side, one at a time: before and after each call to the outside chance says who goes on."""

    def __init__(self, world: World, seed: int) -> None:
        self.trace: list[str] = []
        self._world = world
        self._chance = Random(seed)
        self._turns: dict[int, Semaphore] = {}
        self._me = local()
        for port, calls in CALLS.items():
            for call in calls:
                self._watch(port, call)

    def run(self, *names: str) -> list[FallbackError | None]:
        """What each was told; None for what was done. All saw the same page before."""
        page = Page(self._world.order, len(self._world.ledger.timeline(self._world.ref)))
        self._turns = {number: Semaphore(0) for number in range(len(names))}
        with ThreadPoolExecutor(len(names)) as threads:
            acting = [threads.submit(self._act, number, name, page) for number, name in enumerate(names)]
            self._go_on()
        return [act.result() for act in acting]

    def _act(self, number: int, name: str, page: Page) -> FallbackError | None:
        self._me.number = number
        self._turns[number].acquire()
        try:
            ACTS[name].does(self._world, page)
        except TOLD as told:
            return told
        finally:
            del self._turns[number]
            self._go_on()
        return None

    def _go_on(self) -> None:
        if self._turns:
            self._turns[self._chance.choice(list(self._turns))].release()

    def _watch(self, port: str, call: str) -> None:
        make: Callable[..., Any] = getattr(getattr(self._world, port), call)

        def observed(*arguments: Any, **named: Any) -> Any:
            if getattr(self._me, "inside", None) == port:  # a fake that asks itself, and holds its lock
                return make(*arguments, **named)
            self._turn(f"{port}.{call}")
            before, self._me.inside = getattr(self._me, "inside", None), port
            try:
                return make(*arguments, **named)
            finally:
                self._me.inside = before
                self._turn(f"{port}.{call} came back")

        setattr(getattr(self._world, port), call, observed)

    def _turn(self, where: str) -> None:
        """Only what happens in the race waits for its turn, not what comes before and after."""
        if not self._turns:
            return
        self.trace.append(f"{self._me.number}: {where}")
        if self._chance.randrange(ONE_SLEEP_IN) == 0:
            self._world.now += 2 * PATIENCE
        turn = self._turns[self._me.number]
        self._go_on()
        turn.acquire()
