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
from fallback.domain.payment.news import PaymentNews
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.placement.release_hold import release_hold
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.usecases.world import TOTAL, Crash, World, deaths_of_workers

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
    assert (deaths_of_workers(world), world.holds) == (POISON_AFTER, [HoldCode.POISON])


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
