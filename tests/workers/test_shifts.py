"""A shift takes due orders, keeps them apart, and leaves threads to the others."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Thread

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import Conflict, OutcomeUnknown
from fallback.domain.order.next_step import Step
from fallback.domain.order.order import Payment, PaymentState, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.usecases.order.cancel_order import cancel_order
from tests.builders import NOW
from tests.demo.waiting import eventually
from tests.workers.conftest import World
from tests.workers.one_shift import RECEIVED, Gate, a_shift_at_work, paid_order, with_card
from workers import shifts
from workers.shifts import LEASE, TRIES_AFTER_CONFLICT, WORK

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


def test_an_order_that_is_due_by_redis_clock_and_a_moment_later_by_ours_is_not_left_to_its_lease(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    [order] = world.orders(1, **with_card(world))
    behind = 0.02

    def sleep(seconds: float) -> None:
        nonlocal behind
        behind -= seconds

    monkeypatch.setattr(time, "sleep", sleep)
    world.container.clock = lambda: world.now - timedelta(seconds=behind)
    world.shift(Queue.PAYMENT)
    assert world.now_of(order).payment.state is PaymentState.AUTHORIZED


def test_an_order_that_is_due_much_later_by_our_clock_is_named_in_the_log(world: World) -> None:
    [order] = world.orders(1, **with_card(world))
    world.container.clock = lambda: world.now - timedelta(seconds=90)
    with capture_logs() as logs:
        world.shift(Queue.PAYMENT)
    assert logs == [
        {
            "event": "due_later_by_our_clock",
            "log_level": "warning",
            "ref": order.ref,
            "queue": Queue.PAYMENT,
            "step": Step.AUTHORIZE,
            "due_at": NOW.isoformat(),
            "seconds": 90,
        }
    ]
    assert world.now_of(order) == order


def test_of_many_threads_none_waits_for_the_ledger_as_few_orders_are_claimed_ahead() -> None:
    world = World(fallback_shift_threads=16)
    world.orders(20, notices=RECEIVED)
    gate = Gate()
    world.instead_of("send_notice", gate)
    with a_shift_at_work(world, Queue.NOTICE):
        eventually(lambda: gate.inside == 16)
        assert world.due(Queue.NOTICE) == 2
        gate.open()
    assert len(gate.passed) == 20
    world.patches.undo()


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
