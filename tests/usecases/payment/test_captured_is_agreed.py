"""Captured amounts, including those by hand at the provider, against the price, and what is owed back."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.errors import TryAgain
from fallback.domain.money import Money
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PlacementState, Queue
from fallback.domain.payment.news import PaymentNews
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.payment.refunding import LEA, a_settled_order, decides, gives, refunded_by_hand
from tests.usecases.world import TOTAL, World, an_authorized_order

ONE_BOOK = ChangeOrder(quantities=(1,))


def captured_by_hand(world: World, amount: int) -> World:
    world.gateway.capture(world.intent_id, Money(amount, "EUR"), "dashboard")
    world.stripe_says(PaymentNews.CAPTURED)
    world.time_passes(timedelta(minutes=5))
    return world


def test_less_than_agreed_is_a_hold_and_no_goods_leave() -> None:
    world = captured_by_hand(an_authorized_order(), 100)
    assert world.holds == [HoldCode.CAPTURED_LESS]
    assert world.order.holds[0].detail == f"1.00 EUR of {Money(TOTAL, 'EUR')}"
    assert (world.order.placement.state, world.orders_there) == (PlacementState.WAITING, 0)
    assert "captured_in_part" in world.told
    assert "captured" not in world.told
    assert NoticeKind.PLACED not in world.mails


def test_less_than_agreed_after_the_shop_has_it_is_a_hold_and_no_mail_says_paid() -> None:
    world = an_authorized_order()
    world.meanwhile(
        "gateway", "capture", lambda: world.gateway.capture(world.intent_id, Money(100, "EUR"), "x"), before=True
    )
    world.time_passes(timedelta(minutes=5))
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.CAPTURED_LESS])
    assert NoticeKind.PLACED not in world.mails


def test_a_person_may_let_it_go_on() -> None:
    world = captured_by_hand(an_authorized_order(), 100)
    release_hold(world.container, world.ref, HoldCode.CAPTURED_LESS, "Ann")
    world.time_passes()
    assert (world.headline, world.holds, world.mails.count(NoticeKind.PLACED)) == (Headline.SETTLED, [], 1)


def test_the_last_cent_of_a_purchase_that_is_undone_goes_back() -> None:
    world = a_settled_order()
    refunded_by_hand(world, TOTAL - 1)
    world.time_passes(timedelta(minutes=5))
    assert world.captured == 1
    world.the_customer_cancels()
    world.time_passes()
    assert (world.headline, world.captured, world.gateway.calls["refund"]) == (Headline.REFUNDED, 0, 2)


def test_the_customer_may_still_undo_it() -> None:
    world = captured_by_hand(an_authorized_order(), 100)
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()


def test_more_than_agreed_goes_back() -> None:
    world = an_authorized_order()
    world.the_customer_changes(ONE_BOOK)
    captured_by_hand(world, TOTAL)
    world.time_passes()
    assert (world.headline, world.captured) == (Headline.SETTLED, world.order.payment.amount)
    assert world.order.payment.amount < TOTAL


def test_a_request_that_is_declined_keeps_nothing_of_a_difference() -> None:
    world = a_settled_order()
    world.the_customer_changes(ONE_BOOK)
    gives(world, amount=TOTAL - 500)  # above the limit, so it is only asked for
    world.time_passes(timedelta(minutes=5))
    decides(world, LEA, agreed=False)
    world.time_passes()
    assert world.captured == world.order.payment.amount


def captured_while_it_was_being_undone(world: World, amount: int) -> World:
    """The goods have left, so a person lets the purchase stand; until then somebody takes the money by hand."""
    world.gateway.fail_next("capture", TryAgain("away"))
    world.shifts_work(Queue.PLACEMENT)
    world.primary.keep(replace(world.primary.ours(world.ref), status="shipped"))
    world.the_customer_cancels()
    world.time_passes(timedelta(minutes=30))
    captured_by_hand(world, amount)
    release_hold(world.container, world.ref, HoldCode.ALREADY_SHIPPED, "Ann")
    world.time_passes()
    return world


def test_more_that_was_captured_while_it_was_being_undone_goes_back_when_the_purchase_stands() -> None:
    world = an_authorized_order()
    world.the_customer_changes(ONE_BOOK)
    captured_while_it_was_being_undone(world, TOTAL)
    assert (world.headline, world.captured) == (Headline.SETTLED, world.order.payment.amount)


def test_less_that_was_captured_while_it_was_being_undone_is_a_hold_when_the_purchase_stands() -> None:
    world = captured_while_it_was_being_undone(an_authorized_order(), 100)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.CAPTURED_LESS])
