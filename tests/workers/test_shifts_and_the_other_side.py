"""A shift stops where the primary or Stripe does not take work, and follows the pace."""

from __future__ import annotations

from time import monotonic

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import OutcomeUnknown, RateLimited, Refused, TryAgain
from fallback.domain.order.order import Queue
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.pace import NOTHING, REST, Heard
from tests.demo.waiting import eventually
from tests.fakes.pace import a_rule
from tests.workers.conftest import World
from tests.workers.one_shift import RECEIVED, Gate, a_shift_at_work, paid_order, with_card

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


def test_a_primary_that_limits_calls_is_not_down_and_its_time_is_kept(world: World) -> None:
    paid_order(world)
    world.primary.fail_next("health", RateLimited("429", 7))
    world.shift(Queue.PLACEMENT)
    assert world.pace.heard == [Heard(rest=7)]
    assert world.pace.take(1).orders == 0

    world.pace.ahead += 7
    world.shift(Queue.PLACEMENT)
    assert len(world.primary.orders) == 1


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
