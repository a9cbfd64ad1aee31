"""Totals that cannot be charged are refused early, and orders that become free release their payment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fallback.domain.checkout.requests import ChangeOrder, DeliveryChoice
from fallback.domain.errors import Invalid, NotAllowedNow, OutcomeUnknown, TryAgain
from fallback.domain.order.cart import DeliveryOption, Discount, Line, Tax, Totals
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PlacementState, Queue
from fallback.domain.payment.news import PaymentNews
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.usecases.world import World

STANDARD = DeliveryOption("standard", "Standard", 495)
COURIER = DeliveryOption("courier", "Courier", 495)
EXPRESS = DeliveryOption("express", "Express", 995)
PICKUP = DeliveryOption("pickup", "Pick-up", 0)
TO_PICKUP = ChangeOrder(delivery=DeliveryChoice("pickup"))


def a_cart_of(price: int, *deliveries: DeliveryOption, currency: str = "EUR") -> dict[str, Any]:
    return {
        "currency": currency,
        "lines": (Line("BK-1", "Book", 1, price),),
        "tax": Tax(True, 0),
        "totals": Totals(price, 0, 0, price),
        "delivery": deliveries,
    }


def free_goods(*deliveries: DeliveryOption) -> dict[str, Any]:
    return {
        **a_cart_of(1299, *deliveries),
        "discounts": (Discount("Voucher", 1299),),
        "totals": Totals(1299, 1299, 0, 0),
    }


@pytest.mark.parametrize("card", [None, VISA], ids=["to pay later", "with a card"])
@pytest.mark.parametrize(
    ("currency", "goods", "delivery", "code"),
    [
        ("KWD", 1299, 500, "amount_not_exact"),
        ("EUR", 20, 0, "amount_too_small"),
        ("EUR", 99_999_999, 1, "amount_too_large"),
    ],
)
def test_a_total_that_cannot_be_charged_is_refused_before_the_order_is_accepted(
    currency: str, goods: int, delivery: int, code: str, card: str | None
) -> None:
    world = World()
    only = DeliveryOption("standard", "Standard", delivery)
    with pytest.raises(Invalid) as refused:
        world.a_customer_orders(card, **a_cart_of(goods, only, currency=currency))
    assert (refused.value.field, refused.value.code) == ("cart_token", code)
    assert not world.ledger.refs()


def test_where_another_delivery_makes_it_possible_that_is_said() -> None:
    world = World()
    with pytest.raises(Invalid) as refused:
        world.a_customer_orders(**a_cart_of(20, DeliveryOption("standard", "Post", 0), COURIER))
    assert refused.value.field == "delivery.id"
    assert "another delivery" in refused.value.detail


def test_a_change_to_such_a_sum_is_refused() -> None:
    world = World()
    world.a_customer_orders(**a_cart_of(20, STANDARD, PICKUP))
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT)
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(TO_PICKUP)
    assert (refused.value.field, refused.value.code) == ("delivery.id", "amount_too_small")
    assert world.order.total.amount == 515


def test_what_was_captured_may_become_less_than_the_least_charge() -> None:
    world = World()
    world.a_customer_orders(**a_cart_of(20, STANDARD, PICKUP))
    world.time_passes()
    world.the_customer_changes(TO_PICKUP)
    world.time_passes()
    assert (world.headline, world.captured) == (Headline.SETTLED, 20)


@pytest.mark.parametrize("placed", [False, True], ids=["only ours", "in the shop, not captured"])
def test_an_order_that_became_free_releases_its_authorization(placed: bool) -> None:
    world = World()
    world.a_customer_orders(**free_goods(STANDARD, PICKUP))
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    if placed:
        world.gateway.fail_next("capture", TryAgain("away"))
        world.shifts_work(Queue.PLACEMENT)
        assert world.order.placement.state is PlacementState.VERIFIED
    assert world.authorized == 495
    world.the_customer_changes(TO_PICKUP)
    world.time_passes()
    assert (world.headline, world.authorized, world.captured) == (Headline.SETTLED, 0, 0)
    assert world.orders_there == 1
    assert not world.holds
    assert NoticeKind.PLACED in world.mails
    assert NoticeKind.PAYMENT_NEEDED not in world.mails


def test_a_captured_order_that_became_free_is_refunded_and_still_delivered() -> None:
    world = World()
    world.a_customer_orders(**free_goods(STANDARD, PICKUP))
    world.time_passes()
    assert world.captured == 495
    world.the_customer_changes(TO_PICKUP)
    world.time_passes()
    assert (world.headline, world.captured) == (Headline.SETTLED, 0)
    assert world.orders_there == 1


@pytest.mark.parametrize(
    ("cart", "requested"),
    [
        (free_goods(STANDARD, PICKUP), TO_PICKUP),
        (a_cart_of(1299, STANDARD, EXPRESS), ChangeOrder(delivery=DeliveryChoice("express"))),
    ],
    ids=["it costs nothing", "it costs more"],
)
def test_a_void_of_ours_whose_answer_was_lost_is_not_told_as_the_merchants(
    cart: dict[str, Any], requested: ChangeOrder
) -> None:
    world = World()
    world.a_customer_orders(**cart)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    world.the_customer_changes(requested)
    world.gateway.fail_next("void", OutcomeUnknown("lost"), after_effect=True)
    world.time_passes(timedelta(hours=1))
    assert "released" in world.told
    assert "authorization_cancelled" not in world.told


def test_what_was_captured_before_it_was_read_back_and_costs_nothing_any_more_still_comes() -> None:
    world = World()
    world.a_customer_orders(**free_goods(STANDARD, PICKUP))
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    world.primary.fail_next("read", TryAgain("away"))
    world.shifts_work(Queue.PLACEMENT)
    world.gateway.capture(world.intent_id, world.order.total, "dashboard")
    world.stripe_says(PaymentNews.CAPTURED)
    world.shifts_work(Queue.PAYMENT)
    world.the_customer_changes(TO_PICKUP)
    world.make_step(Queue.PLACEMENT, world.ref)
    world.shifts_work(Queue.PAYMENT)
    world.time_passes()
    assert (world.headline, world.captured, world.orders_there) == (Headline.SETTLED, 0, 1)


def test_who_answers_the_bank_for_what_costs_nothing_any_more_is_told_once_that_it_comes() -> None:
    world = World()
    world.a_customer_orders(THREE_D_SECURE, **free_goods(STANDARD, PICKUP))
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    world.the_customer_changes(TO_PICKUP)
    world.time_passes(timedelta(hours=1))
    world.the_bank_asks_and_the_customer()
    world.stripe_says(PaymentNews.AUTHORIZED)
    world.time_passes()
    assert (world.headline, world.authorized) == (Headline.SETTLED, 0)
    assert world.mails.count(NoticeKind.PLACED) == 1


def test_no_card_is_taken_while_a_change_to_nothing_is_on_its_way() -> None:
    world = World()
    world.a_customer_orders(**free_goods(STANDARD, PICKUP))
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    world.gateway.cancel_in_dashboard(world.intent_id)
    world.time_passes(timedelta(minutes=10))
    world.the_customer_changes(TO_PICKUP)
    with pytest.raises(NotAllowedNow):
        world.the_customer_gives()
    world.time_passes()
    assert (world.headline, world.gateway.calls["create"]) == (Headline.SETTLED, 1)
