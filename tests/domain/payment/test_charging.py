"""Totals that cannot be charged are refused before an order is accepted or changed, with advice."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, DeliveryChoice
from fallback.domain.money import Money
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.cart import Delivery, DeliveryOption
from fallback.domain.order.order import PaymentState
from fallback.domain.payment import charging
from fallback.domain.payment.charging import Chargeable, SumLimit, Unchargeable
from tests.builders import BOOK, CUSTOMER, NOW, a_cart, a_payment, an_order
from tests.refusals import refused

BY_POST = DeliveryOption("post", "Post", 495)
BIKE = DeliveryOption("bike", "Bicycle", 0)
CART = a_cart(delivery=(BY_POST, BIKE))
TOO_SMALL = "The total is {}, but a card payment must be at least 50.00 EUR. Add an item to the cart."
TOO_LARGE = "The total is {}, but a card payment can be at most 50.00 EUR. Split the order."
NOT_EXACT = "A card cannot be charged exactly {}. The next possible total is 50.00 EUR."
OTHERWISE = " Or choose another delivery option."
ORDER = an_order(customer=CUSTOMER)
DEARER = replace(ORDER, payment=replace(ORDER.payment, amount=3388))


def cannot_charge(sums: Mapping[int, SumLimit]) -> Chargeable:
    """A provider that takes every sum but these, and 50.00 EUR instead."""
    instead = Money(5000, "EUR")
    return lambda total: Unchargeable(sums[total.amount], instead) if total.amount in sums else None


def test_what_can_be_charged_is_taken() -> None:
    charging.check_cart(CART, "post", cannot_charge({}))
    charging.check_cart(CART, "post", cannot_charge({2598: SumLimit.TOO_SMALL}))
    assert charging.first_possible(CART, cannot_charge({})) == "post"


def test_another_delivery_helps_where_it_makes_another_sum() -> None:
    for limit, words in (
        (SumLimit.TOO_SMALL, TOO_SMALL),
        (SumLimit.TOO_LARGE, TOO_LARGE),
        (SumLimit.NOT_EXACT, NOT_EXACT),
    ):
        with refused("delivery.id", limit, words.format("30.93 EUR") + OTHERWISE):
            charging.check_cart(CART, "post", cannot_charge({3093: limit}))
    assert charging.first_possible(CART, cannot_charge({3093: SumLimit.TOO_SMALL})) == "bike"


def test_where_no_delivery_helps_it_is_the_cart() -> None:
    neither = cannot_charge({3093: SumLimit.TOO_SMALL, 2598: SumLimit.TOO_SMALL})
    with refused("cart_token", SumLimit.TOO_SMALL, TOO_SMALL.format("25.98 EUR")):
        charging.check_cart(CART, "bike", neither)
    with refused("cart_token", SumLimit.TOO_SMALL, TOO_SMALL.format("30.93 EUR")):
        charging.first_possible(CART, neither)


def test_what_costs_nothing_is_not_charged() -> None:
    assert (
        charging.why_not(replace(CART, totals=replace(CART.totals, total=0)), 0, cannot_charge({0: SumLimit.TOO_SMALL}))
        is None
    )


def test_a_change_to_a_sum_that_cannot_be_charged_is_refused_by_what_is_changed() -> None:
    too_large = cannot_charge({3388: SumLimit.TOO_LARGE})
    with refused("delivery.id", SumLimit.TOO_LARGE, TOO_LARGE.format("33.88 EUR")):
        charging.check_change(ORDER, DEARER, ChangeOrder(delivery=DeliveryChoice("post")), too_large)
    with refused("quantities", SumLimit.TOO_LARGE, TOO_LARGE.format("33.88 EUR")):
        charging.check_change(ORDER, DEARER, ChangeOrder(quantities=(1,)), too_large)


def test_an_unchanged_total_is_not_checked_again() -> None:
    charging.check_change(DEARER, DEARER, ChangeOrder(note="Ring"), cannot_charge({3388: SumLimit.TOO_LARGE}))


def test_of_what_was_captured_only_the_difference_has_to_be_exact() -> None:
    captured = an_order(customer=CUSTOMER, payment=a_payment(PaymentState.CAPTURED))
    cheaper = Amendment(who="customer", since=NOW, what="delivery", delivery=Delivery("bike", "Bicycle", 200))
    after = replace(captured, amendment=cheaper)
    requested = ChangeOrder(delivery=DeliveryChoice("bike"))
    charging.check_change(captured, after, requested, cannot_charge({2798: SumLimit.TOO_SMALL}))
    with refused("delivery.id", SumLimit.NOT_EXACT, NOT_EXACT.format("27.98 EUR")):
        charging.check_change(captured, after, requested, cannot_charge({2798: SumLimit.NOT_EXACT}))
    assert after.lines == (BOOK,)
