"""Orders and forms in the states that pages show, on a real Redis."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Draft
from fallback.domain.checkout.journal import Taken
from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.incident.audit import Audit, Halt
from fallback.domain.oncall.alerts import Alert, Memory, Told
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.cart import DeliveryOption, Slot
from fallback.domain.order.grants import GrantKind, GrantRequest
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Decline, Notice, NoticeKind, NoticeState, PaymentState, PlacementState
from fallback.domain.order.refs import new_ref
from fallback.domain.outage.drain import PaceRequest
from fallback.domain.outage.failover import Advice, Evidence, Observation, Probe, Why
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.payment.inbox import Unclaimed, pack
from fallback.domain.payment.news import PaymentNews
from fallback.domain.support.accounts import Account, Person, Role
from fallback.domain.support.handovers import Packet
from fallback.domain.support.questions import CallBack
from fallback.domain.support.saved_replies import added
from fallback.ledger.support.remarks import Remark
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.count_running_totals import count_running_totals
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.oncall.acknowledge_alert import acknowledge_alert
from fallback.usecases.order.change_order import change_order
from fallback.usecases.outage.set_pace import set_pace
from fallback.usecases.outage.write_to_customers import announce_maintenance, publish_note
from fallback.usecases.payment.grant_refund import grant_refund
from fallback.usecases.support.add_note import add_note
from fallback.usecases.support.answer_question import answer_question
from fallback.usecases.support.arrange_callback import arrange_callback
from fallback.usecases.support.ask_question import ask_question
from fallback.usecases.support.hand_over import hand_over
from fallback.usecases.support.subscribe import subscribe
from tests.builders import CUSTOMER as IRIS
from tests.builders import NOW, a_payment, an_order
from tests.fakes.gateway import FakeGateway
from tests.fakes.primary import FakePrimary
from tests.ledger.order.damaging import damage
from tests.web.world import a_cart, signed

QUESTION = "My neighbour may be out. Can it be left at the little blue door behind the house?"
LONG_NAME = "Wilhelmina-Ottoline von Hohenlohe-Langenburg-Schillingsfürst"
P = PaymentState
WELL, DOWN = Probe(NOW, page=True, health=True), Probe(NOW, page=False, elsewhere=True)


class Stage:
    """A desk with one person of each role. Methods leave an order in the state that they name, and answer its ref."""

    def __init__(self, container: Container) -> None:
        self.container = container
        for role in Role:
            container.people.add(Account(role.title(), role, "a hash"))
        container.duty.begin(Person("Agent", Role.AGENT), container.clock())
        container.duty.begin(Person("Lead", Role.LEAD), container.clock())

    @property
    def now(self) -> datetime:
        return self.container.clock()

    def keep(self, **changes: Any) -> str:
        order = an_order(**{"received_at": self.now - timedelta(hours=1)} | changes)
        self.container.ledger.accept(order, order.ref, "print")
        return order.ref

    def journalled(self) -> str:
        order = an_order(received_at=self.now, locale="de")
        assert self.container.journal
        self.container.journal.keep(Taken(order, order.ref, "print"))
        return order.ref

    def promised_elsewhere(self) -> str:
        """By another machine, whose journal has it."""
        return new_ref()

    def seen(self, ref: str) -> int:
        return len(self.container.ledger.timeline(ref))

    def key(self, ref: str) -> str:
        return self.container.links.key(ref)

    def second_step(self) -> None:
        """The lead has set it up."""
        self.container.people.change(
            "Lead", lambda lead: replace(lead, totp="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", recovery=("x", "y"))
        )

    # --- orders

    def waiting(self, **changes: Any) -> str:
        payment = a_payment(P.AUTHORIZED, capture_before=self.now + timedelta(days=6))
        return self.keep(**{"payment": payment, "options": self.options()} | changes)

    def held(self, code: HoldCode, detail: str, owner: str = "Agent") -> str:
        return self.waiting(holds=(new_hold(code, owner, self.now, detail),))

    def maybe_bought(self) -> str:
        """The customer is asked whether the customer wants both."""
        return self.held(HoldCode.POSSIBLE_RIVAL, "100077", owner=CUSTOMER)

    def maybe_paid(self) -> str:
        """The customer is asked whether another order for the same basket is paid in the shop."""
        return self.held(HoldCode.MAYBE_PAID, "100077", owner=CUSTOMER)

    def damaged(self) -> None:
        """Its customer ordered twice, and one order cannot be read."""
        self.waiting()
        damage(self.container, self.container.ledger.load(self.waiting()))
        count_running_totals(self.container)

    def settled(self) -> str:
        return self.keep(payment=a_payment(P.CAPTURED), placement=PlacementState.VERIFIED)

    def cancelled(self) -> str:
        return self.keep(payment=a_payment(P.VOIDED), placement=PlacementState.CANCELLED)

    def declined(self) -> str:
        """The mail about it came back."""
        payment = a_payment(P.ACTION_REQUIRED, decline=Decline("insufficient_funds", "customer"))
        returned = Notice(
            id="1", kind=NoticeKind.PLACED, due_at=self.now, state=NoticeState.FAILED, refused_at=self.now
        )
        return self.keep(payment=payment, notices=(returned,), customer=replace(IRIS, phone="07400 123456", sms=True))

    def bank_asks(self) -> str:
        return self.keep(payment=a_payment(P.ACTION_REQUIRED, next_action_url="https://bank.example/3ds"))

    def asked(self) -> str:
        """Much has happened: a question, its answer, one more, a note, a promised call, and it is on hold."""
        self.replied()
        ref, built = self.held(HoldCode.MISMATCH, "BK-1: 2 agreed, 1 there"), self.container
        ask_question(built, ref, QUESTION, CallBack("+44 1482 300300"))
        answer_question(built, ref, "Yes, the driver knows the door.", "Agent", self.seen(ref))
        ask_question(built, ref, "And if it rains?", None)
        add_note(built, ref, f"Spoke to {LONG_NAME}", "Agent")
        arrange_callback(built, ref, "+44 1482 300300", self.now + timedelta(hours=2), "Agent", self.seen(ref))
        return ref

    def handed_over(self) -> str:
        ref = self.held(HoldCode.OUT_OF_STOCK, "BK-1")
        packet = Packet("Lead", QUESTION, "Asked the warehouse", "A word by noon")
        hand_over(self.container, ref, packet, "Agent", self.seen(ref))
        return ref

    def to_be_approved(self) -> str:
        """An agent wants to give back more than the customer may."""
        ref, agent = self.settled(), Person("Agent", Role.AGENT)
        requested = GrantRequest(kind=GrantKind.GOODWILL, amount=2500, reason="waited", refundable=3093)
        grant_refund(self.container, ref, agent, requested, self.seen(ref))
        return ref

    def changing(self) -> str:
        """The shop has it, and is asked for a change."""
        ref = self.settled()
        change_order(self.container, ref, ChangeOrder(quantities=(1,)), "customer", self.seen(ref))
        return ref

    # --- what is no order

    def drafted(self) -> Draft:
        cart_id = f"basket-{self.now.timestamp()}"
        draft = Draft(
            cart_id=cart_id,
            cart_token=self.cart(cart_id),
            locale="en-GB",
            since=self.now,
            seen_at=self.now,
            name=LONG_NAME,
            email="iris@example.org",
        )
        self.container.drafts.save(draft)
        return draft

    def invitation(self) -> str:
        """Where the form is on another device."""
        return urlsplit(self.container.invitations.link(self.drafted())).path

    def options(self) -> tuple[DeliveryOption, ...]:
        tomorrow = (self.now + timedelta(days=1)).replace(hour=8, minute=0)
        slot = Slot("morning", tomorrow, tomorrow + timedelta(hours=4))
        return (
            DeliveryOption("standard", "Standard delivery", 495),
            DeliveryOption("courier", "Courier", 495, (slot,)),
        )

    def cart(self, cart_id: str = "basket-17", **more: Any) -> str:
        life = {"iat": int(self.now.timestamp()), "exp": int((self.now + timedelta(hours=20)).timestamp())}
        return signed(a_cart(cart_id=cart_id, **life, **more))

    def incident(self) -> str:
        """An outage that is over, in which an order came; its id."""
        for mode, minutes in ((Mode.ACTIVE, 90), (Mode.STANDBY, 30)):
            since = self.now - timedelta(minutes=minutes)
            self.container.modes.switch(ModeState(mode, since, "Oncall", "the payment page is down"))
        self.settled()
        follow_mode(self.container)
        newest: str = self.container.incidents.newest(9)[0].id
        return newest

    # --- an outage

    def standby(self) -> None:
        self.switched(Mode.STANDBY, WELL, Advice(Mode.STANDBY, Why.WELL))

    def advised(self) -> None:
        """The shop is down, and the switch is left to a person."""
        self.switched(Mode.STANDBY, DOWN, Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4}))

    def outage(self) -> None:
        """Orders are kept for a while, a drill had failed before, and an alert goes on."""
        self.switched(Mode.ACTIVE, DOWN, Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4}))
        for minutes_ago in range(50, -1, -5):
            for later in range(5 if minutes_ago % 3 else 2):
                self.container.minutes.note(7 * later, self.now - timedelta(minutes=minutes_ago - later))
                self.waiting()
        self.held(HoldCode.OUT_OF_STOCK, "BK-1")
        count_running_totals(self.container)
        text = "Orders on hold: 23; the limit is 20."
        told = {Alert.HOLDS_PILE_UP: Told(self.now, self.now, text)}
        self.container.outbox.remember(Memory(self.now, told), [], self.now)

    def alert_of_another(self) -> None:
        """Somebody else was first to work on it."""
        self.outage()
        acknowledge_alert(self.container, Alert.HOLDS_PILE_UP, "Mara")

    def told_of(self) -> None:
        """On call has written to customers, and announced maintenance."""
        self.outage()
        publish_note(self.container, "The payment page is down. Its team is on it.", timedelta(hours=1), "Oncall")
        times = (self.now + timedelta(hours=20), self.now + timedelta(hours=22))
        announce_maintenance(self.container, times, "The shop moves. You can order here.", "Oncall")

    def subscription(self) -> str:
        """Where an address is confirmed that wants to be told."""
        subscribe(self.container, "iris@example.org", "en", "192.0.2.7")
        return urlsplit(self.container.links.subscription(self.container.subscriptions.name("iris@example.org"))).path

    def draining(self) -> None:
        self.waiting()
        self.switched(Mode.DRAINING, WELL, Advice(Mode.DRAINING, Why.HANDING_OVER, {"held": 1}))

    def paused(self) -> None:
        self.draining()
        set_pace(
            self.container, PaceRequest("its database is being repaired, which takes until four", paused=True), "Oncall"
        )

    def switched(self, mode: Mode, look: Probe, advice: Advice) -> None:
        began = self.now - timedelta(minutes=5)
        self.container.modes.switch(ModeState(mode, began, "Oncall", "the payment page is down, says the shop's team"))
        seen = replace(look, at=self.now)
        self.container.observations.write(Observation(self.now, Evidence((seen,) * 4), advice))

    def halted(self) -> None:
        self.incident()
        reason = "The shop has lost 3 orders that it had before. Was an older backup restored?"
        self.container.halts.halt(Halt(self.now, "fallback", reason))
        self.container.books.keep_audit(Audit(self.now, self.now, why_not="no connection to the primary"))

    def counted(self) -> str:
        """An incident whose balance sheet has differences; its id."""
        incident = self.incident()
        self.container.gateway, self.container.primary = FakeGateway(), FakePrimary()
        count_balance(self.container, incident)
        return incident

    def unclaimed(self) -> None:
        event = Unclaimed("evt_1PaGeTeSt", PaymentNews.CAPTURED, "FB-7K3M-92QX-5", "pi_3PaGeTeSt", self.now)
        self.container.ledger.keep_unclaimed(event.id, pack(event))

    def replied(self) -> int:
        """There is a saved reply; its id."""
        kept = self.container.saved_replies
        if not kept.read().all:
            text = "Dear {name},\n\norder {ref} is on its way.\n\n{agent}"
            kept.change(lambda replies: added(replies, "On its way", text, "Lead", self.now))
        return kept.read().all[0].id

    def remarked(self) -> None:
        self.container.remarks.add(Remark(self.now, "Agent", "The courier's times run out by noon. " * 4))
