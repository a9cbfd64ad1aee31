"""An accepted order is stored in the ledger as the customer sent it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from fallback.domain.checkout.requests import CardPayment, Contact, DeliveryChoice, PlaceOrder, ShippingAddress
from fallback.domain.order.cart import DeliveryOption, Discount, Totals
from fallback.domain.order.exposure import NO_LIMITS
from fallback.domain.order.order import Order, PaymentState
from fallback.domain.payment.cards import given
from fallback.usecases.checkout.place_order import place_order
from tests.builders import NOW, SLOT, a_cart, deps
from tests.fakes.ledger import FakeLedger

LATER = replace(SLOT, id="2026-11-23-pm")
WISH = PlaceOrder(
    cart_token="a.cart.token",
    contact=Contact("Iris Murdoch", "iris@example.org", "+44 1482 300300"),
    shipping_address=ShippingAddress("1 Quay", "Hull", "HU1 1AA", country="GB"),
    delivery=DeliveryChoice("standard", LATER.id),
    payment=CardPayment("ctoken_1"),
    note="Please ring twice",
    locale="de",
)


def captured(drill: bool = False, **how: Any) -> Order:
    slots = (DeliveryOption("standard", "Standard delivery", 495, (SLOT, LATER)),)
    discount = Discount("Autumn", 300)
    cart = a_cart(delivery=slots, discounts=(discount,), totals=Totals(2598, 300, 319, 2298), drill=drill)
    known = {"maybe_taken": False} | how
    ledger = FakeLedger()
    order, _ = place_order(
        deps(ledger=ledger, journal=None, clock=lambda: NOW, chargeable=lambda _: None, terms=NO_LIMITS),
        WISH,
        cart,
        "key",
        "body",
        **known,
    )
    return ledger.load(order.ref)


def test_the_delivery_time_the_discounts_and_the_note_are_as_they_were_chosen() -> None:
    order = captured()
    assert order.delivery.slot == LATER
    assert [(discount.title, discount.amount) for discount in order.discounts] == [("Autumn", 300)]
    assert order.customer
    assert (order.customer.note, order.customer.phone, order.locale) == ("Please ring twice", "+44 1482 300300", "de")


def test_the_card_is_the_first_that_was_given() -> None:
    payment = captured().payment
    assert (payment.state, payment.token, payment.cards) == (PaymentState.PENDING, "ctoken_1", 1)
    assert (payment.given, payment.amount) == ((given("ctoken_1"),), 2298 + 495)


def test_that_the_shop_may_have_it_already_is_remembered() -> None:
    assert captured(maybe_taken=True).maybe_taken
    assert not captured().maybe_taken


def test_what_a_drill_buys_is_known_as_that() -> None:
    assert [captured(drill=drill).drill for drill in (True, False)] == [True, False]


def test_an_order_keeps_the_trace_of_its_request() -> None:
    assert captured(trace="00-4bf9-01").trace == "00-4bf9-01"
    assert captured().trace == ""
