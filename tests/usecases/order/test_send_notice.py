from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Conflict, OutcomeUnknown, Refused, TryAgain
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
from fallback.domain.order.patience import PATIENCE
from fallback.usecases.order.send_notice import send_notice
from tests.builders import NOW, a_payment, an_order, deps
from tests.fakes.ledger import FakeLedger
from tests.fakes.mailer import FakeMailer
from tests.fakes.people import FakePeople


class Crash(BaseException):
    """The process dies here."""


class World:
    """One settled order with one notice that is due, and workers that come to send it."""

    def __init__(self, kind: NoticeKind = NoticeKind.RECEIVED, **changes: object) -> None:
        self.ledger = FakeLedger()
        self.mailer = FakeMailer()
        self.people = FakePeople()
        self.now = NOW
        settled = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
        order = an_order(notices=(Notice(id="1", kind=kind, due_at=NOW),), **(settled | changes))
        self.ref = self.ledger.keep(order).ref

    def a_worker_comes(self, after: timedelta = timedelta()) -> None:
        self.now += after
        send_notice(
            deps(
                ledger=self.ledger,
                mailer=self.mailer,
                account_of=self.people.find,
                clock=lambda: self.now,
                random=Random(1),
                desk="checkout desk",
            ),
            self.ledger.load(self.ref),
        )

    def a_worker_dies(self) -> None:
        with pytest.raises(Crash):
            self.a_worker_comes()

    @property
    def order(self) -> Order:
        return self.ledger.load(self.ref)

    @property
    def state(self) -> NoticeState:
        return self.order.notices[0].state

    @property
    def due_at(self) -> datetime | None:
        return self.ledger.due[Queue.NOTICE].get(self.ref)


def test_a_notice_is_sent_once_and_the_timeline_says_so() -> None:
    world = World()
    world.a_worker_comes()
    world.a_worker_comes()
    assert world.mailer.taken == [(world.ref, NoticeKind.RECEIVED)]
    assert (world.state, world.due_at) == (NoticeState.SENT, None)
    assert [event.what for event in world.ledger.timeline(world.ref)] == ["notice_sent"]


def test_a_notice_that_is_not_due_yet_waits() -> None:
    world = World()
    world.a_worker_comes(after=-timedelta(seconds=1))
    assert world.mailer.taken == []
    assert world.state is NoticeState.QUEUED


def test_the_notice_that_is_due_first_is_sent_first() -> None:
    world = World()
    later = Notice(id="2", kind=NoticeKind.PLACED, due_at=NOW + timedelta(seconds=1))
    order = world.ledger.commit(world.order, replace(world.order, notices=(later, *world.order.notices)), ())
    world.a_worker_comes(after=timedelta(seconds=2))
    assert world.mailer.taken == [(order.ref, NoticeKind.RECEIVED)]
    assert world.due_at == later.due_at


def test_a_server_that_does_not_take_it_is_asked_again_later() -> None:
    world = World()
    world.mailer.fail_next("asked", TryAgain("busy"))
    world.a_worker_comes()
    assert world.state is NoticeState.QUEUED
    assert world.due_at is not None
    assert world.due_at > NOW
    world.a_worker_comes(after=timedelta(minutes=1))
    assert len(world.mailer.taken) == 1


def test_a_server_that_changes_its_mind_after_the_text_is_asked_again_too() -> None:
    world = World()
    world.mailer.fail_next("agreed", TryAgain("451"))
    world.a_worker_comes()
    assert world.state is NoticeState.QUEUED
    assert world.order.notices[0].tries == 1
    world.a_worker_comes(after=timedelta(minutes=1))
    assert world.state is NoticeState.SENT
    assert len(world.mailer.taken) == 1


def test_an_answer_that_is_lost_leaves_the_notice_unknown_and_is_not_sent_again() -> None:
    world = World()
    world.mailer.fail_next("taken", OutcomeUnknown("gone"))
    world.a_worker_comes()
    world.a_worker_comes(after=timedelta(days=1))
    assert (world.state, world.due_at) == (NoticeState.UNKNOWN, None)
    assert len(world.mailer.taken) == 1


def test_a_refused_notice_has_failed_and_is_not_sent_again() -> None:
    world = World()
    world.mailer.fail_next("asked", Refused("550"))
    world.a_worker_comes()
    assert (world.state, world.due_at) == (NoticeState.FAILED, None)


def test_nobody_who_has_paid_is_asked_to_pay() -> None:
    world = World(NoticeKind.PAYMENT_NEEDED)
    world.a_worker_comes()
    assert world.mailer.taken == []
    assert world.state is NoticeState.DROPPED


def test_who_still_has_to_pay_is_asked_to() -> None:
    world = World(NoticeKind.PAYMENT_NEEDED, payment=Payment(amount=3093, state=PaymentState.ACTION_REQUIRED))
    world.a_worker_comes()
    assert world.mailer.taken == [(world.ref, NoticeKind.PAYMENT_NEEDED)]


def test_nobody_is_written_to_after_the_personal_data_was_erased() -> None:
    world = World(customer=None)
    world.a_worker_comes()
    assert world.mailer.taken == []
    assert world.state is NoticeState.DROPPED


def test_a_change_by_somebody_else_while_the_mail_goes_out_is_kept() -> None:
    world = World()
    order = world.order
    world.mailer.meanwhile = lambda: world.ledger.commit(order, replace(order, released=True), ())
    world.a_worker_comes()
    assert world.order.released
    assert world.state is NoticeState.SENT


def test_the_later_of_two_workers_sends_nothing() -> None:
    world = World()
    world.mailer.meanwhile = world.a_worker_comes
    with pytest.raises(Conflict):
        world.a_worker_comes()
    assert len(world.mailer.taken) == 1
    assert world.state is NoticeState.SENT


# --- the process dies: before the notice is handed over it is sent later, after that never again


def test_a_crash_before_the_server_is_ready_sends_the_notice_later() -> None:
    world = World()
    world.mailer.fail_next("asked", Crash())
    world.a_worker_dies()
    world.a_worker_comes()
    assert (world.state, len(world.mailer.taken)) == (NoticeState.SENT, 1)


def test_a_crash_before_handing_over_was_recorded_sends_the_notice_later() -> None:
    world = World()
    world.ledger.fail_next("commit", Crash())
    world.a_worker_dies()
    world.a_worker_comes()
    assert (world.state, len(world.mailer.taken)) == (NoticeState.SENT, 1)


@pytest.mark.parametrize(
    ("sent", "dies"),
    [
        pytest.param(0, lambda world: world.ledger.fail_next("commit", Crash(), after_effect=True), id="recorded"),
        pytest.param(0, lambda world: world.mailer.fail_next("agreed", Crash()), id="text begun"),
        pytest.param(1, lambda world: world.mailer.fail_next("taken", Crash()), id="text taken"),
        pytest.param(
            1, lambda world: world.ledger.fail_next("commit", Crash(), but=1), id="before it is recorded as sent"
        ),
    ],
)
def test_a_crash_after_handing_over_was_recorded_leaves_the_notice_unknown(sent: int, dies: object) -> None:
    world = World()
    dies(world)
    world.a_worker_dies()
    assert world.state is NoticeState.HANDING_OVER

    world.a_worker_comes(after=PATIENCE - timedelta(seconds=1))  # whoever began it may still be at it
    assert world.state is NoticeState.HANDING_OVER
    world.a_worker_comes(after=timedelta(seconds=1))
    assert (world.state, world.due_at) == (NoticeState.UNKNOWN, None)
    assert len(world.mailer.taken) == sent


def test_a_crash_after_everything_was_recorded_sends_nothing_again() -> None:
    world = World()
    world.ledger.fail_next("commit", Crash(), after_effect=True, but=1)
    world.a_worker_dies()
    world.a_worker_comes(after=timedelta(days=1))
    assert (world.state, len(world.mailer.taken)) == (NoticeState.SENT, 1)


def test_the_timeline_says_which_notice_went_out() -> None:
    world = World()
    world.a_worker_comes()
    [sent] = world.ledger.timeline(world.ref)
    assert (sent.what, sent.who, sent.data) == ("notice_sent", "worker", {"kind": "received"})


def test_a_worker_does_not_send_a_notice_that_another_one_is_sending() -> None:
    world = World()
    world.mailer.meanwhile = world.a_worker_comes
    with pytest.raises(Conflict):
        world.a_worker_comes()
    assert (world.state, len(world.mailer.taken)) == (NoticeState.SENT, 1)
