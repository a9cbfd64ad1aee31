"""When a drill begins and when it does not, and what it does without a test key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.oncall.drill import CannotDrill, Drill, DrillOutcome, DrillStep, is_due, last_result
from fallback.domain.outage.mode import Mode
from fallback.usecases.oncall.continue_drill import continue_drill
from tests.builders import NOW
from tests.usecases.exercise import OFF, Exercise, an_exercise

EACH_DAY = timedelta(days=1)


# --- without real parts


def test_without_a_test_key_it_goes_as_far_as_no_money_is_needed_and_says_what_was_left_out() -> None:
    world = an_exercise(stripe_secret_key="rk_live_1")
    world.goes_on()
    assert world.result() == (DrillOutcome.PASSED, "")
    assert [reached.step for reached in world.drill.steps] == [DrillStep.ACCEPTED, DrillStep.CANCELLED]
    assert world.drill.not_exercised == (
        DrillStep.AUTHORIZED,
        DrillStep.PLACED,
        DrillStep.READ_BACK,
        DrillStep.CAPTURED,
        DrillStep.REFUNDED,
    )
    assert not world.gateway.calls


def test_a_live_shop_is_drilled_with_the_key_for_drills_and_customers_pay_with_the_other() -> None:
    world = an_exercise(stripe_secret_key="rk_live_1", fallback_drill_stripe_key="rk_test_1")
    live = world.container.gateway
    world.container.drill_gateway = world.gateway
    world.container.gateway = type(world.gateway)(world.clock)
    world.goes_on()
    assert world.result() == (DrillOutcome.PASSED, "")
    assert world.gateway.captures[world.ref] == 1
    assert not world.container.gateway.calls
    assert live is world.gateway


def test_nothing_is_begun_where_nobody_said_what_to_buy() -> None:
    with pytest.raises(CannotDrill, match="FALLBACK_DRILL_CART"):
        Exercise(drills=OFF).begins()


def test_nothing_is_begun_during_an_outage() -> None:
    world = Exercise()
    world.switches(Mode.DRAINING)
    with pytest.raises(CannotDrill, match="draining"):
        world.begins()


# --- when the next is due


def a_drill(outcome: DrillOutcome, hours_ago: int) -> Drill:
    began = NOW - timedelta(hours=hours_ago)
    return Drill(id=f"drill-{hours_ago}", began=began, who="clock", outcome=outcome)


def test_the_first_is_due_at_once_and_the_next_a_day_later() -> None:
    assert is_due([], EACH_DAY, NOW)
    assert not is_due([a_drill(DrillOutcome.FAILED, 23)], EACH_DAY, NOW)
    assert is_due([a_drill(DrillOutcome.FAILED, 24)], EACH_DAY, NOW)


def test_none_is_due_while_one_runs_and_an_interrupted_one_is_made_up_for() -> None:
    assert not is_due([a_drill(DrillOutcome.RUNNING, 30)], EACH_DAY, NOW)
    assert is_due([a_drill(DrillOutcome.INTERRUPTED, 1), a_drill(DrillOutcome.PASSED, 25)], EACH_DAY, NOW)
    assert not is_due([a_drill(DrillOutcome.INTERRUPTED, 1), a_drill(DrillOutcome.PASSED, 20)], EACH_DAY, NOW)


def test_the_last_result_is_of_the_newest_that_says_something() -> None:
    failed, passed = a_drill(DrillOutcome.FAILED, 2), a_drill(DrillOutcome.PASSED, 24)
    assert (
        last_result([a_drill(DrillOutcome.RUNNING, 0), a_drill(DrillOutcome.INTERRUPTED, 1), failed, passed]) == failed
    )
    assert last_result([]) is None


def test_what_is_not_set_is_named_with_what_to_say_there() -> None:
    with pytest.raises(CannotDrill, match=r"^FALLBACK_DRILL_CART is not set\. Set it to the items"):
        an_exercise(drills=OFF)
    world = an_exercise()
    world.settings = {"drills": OFF}
    world.restart()
    world.goes_on(lambda: world.drill.outcome is not DrillOutcome.RUNNING)
    assert world.result() == (DrillOutcome.FAILED, "FALLBACK_DRILL_CART is no longer set.")


def test_one_that_is_interrupted_before_its_order_may_have_left_something() -> None:
    world = an_exercise()
    world.switches(Mode.ACTIVE)
    continue_drill(world.container, world.drill)
    assert (world.drill.outcome, world.drill.left) == (DrillOutcome.INTERRUPTED, True)
