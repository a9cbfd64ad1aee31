"""The customer cancels the purchase at any point: cancel_order, withdraw_order, void_payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import NotAllowedNow, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.payment.news import PaymentNews
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.placement.release_hold import release_hold
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.fakes.primary import wanted
from tests.usecases.world import TOTAL, Crash, World

DECLINED = "pm_card_visa_chargeDeclined"
EFFECT = pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])


def an_order(card: str | None = VISA) -> World:
    world = World()
    world.a_customer_orders(card)
    return world


def authorized() -> World:
    world = an_order()
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    return world


def after_payment_step(card: str | None) -> World:
    world = an_order(card)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    return world


def lost(side: str, call: str, after_effect: bool = False) -> World:
    world = an_order() if call in ("create", "confirm") else authorized()
    getattr(world, side).fail_next(call, OutcomeUnknown("lost"), after_effect)
    world.shifts_work()
    assert world.headline is Headline.CHECKING
    return world


def died(side: str, call: str, after_effect: bool = False) -> World:
    world = an_order() if call in ("create", "confirm") else authorized()
    getattr(world, side).fail_next(call, Crash(), after_effect)
    with pytest.raises(Crash):
        world.shifts_work()
    world.restart()
    return world


def placed() -> World:
    world = authorized()
    world.primary.fail_next("read", TryAgain("busy"))
    world.shifts_work()
    return world


def verified() -> World:
    world = authorized()
    world.gateway.fail_next("capture", TryAgain("down"))
    world.shifts_work()
    return world


def settled() -> World:
    world = authorized()
    world.time_passes(timedelta(minutes=1))
    return world


def held_by_a_person() -> World:
    world = authorized()
    world.primary.stock["BK-1"] = 0
    world.time_passes(timedelta(minutes=1))
    assert world.holds
    return world


def with_a_mismatch() -> World:
    world = placed()
    world.primary.orders[world.ref] = replace(world.primary.orders[world.ref], total=1)
    world.time_passes(timedelta(minutes=1))
    assert world.holds == [HoldCode.MISMATCH]
    return world


def refused_by_stripe() -> World:
    world = an_order()
    world.gateway.fail_next("confirm", Refused("account_invalid"))
    world.time_passes(timedelta(minutes=1))
    assert world.holds == [HoldCode.PAYMENT_REFUSED]
    return world


def lapsed_after_it_was_verified() -> World:
    world = verified()
    world.gateway.lapse(world.intent_id)
    world.stripe_says(PaymentNews.LAPSED)
    world.shifts_work()
    assert world.headline is Headline.PAYMENT_NEEDED
    return world


MOMENTS: dict[str, Callable[[], World]] = {
    "just received": an_order,
    "to be paid later": lambda: an_order(None),
    "declined": lambda: after_payment_step(DECLINED),
    "asked by their bank": lambda: after_payment_step(THREE_D_SECURE),
    "authorized": authorized,
    "refused by Stripe": refused_by_stripe,
    "held by a person": held_by_a_person,
    "placed": placed,
    "read back otherwise": with_a_mismatch,
    "verified": verified,
    "lapsed after it was verified": lapsed_after_it_was_verified,
    "settled": settled,
} | {
    f"{how.__name__} at {call} {'after' if after_effect else 'before'} its effect": (
        lambda how=how, side=side, call=call, after_effect=after_effect: how(side, call, after_effect)
    )
    for how in (lost, died)
    for side, call in (("gateway", "create"), ("gateway", "confirm"), ("primary", "place"), ("gateway", "capture"))
    for after_effect in (False, True)
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_the_customer_cancels_nothing_is_left_of_it(moment: str) -> None:
    world = MOMENTS[moment]()
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()
    assert world.left_to_do == set()
    assert sum(kind in (NoticeKind.CANCELLED, NoticeKind.REFUNDED) for kind in world.mails) == 1
    assert world.holds == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_customer_may_buy_the_same_cart_again_once_it_is_undone(moment: str) -> None:
    world = MOMENTS[moment]()
    world.the_customer_cancels()
    world.time_passes()
    assert world.ledger.ref_of_cart(world.order.cart_id) is None


def test_cancelling_twice_is_the_same_as_once() -> None:
    world = settled()
    world.the_customer_cancels()
    before = world.order
    world.the_customer_cancels()
    assert world.order == before
    world.time_passes()
    before = world.order
    world.the_customer_cancels()
    assert world.order == before


def test_what_has_given_way_to_an_order_of_the_shop_is_not_told_as_undone() -> None:
    """It stands in the shop, where alone it can be undone."""
    world = authorized()
    world.a_rival()
    world.shifts_work()
    for _ in range(2):  # while its payment is released, and after that
        with pytest.raises(NotAllowedNow):
            world.the_customer_cancels()
        world.time_passes()
    assert world.headline is Headline.MERGED


def test_while_it_is_undone_it_says_so() -> None:
    world = settled()
    world.the_customer_cancels()
    assert world.headline is Headline.UNDOING


@EFFECT
@pytest.mark.parametrize(("moment", "call"), [("authorized", "void"), ("settled", "refund")])
def test_money_is_let_go_of_once_when_an_answer_is_lost(moment: str, call: str, after_effect: bool) -> None:
    world = MOMENTS[moment]()
    world.the_customer_cancels()
    world.gateway.fail_next(call, OutcomeUnknown("lost"), after_effect)
    world.time_passes()
    assert world.is_undone()
    assert sum(intent.refunded for intent in world.gateway.intents.values()) in (0, TOTAL)


@EFFECT
@pytest.mark.parametrize(("moment", "call"), [("authorized", "void"), ("settled", "refund")])
def test_money_is_let_go_of_when_an_error_is_saved_under_the_key(moment: str, call: str, after_effect: bool) -> None:
    world = MOMENTS[moment]()
    world.the_customer_cancels()
    world.gateway.fail_next(call, OutcomeUnknown("500", key_spent=True), after_effect)
    world.time_passes()
    assert world.is_undone()


@pytest.mark.parametrize(("moment", "call"), [("authorized", "void"), ("settled", "refund")])
def test_money_is_let_go_of_when_stripe_is_back(moment: str, call: str) -> None:
    world = MOMENTS[moment]()
    world.the_customer_cancels()
    world.gateway.fail_next(call, TryAgain("down"), times=3 * POISON_AFTER)
    world.time_passes()
    assert world.is_undone()


@pytest.mark.parametrize(("moment", "call"), [("authorized", "void"), ("settled", "refund")])
def test_a_void_or_refund_that_is_refused_is_held_for_a_person(moment: str, call: str) -> None:
    world = MOMENTS[moment]()
    world.the_customer_cancels()
    world.gateway.fail_next(call, Refused("charge_disputed"))
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.PAYMENT_REFUSED])
    release_hold(world.container, world.ref, HoldCode.PAYMENT_REFUSED, "Ann")
    world.time_passes()
    assert world.is_undone()


@pytest.mark.parametrize(("moment", "call"), [("authorized", "void"), ("settled", "refund")])
def test_a_void_that_keeps_killing_workers_is_held_for_a_person(moment: str, call: str) -> None:
    world = MOMENTS[moment]()
    world.the_customer_cancels()
    world.gateway.fail_next(call, Crash(), times=1_000)
    deaths = 0
    for _ in range(10 * POISON_AFTER):
        try:
            world.time_passes(timedelta(minutes=1))
        except Crash:
            deaths += 1
            world.restart()
    assert (world.holds, deaths) == ([HoldCode.POISON], POISON_AFTER)


@EFFECT
def test_a_cancellation_in_the_primary_whose_answer_is_lost_is_asked_for_again(after_effect: bool) -> None:
    world = settled()
    world.the_customer_cancels()
    world.primary.fail_next("cancel", OutcomeUnknown("lost"), after_effect)
    world.time_passes()
    assert world.is_undone()


def test_what_the_primary_does_not_have_any_more_is_cancelled() -> None:
    world = settled()
    world.primary.orders.clear()
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()


# --- a shop that takes no cancellations from here


def of_a_shop_that_cannot_cancel(then: Callable[[World], object] = lambda _: None) -> World:
    world = settled()
    world.primary.can = frozenset({"amend"})
    world.the_customer_cancels()
    world.time_passes()
    then(world)
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes()
    return world


def test_a_shop_that_cannot_cancel_is_not_asked_to_and_a_person_does_it() -> None:
    world = settled()
    world.primary.can = frozenset({"amend"})
    world.the_customer_cancels()
    world.time_passes()
    assert (world.holds, world.primary.calls["cancel"], world.captured) == ([HoldCode.BY_HAND], 0, TOTAL)
    assert world.order.holds[0].detail == f"cancel {world.order.placement.number}"


def test_money_goes_back_once_the_shop_says_that_the_person_has_cancelled_it() -> None:
    world = of_a_shop_that_cannot_cancel(lambda world: world.primary.withdraw(world.ref))
    assert world.is_undone()
    assert world.primary.calls["cancel"] == 0


def test_a_hold_for_a_manual_cancellation_keeps_the_payment_captured() -> None:
    world = of_a_shop_that_cannot_cancel()
    assert (world.holds, world.captured) == ([HoldCode.BY_HAND], TOTAL)


def test_what_left_before_a_person_could_cancel_it_is_told_as_shipped() -> None:
    world = of_a_shop_that_cannot_cancel(
        lambda world: world.primary.keep(replace(world.primary.ours(world.ref), status="shipped"))
    )
    assert (world.holds, world.captured) == ([HoldCode.ALREADY_SHIPPED], TOTAL)


@pytest.mark.parametrize("code", ["not_found", "no_such_route"])
def test_not_found_said_of_the_address_cancels_nothing(code: str) -> None:
    """Many frameworks answer so for a route that they do not have."""
    world = settled()
    world.the_customer_cancels()
    world.primary.fail_next("cancel", Refused(code), times=100)
    world.time_passes()
    assert (world.holds, world.captured, world.orders_there) == ([HoldCode.BY_HAND], TOTAL, 1)


def test_an_answer_that_does_not_say_cancelled_cancels_nothing() -> None:
    world = settled()
    world.the_customer_cancels()
    world.primary.cancel = world.primary.ours
    world.time_passes()
    assert (world.holds, world.captured, world.orders_there) == ([HoldCode.BY_HAND], TOTAL, 1)


def test_an_order_that_reaches_the_primary_after_the_customer_has_cancelled_is_withdrawn_there() -> None:
    """A primary that recovers may work on a request for a while after we gave up waiting for its answer."""
    world = authorized()
    world.primary.fail_next("place", OutcomeUnknown("timeout"))
    world.shifts_work()
    world.the_customer_cancels()
    world.time_passes(PATIENCE - timedelta(seconds=5))
    world.primary.put(wanted(world.order))
    world.time_passes()
    assert world.is_undone()


# --- the goods have left


def shipped() -> World:
    world = verified()
    world.primary.orders[world.ref] = replace(world.primary.orders[world.ref], status="shipped")
    world.the_customer_cancels()
    world.time_passes(timedelta(hours=1))
    return world


def test_goods_that_have_left_are_a_persons_affair_and_the_primary_is_asked_once() -> None:
    world = shipped()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.ALREADY_SHIPPED])
    assert world.primary.calls["cancel"] == 1
    assert world.captured == 0


def test_after_the_person_the_purchase_stands_and_is_paid_for() -> None:
    world = shipped()
    release_hold(world.container, world.ref, HoldCode.ALREADY_SHIPPED, "Ann")
    world.time_passes()
    assert world.is_settled()


def test_a_cancellation_that_the_primary_refuses_is_requested_once_and_held_for_a_person() -> None:
    world = settled()
    world.the_customer_cancels()
    world.primary.fail_next("cancel", Refused("closed_account", "No."))
    world.time_passes()
    assert (world.holds, world.primary.calls["cancel"]) == ([HoldCode.PRIMARY_REFUSED], 1)
    release_hold(world.container, world.ref, HoldCode.PRIMARY_REFUSED, "Ann")
    world.time_passes()
    assert world.is_undone()
