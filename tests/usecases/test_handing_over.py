"""From an authorization to an order in the primary, once, and the money captured, once: reconcile_order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import Headline
from fallback.domain.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.ports import CartAlreadyOrdered, Duplicates, IntentState
from fallback.domain.retries import POISON_AFTER
from tests.fakes.gateway import VISA
from tests.usecases.world import TOTAL, Crash, World

EFFECT = pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])
KINDS = pytest.mark.parametrize("duplicates", Duplicates)


def an_authorized_order(duplicates: Duplicates = Duplicates.ENFORCED, maybe_taken: bool = False) -> World:
    world = World(duplicates)
    world.a_customer_orders(VISA, maybe_taken=maybe_taken)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    assert world.headline is Headline.WAITING
    return world


def released(world: World, *codes: HoldCode) -> World:
    """A person lets it go on, as often as it stops for one of these."""
    for _ in range(3):
        world.time_passes(timedelta(minutes=5))
        for code in codes:
            world.container.release_hold(world.ref, code, "Ann")
    world.time_passes()
    return world


def test_an_order_is_placed_read_back_captured_and_told_once() -> None:
    world = an_authorized_order()
    world.time_passes()
    assert world.is_settled()
    assert world.told == ["received", "authorized", "placed", "verified", "captured"]
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PLACED]
    assert world.primary.calls["place"] == world.gateway.calls["capture"] == 1
    assert world.ledger.due == {queue: {} for queue in Queue}


def test_an_unpaid_order_is_not_placed() -> None:
    world = World()
    world.a_customer_orders(None)
    world.time_passes()
    assert world.orders_there == 0
    assert world.headline is Headline.PAYMENT_NEEDED


# --- answers lost, primary away


@EFFECT
def test_a_lost_answer_to_place_is_looked_for_before_it_is_sent_again(after_effect: bool) -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", OutcomeUnknown("lost"), after_effect)
    world.shifts_work(Queue.PLACEMENT)
    assert world.headline is Headline.CHECKING
    world.time_passes()
    assert world.is_settled()
    assert world.primary.calls["place"] == (1 if after_effect else 2)


@EFFECT
@pytest.mark.parametrize("duplicates", [Duplicates.KEYED, Duplicates.SEARCH])
def test_a_primary_that_does_not_enforce_has_it_once_too(duplicates: Duplicates, after_effect: bool) -> None:
    world = an_authorized_order(duplicates)
    world.primary.fail_next("place", OutcomeUnknown("lost"), after_effect)
    world.time_passes()
    assert world.is_settled()
    assert world.primary.doubles == []


def test_an_order_that_came_there_late_is_found_among_the_rivals() -> None:
    world = an_authorized_order(Duplicates.SEARCH)
    world.primary.fail_next("place", OutcomeUnknown("lost"), after_effect=True)
    world.shifts_work(Queue.PLACEMENT)
    late = world.primary.orders.pop(world.ref)
    world.primary.fail_next("rivals", TryAgain("busy"))
    world.time_passes(timedelta(seconds=4), Queue.PLACEMENT)  # not found, so it would be sent again
    assert world.order.placement.state is PlacementState.HELD
    world.primary.keep(late)
    world.time_passes()
    assert world.is_settled()
    assert world.primary.calls["place"] == 1


@pytest.mark.parametrize("call", ["place", "read", "find"])
def test_a_primary_that_is_away_is_waited_for_without_poison(call: str) -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", OutcomeUnknown("lost"))
    world.primary.fail_next(call, TryAgain("503", after=30), times=3 * POISON_AFTER)
    world.time_passes()
    assert world.is_settled()


def test_a_retry_after_is_honoured() -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", TryAgain("503", after=120))
    world.time_passes(timedelta(seconds=119))
    assert world.primary.calls["place"] == 1
    world.time_passes(timedelta(seconds=20))
    assert world.is_settled()


def test_an_order_that_is_never_answered_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", OutcomeUnknown("lost"), times=1_000)
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.POISON])
    assert world.primary.calls["place"] == POISON_AFTER
    world.primary._faults["place"].clear()
    assert released(world, HoldCode.POISON).is_settled()


def test_an_order_that_kills_whoever_places_it_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", Crash(), times=1_000)
    deaths = 0
    for _ in range(10 * POISON_AFTER):
        try:
            world.time_passes(timedelta(minutes=1))
        except Crash:
            deaths += 1
            world.restart()
    assert (world.holds, deaths) == ([HoldCode.POISON], POISON_AFTER)


# --- conflicts that a person settles with the customer


def test_a_changed_price_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.prices["BK-1"] = 1499
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.PRICE_CHANGED])
    assert (world.order.holds[0].detail, world.captured) == ("BK-1", 0)
    world.primary.prices.clear()
    assert released(world, HoldCode.PRICE_CHANGED).is_settled()


def test_goods_that_are_gone_wait_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.stock["BK-1"] = 1
    world.time_passes()
    assert (world.headline, world.holds, world.captured) == (Headline.ON_HOLD, [HoldCode.OUT_OF_STOCK], 0)


@pytest.mark.parametrize("call", ["place", "find", "read"])
def test_a_refusal_in_the_primarys_own_words_waits_for_a_person(call: str) -> None:
    world = an_authorized_order()
    if call == "find":
        world.primary.fail_next("place", OutcomeUnknown("lost"))
    world.primary.fail_next(call, Refused("closed_account", "No."))
    world.time_passes()
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.PRIMARY_REFUSED], "closed_account: No.")
    assert released(world, HoldCode.PRIMARY_REFUSED).is_settled()


@pytest.mark.parametrize(
    "wrong",
    [{"total": TOTAL - 1}, {"lines": ()}, {"currency": "USD"}, {"cart_id": "other"}, {"status": "cancelled"}],
    ids=repr,
)
def test_an_order_that_reads_back_otherwise_is_never_captured(wrong: dict[str, object]) -> None:
    world = an_authorized_order()
    world.primary.fail_next("read", TryAgain("busy"))
    world.shifts_work(Queue.PLACEMENT)
    right = world.primary.orders[world.ref]
    world.primary.orders[world.ref] = replace(right, **wrong)
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.MISMATCH])
    assert world.gateway.calls["capture"] == 0
    world.primary.orders[world.ref] = right  # amended there
    assert released(world, HoldCode.MISMATCH).is_settled()


def test_an_order_that_is_still_wrong_after_the_release_is_held_again() -> None:
    world = an_authorized_order()
    world.primary.fail_next("read", TryAgain("busy"))
    world.shifts_work(Queue.PLACEMENT)
    world.primary.orders[world.ref] = replace(world.primary.orders[world.ref], total=1)
    world = released(world, HoldCode.MISMATCH)
    assert (world.holds, world.captured) == ([HoldCode.MISMATCH], 0)


def test_a_primary_that_has_lost_the_order_has_regressed() -> None:
    world = an_authorized_order()
    world.primary.fail_next("read", TryAgain("busy"))
    world.shifts_work(Queue.PLACEMENT)
    world.primary.orders.clear()
    world.time_passes()
    assert (world.headline, world.holds, world.captured) == (Headline.ON_HOLD, [HoldCode.PRIMARY_REGRESSED], 0)


def test_releasing_a_hold_that_is_not_there_changes_nothing() -> None:
    world = an_authorized_order()
    before = world.order
    world.container.release_hold(world.ref, HoldCode.MISMATCH, "Ann")
    assert world.order == before


# --- rivals


@KINDS
@pytest.mark.parametrize("maybe_taken", [False, True])
def test_a_purchase_that_the_primary_has_is_merged_released_and_told(duplicates: Duplicates, maybe_taken: bool) -> None:
    world = an_authorized_order(duplicates, maybe_taken)
    world.a_rival()
    world.time_passes()
    assert world.headline is Headline.MERGED
    assert (world.order.placement.number, world.orders_there) == ("100077", 1)
    assert (world.authorized, world.captured) == (0, 0)
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.MERGED]


@pytest.mark.parametrize("duplicates", [Duplicates.ENFORCED, Duplicates.KEYED, Duplicates.SEARCH])
def test_a_rival_that_was_cancelled_is_none(duplicates: Duplicates) -> None:
    world = an_authorized_order(duplicates, maybe_taken=True)
    world.a_rival(status="cancelled")
    world.time_passes()
    assert world.is_settled()


def test_a_primary_that_names_a_cancelled_order_as_rival_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.a_rival(status="cancelled")
    rival = world.primary.orders["100077"]
    world.primary.fail_next("place", CartAlreadyOrdered(rival))
    world.time_passes()
    assert world.holds == [HoldCode.PRIMARY_REFUSED]
    assert world.order.placement.state is PlacementState.HELD


def test_an_order_of_another_cart_is_no_rival() -> None:
    world = an_authorized_order(Duplicates.SEARCH)
    world.a_rival(cart_id="basket-2")
    world.time_passes()
    assert world.is_settled()


# --- a primary that cannot refuse duplicates


def test_each_order_for_an_unguarded_primary_is_released_by_a_person() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    assert (world.holds, world.orders_there) == ([HoldCode.DUPLICATES_UNGUARDED], 0)
    world.container.release_hold(world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert world.is_settled()


def test_a_release_is_good_for_one_try_whose_answer_was_lost() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    world.primary.fail_next("place", OutcomeUnknown("lost"))
    world.container.release_hold(world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert (world.holds, world.primary.calls["place"]) == ([HoldCode.DUPLICATES_UNGUARDED], 1)
    assert released(world, HoldCode.DUPLICATES_UNGUARDED).is_settled()


def test_a_release_outlives_a_primary_that_is_away() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    world.primary.fail_next("place", TryAgain("503"), times=3)
    world.container.release_hold(world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert world.is_settled()


# --- the capture


@EFFECT
def test_a_lost_answer_to_the_capture_is_unknown_and_then_found_out(after_effect: bool) -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", OutcomeUnknown("lost"), after_effect)
    world.shifts_work(Queue.PLACEMENT)
    assert world.headline is Headline.CHECKING
    world.time_passes()
    assert world.is_settled()
    assert world.gateway.captures[world.ref] == 1
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PLACED]


@EFFECT
def test_an_error_that_is_saved_under_the_captures_key_is_got_round(after_effect: bool) -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", OutcomeUnknown("500", key_spent=True), after_effect)
    world.time_passes()
    assert world.is_settled()
    assert world.gateway.captures[world.ref] == 1


def test_a_capture_that_is_put_off_is_not_hurried() -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", TryAgain("down", after=60), times=3)
    world.time_passes(timedelta(seconds=59))
    assert world.gateway.calls["capture"] == 1
    world.time_passes()
    assert world.is_settled()
    assert world.gateway.calls["capture"] == 4


def test_a_capture_that_again_and_again_ends_in_nothing_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", OutcomeUnknown("lost"), times=1_000)
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.POISON])
    assert world.gateway.calls["capture"] == POISON_AFTER
    world.gateway._faults["capture"].clear()
    assert released(world, HoldCode.POISON).is_settled()


def test_a_capture_that_kills_whoever_makes_it_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", Crash(), times=1_000)
    deaths = 0
    for _ in range(10 * POISON_AFTER):
        try:
            world.time_passes(timedelta(minutes=1))
        except Crash:
            deaths += 1
            world.restart()
    assert (world.holds, deaths) == ([HoldCode.POISON], POISON_AFTER)


def test_a_capture_that_is_refused_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", Refused("amount_too_large"))
    world.time_passes()
    assert world.holds == [HoldCode.PAYMENT_REFUSED]
    assert released(world, HoldCode.PAYMENT_REFUSED).is_settled()


def test_money_that_was_captured_by_hand_buys_the_goods_too() -> None:
    world = an_authorized_order()
    world.gateway.capture(world.intent_id, world.order.total, "by hand")
    world.stripe_says("payment_intent.succeeded")
    world.time_passes()
    assert world.is_settled()
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PLACED]


def test_money_that_was_given_back_by_hand_before_buys_nothing() -> None:
    world = an_authorized_order()
    world.gateway.capture(world.intent_id, world.order.total, "by hand")
    world.gateway.refund(world.intent_id, world.order.total, "by hand too")
    world.stripe_says("charge.refunded")
    world.time_passes()
    assert world.headline is Headline.REFUNDED
    assert world.is_undone()


def test_money_that_was_given_back_by_hand_afterwards_is_shown_as_refunded() -> None:
    world = an_authorized_order()
    world.time_passes()
    world.gateway.refund(world.intent_id, world.order.total, "by hand")
    world.stripe_says("charge.refunded")
    world.time_passes()
    assert (world.headline, world.orders_there) == (Headline.REFUNDED, 1)
    assert world.mails[-1] is NoticeKind.REFUNDED


# --- the deadline of the authorization


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_a_day_ahead_of_the_deadline_a_person_is_asked() -> None:
    world = an_authorized_order()
    world.time_passes(days(5.9), Queue.PAYMENT, Queue.NOTICE)
    assert world.holds == []
    world.time_passes(days(0.2), Queue.PAYMENT, Queue.NOTICE)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.PAYMENT_EXPIRING])
    assert world.order.holds[0].detail.startswith("2026-11-28")


def test_capturing_in_time_ends_the_hold_for_the_deadline() -> None:
    world = an_authorized_order()
    world.time_passes(days(6.5), Queue.PAYMENT, Queue.NOTICE)
    world.time_passes(timedelta(minutes=1))
    assert world.is_settled()
    assert world.holds == []


def test_an_authorization_that_lapsed_is_found_without_a_webhook_and_she_is_asked() -> None:
    world = an_authorized_order()
    world.time_passes(days(6.5), Queue.PAYMENT, Queue.NOTICE)
    world.gateway.lapse(world.intent_id)
    world.time_passes(days(1), Queue.PAYMENT, Queue.NOTICE)
    assert (world.headline, world.holds) == (Headline.PAYMENT_NEEDED, [])
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]


def test_an_authorization_that_stands_after_its_deadline_is_looked_at_without_hurry() -> None:
    world = an_authorized_order()
    world.time_passes(days(7), Queue.PAYMENT, Queue.NOTICE)
    before = world.gateway.calls["retrieve"]
    world.time_passes(timedelta(minutes=5), Queue.PAYMENT, Queue.NOTICE)
    assert 0 < world.gateway.calls["retrieve"] - before <= 31


@pytest.mark.parametrize("placed", [False, True], ids=["before it was placed", "after it was verified"])
def test_after_a_lapse_another_card_pays_once(placed: bool) -> None:
    world = an_authorized_order()
    if placed:
        world.gateway.fail_next("capture", TryAgain("down", after=600))
        world.time_passes(timedelta(minutes=1))
        assert world.order.placement.state is PlacementState.VERIFIED
    world.gateway.lapse(world.intent_id)
    world.stripe_says("charge.expired")
    world.time_passes(timedelta(minutes=5), Queue.PAYMENT, Queue.NOTICE)
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.mails[-1] is NoticeKind.PAYMENT_NEEDED
    world.she_gives(VISA)
    world.time_passes()
    assert world.is_settled()
    assert world.gateway.captures[world.ref] == 1


def test_a_capture_that_comes_too_late_asks_her_for_another_card() -> None:
    world = an_authorized_order()
    world.gateway.lapse(world.intent_id)
    world.time_passes()
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.order.payment.decline.code == "authorization_expired"
    assert world.order.payment.state is PaymentState.ACTION_REQUIRED
    assert {intent.state for intent in world.gateway.intents.values()} == {IntentState.VOIDED}
