from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import Conflict, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.lifecycle import Step
from fallback.domain.order.order import Notice, NoticeKind, Order, Payment, PaymentState, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.pace import NOTHING, REST, Heard
from fallback.usecases.order.cancel_order import cancel_order
from tests.builders import NOW
from tests.demo.waiting import eventually
from tests.fakes.pace import a_rule
from tests.workers.conftest import World
from workers import shifts
from workers.shifts import LEASE, TRIES_AFTER_CONFLICT, WORK

RECEIVED = (Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW),)


def with_card(world: World) -> dict[str, Any]:
    return {
        "payment": Payment(amount=3093, state=PaymentState.PENDING, token=world.gateway.token(), cards=1),
        "notices": (),
    }


def paid_order(world: World) -> Order:
    """Authorized at Stripe, waiting for the primary."""
    [order] = world.orders(1, **with_card(world))
    world.shift(Queue.PAYMENT)
    return world.now_of(order)


class Gate:
    """A step that waits until the test lets it go, and counts how many are in it."""

    def __init__(self) -> None:
        self.inside = 0
        self.passed: list[str] = []
        self._open = Event()
        self._lock = Lock()

    def __call__(self, ref: str) -> None:
        with self._lock:
            self.inside += 1
        assert self._open.wait(10)
        with self._lock:
            self.inside -= 1
            self.passed.append(ref)

    def open(self) -> None:
        self._open.set()


@contextmanager
def a_shift_at_work(world: World, queue: Queue) -> Iterator[Thread]:
    thread = Thread(target=world.shift, args=(queue,))
    thread.start()
    yield thread
    thread.join(10)
    assert not thread.is_alive()


# --- taking


def test_a_shift_takes_due_orders_until_none_is_left(world: World) -> None:
    orders = [world.orders(1, **with_card(world))[0] for _ in range(25)]
    world.shift(Queue.PAYMENT)
    assert {world.now_of(order).payment.state for order in orders} == {PaymentState.AUTHORIZED}
    assert world.due(Queue.PAYMENT) == 0


def test_what_a_step_leaves_due_is_taken_further_by_the_same_shift(world: World) -> None:
    [order] = world.orders(1, **with_card(world))
    world.gateway.fail_next("create", OutcomeUnknown("line lost"), after_effect=True)
    world.shift(Queue.PAYMENT)
    assert world.now_of(order).payment.state is PaymentState.UNKNOWN
    world.later(timedelta(minutes=1))
    world.shift(Queue.PAYMENT)  # the same call again tells what became of it, and it goes on from there
    assert world.now_of(order).payment.state is PaymentState.AUTHORIZED
    assert (world.gateway.calls["create"], len(world.gateway.intents)) == (2, 1)


def test_an_order_that_is_paid_is_placed_verified_and_captured_in_one_shift(world: World) -> None:
    order = paid_order(world)
    world.shift(Queue.PLACEMENT)
    assert world.now_of(order).placement.state is PlacementState.VERIFIED
    assert world.now_of(order).payment.state is PaymentState.CAPTURED


def test_notices_go_out(world: World) -> None:
    orders = world.orders(3, notices=RECEIVED)
    world.shift(Queue.NOTICE)
    assert sorted(ref for ref, _ in world.mailer.taken) == sorted(order.ref for order in orders)


def test_no_more_orders_are_taken_than_threads_can_begin(world: World) -> None:
    world.orders(10, notices=RECEIVED)
    gate = Gate()
    world.instead_of("send_notice", gate)
    with a_shift_at_work(world, Queue.NOTICE):
        eventually(lambda: gate.inside == 4)
        assert world.due(Queue.NOTICE) == 6  # another worker can have them
        gate.open()
    assert len(gate.passed) == 10


def test_an_order_that_comes_in_does_not_wait_for_a_slow_one(world: World) -> None:
    [slow] = world.orders(1, notices=RECEIVED)
    gate = Gate()
    done: list[str] = []
    world.instead_of("send_notice", lambda ref: gate(ref) if ref == slow.ref else done.append(ref))
    with a_shift_at_work(world, Queue.NOTICE):
        eventually(lambda: gate.inside == 1)
        [quick] = world.orders(1, notices=RECEIVED)
        eventually(lambda: done == [quick.ref])
        gate.open()


def test_the_minute_ends_a_shift(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shifts, "MINUTE", 0.0)
    world.orders(1, notices=RECEIVED)
    world.shift(Queue.NOTICE)
    assert world.due(Queue.NOTICE) == 1


def test_a_stop_finishes_what_is_in_flight_and_takes_no_more(world: World) -> None:
    world.orders(10, notices=RECEIVED)
    gate = Gate()
    world.instead_of("send_notice", gate)
    with a_shift_at_work(world, Queue.NOTICE):
        eventually(lambda: gate.inside == 4)
        world.stop.asked = True
        gate.open()
    assert len(gate.passed) == 4
    assert world.due(Queue.NOTICE) == 6


# --- keeping orders apart


def test_an_order_that_fails_does_not_stop_the_others_and_is_told_of(world: World) -> None:
    orders = world.orders(6, notices=RECEIVED)
    done: list[str] = []

    def step(ref: str) -> None:
        if ref == orders[2].ref:
            raise ZeroDivisionError
        done.append(ref)

    world.instead_of("send_notice", step)
    with capture_logs() as logs:
        world.shift(Queue.NOTICE)
    assert len(done) == 5
    [told] = logs
    assert (told["event"], told["ref"], type(told["exc_info"])) == ("step_failed", orders[2].ref, ZeroDivisionError)


def test_an_order_that_failed_comes_due_again_by_its_lease(world: World) -> None:
    [order] = world.orders(1, notices=RECEIVED)
    world.mailer.fail_next("asked", ZeroDivisionError())
    world.shift(Queue.NOTICE)
    assert world.ledger.due[Queue.NOTICE][order.ref] == NOW + LEASE
    world.later(LEASE)
    world.shift(Queue.NOTICE)
    assert len(world.mailer.taken) == 1


def test_what_a_dead_worker_took_comes_due_again(world: World) -> None:
    [order] = world.orders(1, notices=RECEIVED)
    assert world.ledger.claim_due(Queue.NOTICE, LEASE, 1) == [order.ref]  # and then it died
    world.shift(Queue.NOTICE)
    assert world.mailer.taken == []
    world.later(LEASE)
    world.shift(Queue.NOTICE)
    assert len(world.mailer.taken) == 1


def test_a_lease_outlives_every_call() -> None:
    assert LEASE > PATIENCE


def test_when_somebody_else_was_first_it_tries_again_at_once(world: World) -> None:
    [order] = world.orders(1, notices=RECEIVED)
    world.mailer.fail_next("asked", Conflict(order.ref))
    world.shift(Queue.NOTICE)
    assert len(world.mailer.taken) == 1


def test_when_somebody_else_is_first_again_and_again_the_lease_is_soon_enough(world: World) -> None:
    [order] = world.orders(1, notices=RECEIVED)
    for _ in range(TRIES_AFTER_CONFLICT):
        world.mailer.fail_next("asked", Conflict(order.ref))
    world.shift(Queue.NOTICE)
    assert world.mailer.taken == []
    assert world.ledger.due[Queue.NOTICE][order.ref] == NOW + LEASE


def test_when_somebody_else_did_it_nothing_is_left_to_do(world: World) -> None:
    [order] = world.orders(1, **with_card(world))

    def step(ref: str) -> None:
        cancel_order(world.container, ref, "customer")
        raise Conflict(ref)

    world.instead_of("authorize_payment", step)
    world.shift(Queue.PAYMENT)
    assert world.now_of(order).payment.state is PaymentState.VOIDED
    assert world.due(Queue.PAYMENT) == 0


# --- the other side


def test_while_the_mode_is_active_nothing_is_handed_over(world: World) -> None:
    order = paid_order(world)
    world.switch(Mode.ACTIVE)
    world.shift(Queue.PLACEMENT)
    assert world.primary.calls.total() == 0
    assert world.now_of(order) == order
    assert world.due(Queue.PLACEMENT) == 1


@pytest.mark.parametrize("mode", [Mode.DRAINING, Mode.STANDBY])
def test_in_every_other_mode_orders_are_handed_over(world: World, mode: Mode) -> None:
    order = paid_order(world)
    world.switch(mode)
    world.shift(Queue.PLACEMENT)
    assert world.primary.orders[order.ref].status == "placed"


def test_a_switch_to_active_ends_the_shift(world: World) -> None:
    world.orders(8)
    gate = Gate()
    world.instead_of("reconcile_order", lambda ref, health: gate(ref))
    with a_shift_at_work(world, Queue.PLACEMENT):
        eventually(lambda: gate.inside == 4)
        world.switch(Mode.ACTIVE)
        gate.open()
    assert len(gate.passed) == 4


@pytest.mark.parametrize("error", [TryAgain("down"), OutcomeUnknown("no answer"), Refused("unauthorized")])
def test_while_the_primary_is_down_no_order_is_touched(world: World, error: Exception) -> None:
    order = paid_order(world)
    world.primary.fail_next("health", error)
    with capture_logs() as logs:
        world.shift(Queue.PLACEMENT)
    assert world.primary.calls == {"health": 1}
    assert world.now_of(order) == order
    assert world.due(Queue.PLACEMENT) == 1
    assert [told["event"] for told in logs] == ["shift_ended_early"]


def test_a_primary_that_goes_away_ends_the_shift(world: World) -> None:
    world.orders(8)

    def step(ref: str, health: object) -> None:
        world.primary.available = False

    world.instead_of("reconcile_order", step)
    world.shift(Queue.PLACEMENT)
    assert world.due(Queue.PLACEMENT) >= 4


def test_while_stripe_rests_no_payment_is_taken(world: World) -> None:
    world.orders(1, **with_card(world))
    world.gateway.available = False
    world.shift(Queue.PAYMENT)
    assert world.gateway.calls.total() == 0
    assert world.due(Queue.PAYMENT) == 1


def test_a_ledger_that_is_away_ends_the_shift(world: World) -> None:
    world.orders(1, notices=RECEIVED)
    world.ledger.fail_next("claim_due", TryAgain("away"))
    with capture_logs() as logs:
        world.shift(Queue.NOTICE)
    assert [told["event"] for told in logs] == ["shift_ended_early"]
    world.shift(Queue.NOTICE)
    assert len(world.mailer.taken) == 1


# --- the pace


def test_orders_are_handed_over_at_the_pace_of_the_on_call_engineer(world: World) -> None:
    world.pace.decide(a_rule(20, ramp=False))
    began: list[float] = []
    world.instead_of("reconcile_order", lambda ref, health: began.append(monotonic()))
    world.orders(6)
    world.shift(Queue.PLACEMENT)
    assert len(began) == 6
    assert began[-1] - began[0] >= 5 / 20 - 0.05


def test_while_the_drain_is_paused_nothing_is_handed_over(world: World) -> None:
    world.pace.decide(a_rule(20, paused=True))
    world.orders(2)
    world.shift(Queue.PLACEMENT)
    assert world.primary.calls == {"health": 1}
    assert world.due(Queue.PLACEMENT) == 2


def all_heard(world: World) -> Heard:
    return sum(world.pace.heard, NOTHING)


def test_what_the_primary_answers_is_told_to_the_ramp(world: World) -> None:
    paid_order(world)
    world.primary.fail_next("place", TryAgain("busy"))
    world.shift(Queue.PLACEMENT)
    heard = all_heard(world)
    assert (heard.calls, heard.errors, heard.finished, heard.down) == (2, 1, 1, False)
    assert heard.unused > 0


def test_that_stripe_takes_no_more_captures_is_told_to_the_ramp(world: World) -> None:
    paid_order(world)
    world.gateway.fail_next("capture", TryAgain("429"))
    world.shift(Queue.PLACEMENT)
    assert all_heard(world).errors == 1


def test_that_the_primary_is_down_is_told_to_all_workers(world: World) -> None:
    world.orders(1)
    world.primary.fail_next("health", TryAgain("down"))
    with capture_logs():
        world.shift(Queue.PLACEMENT)
    assert all_heard(world) == Heard(down=True)


def test_after_an_outage_one_order_goes_before_the_others(world: World) -> None:
    world.pace.take(0, Heard(down=True))
    world.pace.ahead += REST
    gate = Gate()
    world.instead_of("reconcile_order", lambda ref, health: gate(ref))
    world.orders(3)
    with a_shift_at_work(world, Queue.PLACEMENT):
        eventually(lambda: gate.inside == 1)
        asked = len(world.pace.heard)
        eventually(lambda: len(world.pace.heard) > asked + 3)
        assert gate.inside == 1
        gate.open()
    assert len(gate.passed) == 3


# --- the tables


def test_every_queue_has_a_duty_and_every_step_stands_in_one(world: World) -> None:
    assert set(WORK) == set(Queue)
    duties = [WORK[queue](world.container) for queue in Queue]
    assert sorted(step for duty in duties if duty for step in duty.steps) == sorted(Step)


def test_orders_that_take_long_leave_threads_to_the_others(world: World) -> None:
    """A quarter of them looks for intents that were lost; the rest of these orders waits for its lease."""
    lost = Payment(amount=3093, state=PaymentState.UNKNOWN, token="t", cards=1, asked_at=NOW, search_after="pi_1")
    world.orders(20, payment=lost, notices=())
    gate = Gate()
    world.instead_of("follow_payment", gate)
    shift = Thread(target=world.shift, args=(Queue.PAYMENT,))
    shift.start()
    try:
        eventually(lambda: gate.inside == 1)
        well = [order for _ in range(8) for order in world.orders(1, **with_card(world))]
        eventually(lambda: all(world.now_of(order).payment.state is PaymentState.AUTHORIZED for order in well))
        assert gate.inside == 1
    finally:
        gate.open()
        shift.join()
