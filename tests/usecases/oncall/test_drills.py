"""A drill passes through the whole pipeline, names a failed step, cleans up, and survives every crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import FallbackError, Refused, TryAgain
from fallback.domain.oncall.drill import CannotDrill, Drill, DrillOutcome, DrillStep, is_due, last_result
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind
from fallback.domain.outage.mode import Mode
from fallback.usecases.oncall.continue_drill import continue_drill
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import NOW
from tests.usecases.exercise import SECOND, Exercise, an_exercise

AWAY = TryAgain("nobody is there")

LONG = 10_000

EACH_DAY = timedelta(days=1)


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


def test_an_order_that_the_ledger_has_lost_is_the_worst_result() -> None:
    world = an_exercise()
    world.goes_on(lambda: bool(world.drill.ref))
    world.ledger._documents.clear()
    continue_drill(world.container, world.drill)
    assert world.result() == (DrillOutcome.FAILED, "The ledger has lost the drill's order.")


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
        Exercise(fallback_drill_cart={}).begins()


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
        an_exercise(fallback_drill_cart=None)
    world = an_exercise()
    world.settings = {"fallback_drill_cart": None}
    world.restart()
    world.goes_on(lambda: world.drill.outcome is not DrillOutcome.RUNNING)
    assert world.result() == (DrillOutcome.FAILED, "FALLBACK_DRILL_CART is no longer set.")


def test_one_that_is_interrupted_before_its_order_may_have_left_something() -> None:
    world = an_exercise()
    world.switches(Mode.ACTIVE)
    continue_drill(world.container, world.drill)
    assert (world.drill.outcome, world.drill.left) == (DrillOutcome.INTERRUPTED, True)
