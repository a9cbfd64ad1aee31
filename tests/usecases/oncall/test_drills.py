"""A drill passes through the whole pipeline, names a failed step, cleans up, and survives every crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Damaged, FallbackError, Refused, TryAgain
from fallback.domain.oncall.drill import DrillOutcome, DrillStep
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind
from fallback.domain.outage.mode import Mode
from fallback.usecases.oncall.continue_drill import continue_drill
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.exercise import SECOND, Exercise, an_exercise

AWAY = TryAgain("nobody is there")

LONG = 10_000


def test_a_drill_passes_all_steps_and_records_their_times() -> None:
    world = an_exercise()
    world.goes_on()
    assert world.result() == (DrillOutcome.PASSED, "")
    assert [reached.step for reached in world.drill.steps] == list(DrillStep)
    moments = [world.drill.began, *(reached.at for reached in world.drill.steps)]
    assert moments == sorted(moments)
    assert world.order.drill
    assert world.headline is Headline.REFUNDED
    assert world.gateway.captures[world.ref] == 1
    assert world.nothing_is_left()


def test_the_mails_of_a_drill_are_sent_to_us() -> None:
    world = an_exercise()
    world.goes_on()
    assert world.order.customer
    assert world.order.customer.email == "drill@shop.example"
    assert NoticeKind.REFUNDED in world.mails


def test_no_person_is_made_its_owner_also_when_the_shop_will_not_let_it_go() -> None:
    world = an_exercise()
    world.primary.fail_next("cancel", Refused("already_shipped"), times=LONG)
    world.goes_on(lambda: world.drill.outcome is not DrillOutcome.RUNNING)
    assert world.result() == (DrillOutcome.FAILED, "The order was put on hold: already_shipped.")
    world.time_passes(timedelta(days=3))
    world.look()
    assert world.drill.left
    assert world.order.owner == ""
    assert not {"owner_given", "next_word"} & set(world.told)


def test_a_shop_that_cannot_cancel_fails_no_drill_and_says_what_a_person_does() -> None:
    world = an_exercise()
    world.primary.can -= {"cancel"}
    world.goes_on(lambda: world.drill.outcome is not DrillOutcome.RUNNING)
    outcome, why = world.result()
    assert (outcome, world.drill.left, world.primary.calls["cancel"]) == (DrillOutcome.PASSED, True, 0)
    assert why == (
        f"The shop cannot cancel by API: cancel {world.order.placement.number} there, "
        f"then run: fallback orders release {world.ref} by_hand"
    )

    there = world.primary.orders[world.ref]
    world.primary.keep(replace(there, status="cancelled"))
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "ops")
    world.goes_on()
    assert (world.result()[0], world.drill.left) == (DrillOutcome.PASSED, False)
    assert [reached.step for reached in world.drill.steps] == list(DrillStep)
    assert world.nothing_is_left()


# How each step is kept from happening, and what the drill says of it.
Breaks = Callable[[Exercise], None]


def the_front_door_is_away(world: Exercise) -> None:
    world.front_door.fails.extend([AWAY] * LONG)


def the_front_door_refuses(world: Exercise) -> None:
    world.front_door.fails.append(Refused("totals_do_not_add_up", "The prices do not add up."))


def stripe_fails_at(call: str, error: FallbackError = AWAY) -> Breaks:
    return lambda world: world.gateway.fail_next(call, error, times=LONG)


def the_shop_fails_at(call: str, error: Exception = AWAY) -> Breaks:
    return lambda world: world.primary.fail_next(call, error, times=LONG)


def the_card_is_declined(world: Exercise) -> None:
    world.card = "pm_card_visa_chargeDeclinedLostCard"


def it_is_sold_out(world: Exercise) -> None:
    world.primary.stock["BK-1"] = 0


def heal(world: Exercise) -> None:
    world.front_door.fails.clear()
    world.gateway._faults.clear()
    world.primary._faults.clear()


FAILURES: dict[str, tuple[Breaks, tuple[DrillStep, ...], str]] = {
    "front door away": (the_front_door_is_away, (), "Not accepted within 120 s: nobody is there."),
    "front door refuses": (
        the_front_door_refuses,
        (),
        "The order was refused: totals_do_not_add_up (The prices do not add up.).",
    ),
    "stripe away": (
        stripe_fails_at("create"),
        (DrillStep.ACCEPTED,),
        "Not authorized within 120 s: the payment provider gave no answer, and is asked again.",
    ),
    "card declined": (the_card_is_declined, (DrillStep.ACCEPTED,), "The test card was declined: lost_card."),
    "shop away": (
        the_shop_fails_at("rivals"),
        (*DrillStep,)[:2],
        "Not placed within 120 s: the shop gave no answer, and is asked again.",
    ),
    "sold out": (it_is_sold_out, (*DrillStep,)[:2], "The order was put on hold: out_of_stock (BK-1)."),
    "not read back": (
        the_shop_fails_at("read"),
        (*DrillStep,)[:3],
        "Not read back within 120 s: the shop gave no answer, and is asked again.",
    ),
    "not captured": (
        stripe_fails_at("capture"),
        (*DrillStep,)[:4],
        "Not captured within 120 s: the payment provider gave no answer, and is asked again.",
    ),
    "not cancelled": (
        the_shop_fails_at("cancel"),
        (*DrillStep,)[:5],
        "Not cancelled within 120 s: the shop gave no answer, and is asked again.",
    ),
    "not refunded": (
        stripe_fails_at("refund"),
        (*DrillStep,)[:6],
        "Not refunded within 120 s: the payment provider gave no answer, and is asked again.",
    ),
}


@pytest.mark.parametrize(("breaks", "came_to", "says"), FAILURES.values(), ids=FAILURES)
def test_the_step_that_fails_is_named_and_what_was_done_is_undone_once_it_can_be(
    breaks: Breaks, came_to: tuple[DrillStep, ...], says: str
) -> None:
    world = Exercise()
    breaks(world)
    world.begins()
    world.goes_on(lambda: world.drill.outcome is not DrillOutcome.RUNNING)
    assert world.result() == (DrillOutcome.FAILED, says)
    assert tuple(reached.step for reached in world.drill.steps) == came_to
    heal(world)
    world.goes_on()
    assert world.result() == (DrillOutcome.FAILED, says)
    assert world.nothing_is_left()


def test_what_the_shop_says_of_itself_is_the_reason() -> None:
    world = an_exercise()
    the_shop_fails_at("rivals")(world)
    world.goes_on(lambda: world.drill.next is DrillStep.PLACED)
    the_shop_fails_at("health")(world)
    no_worker_runs(world)
    assert world.drill.why == "Not placed within 120 s: nobody is there."


def test_a_drill_that_no_worker_takes_up_says_so() -> None:
    world = an_exercise()
    no_worker_runs(world)
    assert world.drill.why.startswith("Not authorized within 120 s: no worker has come that far;")


def no_worker_runs(world: Exercise) -> None:
    """Until the drill is over."""
    while world.drill.outcome is DrillOutcome.RUNNING:
        continue_drill(world.container, world.drill)
        world.now += SECOND


def test_a_drill_that_waits_says_why_and_forgets_it_when_it_goes_on() -> None:
    world = Exercise()
    world.front_door.fails.append(TryAgain("nobody is there"))
    world.begins()
    world.goes_on(lambda: bool(world.drill.why))
    assert (world.drill.outcome, world.drill.why) == (DrillOutcome.RUNNING, "nobody is there")
    world.goes_on(lambda: bool(world.drill.ref))
    assert world.drill.why == ""


def test_an_order_that_comes_in_after_it_was_given_up_is_undone_too() -> None:
    world = Exercise()
    the_front_door_is_away(world)
    world.begins()
    world.goes_on(lambda: world.drill.outcome is not DrillOutcome.RUNNING)
    heal(world)
    buys = world.container.drill_order
    assert buys
    world.front_door.order(buys.body(world.drill.id, world.drill.began, world.drill.card), world.drill.id)
    world.goes_on()
    assert world.ref
    assert world.nothing_is_left()


def test_a_drill_survives_a_short_disturbance() -> None:
    world = an_exercise()
    world.front_door.fails.extend([AWAY] * 3)
    world.gateway.fail_next("create", AWAY)
    world.primary.fail_next("cancel", AWAY)
    world.goes_on()
    assert world.result() == (DrillOutcome.PASSED, "")


# --- what is no failure of the line


@pytest.mark.parametrize("looks", range(4))
def test_an_outage_interrupts_it_and_what_it_left_is_undone_afterwards(looks: int) -> None:
    world = an_exercise()
    for _ in range(looks):
        world.look()
    world.switches(Mode.ACTIVE)
    world.goes_on(lambda: world.drill.outcome is not DrillOutcome.RUNNING)
    assert world.result() == (DrillOutcome.INTERRUPTED, "The mode is no longer standby.")
    world.switches(Mode.DRAINING)
    world.goes_on()
    assert world.nothing_is_left()


def test_an_order_that_cannot_be_read_fails_it_and_is_undone_once_it_can_be() -> None:
    """Else it would run for good, and no other drill begins while one runs."""
    world = an_exercise()
    world.goes_on(lambda: bool(world.drill.ref))
    world.ledger.fail_next("load", Damaged(world.ref), times=3)
    for _ in range(3):
        continue_drill(world.container, world.drill)
    failed = f"The record of {world.ref} is damaged: fallback ledger verify says how."
    assert world.result() == (DrillOutcome.FAILED, failed)
    assert world.drill.left
    world.goes_on()
    assert world.result() == (DrillOutcome.FAILED, failed)
    assert world.nothing_is_left()


def test_an_order_that_the_ledger_has_lost_is_the_worst_result() -> None:
    world = an_exercise()
    world.goes_on(lambda: bool(world.drill.ref))
    world.ledger._documents.clear()
    continue_drill(world.container, world.drill)
    assert world.result() == (DrillOutcome.FAILED, "The ledger has lost the drill's order.")
