"""A mail that no server accepts is a hold if the customer needs it."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from msgspec import UNSET

from fallback.domain.checkout.requests import ChangeOrder, Contact
from fallback.domain.errors import Refused
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.next_step import Step, next_step
from fallback.domain.order.order import (
    Notice,
    NoticeKind,
    NoticeState,
    Order,
    Payment,
    PaymentState,
    PlacementState,
    Queue,
)
from fallback.domain.support.accounts import Person, Role
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.send_notice import send_notice
from fallback.usecases.support.keep_promise import keep_promise
from tests.builders import NOW, a_hold, a_payment, an_order, deps
from tests.fakes.duty import FakeDutyRoster
from tests.fakes.ledger import FakeLedger
from tests.fakes.mailer import FakeMailer
from tests.fakes.people import FakePeople

TO_BE_PAID = {"payment": Payment(amount=3093, state=PaymentState.NONE)}
SETTLED = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
ASKED = {"holds": (a_hold(HoldCode.POSSIBLE_RIVAL),)}
REFUSALS = ["550", "address_not_supported", "bad_address"]


class World:
    """An order with one notice, and a mail server that refuses the next that it is given."""

    def __init__(self, kind: NoticeKind, **changes: object) -> None:
        self.ledger, self.mailer = FakeLedger(), FakeMailer()
        self.ref = self.ledger.keep(an_order(notices=(Notice(id="1", kind=kind, due_at=NOW),), **changes)).ref

    def sends(self, refused: str = "") -> None:
        if refused:
            self.mailer.fail_next("asked", Refused(refused))
        send_notice(
            deps(
                ledger=self.ledger,
                mailer=self.mailer,
                account_of=FakePeople().find,
                clock=lambda: NOW,
                random=Random(1),
                desk="checkout desk",
            ),
            self.ledger.load(self.ref),
        )

    def gives_another_address(self, who: str) -> None:
        requested = ChangeOrder(contact=Contact("Iris Murdoch", "iris@example.net"), note=UNSET)
        change_order(
            deps(ledger=self.ledger, clock=lambda: NOW, chargeable=lambda _: None),
            self.ref,
            requested,
            who,
            len(self.ledger.timeline(self.ref)),
        )

    @property
    def order(self) -> Order:
        return self.ledger.load(self.ref)

    @property
    def held(self) -> list[HoldCode]:
        return [hold.code for hold in self.order.holds]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (NoticeKind.PAYMENT_NEEDED, TO_BE_PAID),
        (NoticeKind.RECEIVED, TO_BE_PAID),
        (NoticeKind.ANSWER, SETTLED),
        (NoticeKind.POSSIBLE_RIVAL, ASKED),
    ],
)
def test_what_the_customer_waits_for_and_no_server_takes_is_a_hold(
    kind: NoticeKind, state: dict[str, object], refusal: str
) -> None:
    world = World(kind, **state)
    before = headline(world.order)
    world.sends(refused=refusal)
    assert world.held[-1] is HoldCode.MAIL_REFUSED
    assert (world.order.holds[-1].detail, world.order.holds[-1].owner) == (f"{kind} {refusal}", "checkout desk")
    assert world.order.notices[0].state is NoticeState.FAILED
    assert [event.what for event in world.ledger.timeline(world.ref)] == ["notice_failed", "on_hold"]
    assert headline(world.order) is before, "the purchase goes its way"


@pytest.mark.parametrize("kind", [NoticeKind.RECEIVED, NoticeKind.PLACED, NoticeKind.CHANGED, NoticeKind.LINKS])
def test_a_refused_mail_that_only_informs_causes_no_hold(kind: NoticeKind) -> None:
    world = World(kind, **SETTLED)
    world.sends(refused="550")
    assert world.held == []


def test_where_no_mail_is_sent_at_all_nobody_waits_for_one() -> None:
    world = World(NoticeKind.PAYMENT_NEEDED, **TO_BE_PAID)
    world.sends(refused="mail_is_turned_off")
    assert world.held == []


def test_a_hold_for_a_refused_mail_gets_an_owner_at_once() -> None:
    world, duty = World(NoticeKind.PAYMENT_NEEDED, **TO_BE_PAID), FakeDutyRoster()
    duty.begin(Person("Ann", Role.AGENT), NOW)
    world.sends(refused="550")
    assert next_step(world.order, Queue.NOTICE) is Step.KEEP_PROMISE
    keep_promise(
        deps(
            ledger=world.ledger, duty=duty, clock=lambda: NOW, clocks_agree=lambda: True, unpaid_for=timedelta(days=7)
        ),
        world.order,
    )
    assert world.order.owner == "Ann"


@pytest.mark.parametrize("who", ["customer", "Ann"])
def test_another_address_gets_what_was_refused_and_ends_the_hold(who: str) -> None:
    world = World(NoticeKind.PAYMENT_NEEDED, **TO_BE_PAID)
    world.sends(refused="550")
    world.gives_another_address(who)
    assert (world.held, headline(world.order)) == ([], Headline.PAYMENT_NEEDED)
    world.sends()
    assert world.mailer.taken == [(world.ref, NoticeKind.PAYMENT_NEEDED)]
