"""A drill advances one step with each look at its order; its result and its cleanup are described in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.oncall import drill as drills
from fallback.domain.oncall.drill import NO_STANDBY, STEP_TAKES, Drill, DrillOutcome, DrillStep, Reached
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Decline, Event, Order, PaymentState, Placement, PlacementState
from tests.builders import NOW, a_hold, a_payment, an_order

P, S = PaymentState, PlacementState
RUNNING = Drill(id="drill-1", began=NOW, who="clock")
LATER = NOW + timedelta(minutes=1)
SETTLED = an_order(payment=a_payment(P.CAPTURED), placement=S.VERIFIED)
UNDONE = an_order(payment=a_payment(P.REFUNDED), placement=S.CANCELLED)
WAY = ("received", "authorized", "placed", "verified", "captured", "cancelled", "refunded")


def lines(count: int) -> list[Event]:
    """So many steps of the whole way, and what is none."""
    return [Event(NOW, "noted", "Ann"), *(Event(NOW, what, "worker") for what in WAY[:count])]


def so_far(count: int, **changes: Any) -> Drill:
    return replace(RUNNING, steps=tuple(Reached(step, NOW) for step in tuple(DrillStep)[:count]), **changes)


def looked(order: Order, count: int, standby: bool = True, drill: Drill = RUNNING, now: Any = LATER) -> Drill:
    return drills.looked_at(drill, order, lines(count), standby, now)


def test_each_drill_has_an_id_that_nobody_guesses() -> None:
    one, another = (drills.begin("Ada", False, NOW) for _ in range(2))
    assert one == Drill(id=one.id, began=NOW, who="Ada", paid=False)
    assert (len(one.id), one.id != another.id) == (len("drill-") + 16, True)


def test_a_running_drill_has_reached_the_steps_of_its_order() -> None:
    assert looked(an_order(), 2) == so_far(2)


def test_a_drill_passes_once_its_order_is_cancelled_and_refunded() -> None:
    assert looked(UNDONE, 7) == so_far(7, outcome=DrillOutcome.PASSED, ended=LATER)
    assert looked(SETTLED, 7).outcome is DrillOutcome.RUNNING


def test_an_order_that_ends_before_its_time_or_waits_for_a_person_fails_it() -> None:
    assert looked(UNDONE, 3) == so_far(
        3, outcome=DrillOutcome.FAILED, ended=LATER, why="The order ended early as refunded."
    )
    held = an_order(holds=(a_hold(HoldCode.MISMATCH), a_hold(HoldCode.POISON)))
    why = "The order was put on hold: mismatch, poison."
    assert looked(held, 3) == so_far(3, outcome=DrillOutcome.FAILED, ended=LATER, why=why, left=True)


@pytest.mark.parametrize(
    ("decline", "why"),
    [
        (Decline("card_declined", "customer"), "The test card was declined: card_declined."),
        (None, "The test card was declined: the bank asks for the customer."),
    ],
)
def test_a_test_card_that_is_not_taken_fails_it(decline: Decline | None, why: str) -> None:
    order = an_order(payment=a_payment(P.ACTION_REQUIRED, decline=decline))
    assert looked(order, 1).why == why


def test_what_the_shop_cannot_cancel_a_person_cancels_there() -> None:
    order = an_order(ref="FB-1", holds=(a_hold(HoldCode.BY_HAND),), placement=S.PLACED)
    what = "The shop cannot cancel by API: cancel 100001 there, then run: fallback orders release FB-1 by_hand"
    assert looked(order, 5) == so_far(5, outcome=DrillOutcome.PASSED, ended=LATER, why=what, left=True)
    assert looked(order, 4).outcome is DrillOutcome.FAILED


def test_an_outage_interrupts_it() -> None:
    interrupted = {"outcome": DrillOutcome.INTERRUPTED, "ended": LATER, "why": NO_STANDBY}
    assert looked(an_order(), 2, standby=False) == so_far(2, **interrupted, left=True)
    assert looked(UNDONE, 2, standby=False) == so_far(2, **interrupted)
    assert looked(UNDONE, 7, standby=False).outcome is DrillOutcome.PASSED


def test_after_its_end_only_what_it_left_is_looked_after() -> None:
    failed = so_far(3, outcome=DrillOutcome.FAILED, ended=NOW, why="Late.", left=True)
    assert looked(an_order(), 4, drill=failed) == replace(failed, steps=so_far(4).steps)
    assert looked(UNDONE, 5, drill=failed) == replace(failed, steps=so_far(5).steps, left=False)


def test_a_step_of_a_drill_is_late_after_its_time_limit() -> None:
    assert not drills.is_late(RUNNING, NOW + STEP_TAKES)
    late = NOW + STEP_TAKES + timedelta(seconds=1)
    assert drills.is_late(RUNNING, late)
    on_time = replace(RUNNING, steps=(Reached(DrillStep.ACCEPTED, NOW + timedelta(seconds=1)),))
    assert not drills.is_late(on_time, late)
    assert not drills.is_late(replace(RUNNING, outcome=DrillOutcome.PASSED), late)
    given_up = looked(an_order(), 3, now=late)
    why = "Not read back within 120 s: no worker has come that far; `fallback doctor` says whether one runs."
    assert given_up == so_far(3, outcome=DrillOutcome.FAILED, ended=late, why=why, left=True)
    due_now = an_order(placement=Placement(due_at=late))
    assert looked(due_now, 3, now=late) == given_up


def test_an_abandoned_drill_names_the_step_and_the_last_response() -> None:
    given_up = drills.given_up(RUNNING, NOW, "no answer")
    assert given_up == replace(
        RUNNING, outcome=DrillOutcome.FAILED, ended=NOW, why="Not accepted within 120 s: no answer."
    )
    assert drills.given_up(so_far(7), NOW).why == "Not refunded within 120 s."


def test_an_order_that_was_sent_is_expected_for_as_long_as_a_step_takes() -> None:
    over = replace(RUNNING, ended=NOW)
    second = timedelta(seconds=1)
    assert drills.expecting(over, NOW + STEP_TAKES - second) == replace(over, left=True)
    assert drills.expecting(over, NOW + STEP_TAKES) == over
    assert drills.expecting(RUNNING, NOW) == RUNNING


@pytest.mark.parametrize(
    ("drill", "order", "is_to_be"),
    [
        (so_far(5), SETTLED, True),
        (so_far(7), SETTLED, True),
        (so_far(4), SETTLED, False),
        (so_far(4, outcome=DrillOutcome.FAILED), SETTLED, True),
        (so_far(5), replace(SETTLED, cancel_asked=True), False),
        (so_far(5), an_order(placement=S.CANCELLED), False),
        (so_far(5), an_order(payment=a_payment(P.REFUNDED)), False),
    ],
)
def test_a_drill_order_is_cancelled_once_in_every_state(drill: Drill, order: Order, is_to_be: bool) -> None:
    assert drills.to_be_cancelled(drill, order) is is_to_be


def test_the_next_drill_is_due_after_its_time_and_not_beside_another() -> None:
    day = timedelta(days=1)
    passed = replace(RUNNING, outcome=DrillOutcome.PASSED)
    interrupted = replace(RUNNING, began=LATER, outcome=DrillOutcome.INTERRUPTED)
    assert drills.is_due([], day, NOW)
    assert drills.is_due([interrupted, passed], day, NOW + day)
    assert not drills.is_due([passed], day, NOW + day - timedelta(seconds=1))
    assert not drills.is_due([passed, replace(RUNNING, began=NOW - 2 * day)], day, NOW + day)
    assert drills.last_result([RUNNING, interrupted, passed]) == passed
    assert drills.last_result([RUNNING, interrupted]) is None
