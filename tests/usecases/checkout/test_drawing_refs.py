"""A new order gets an unused ref: if the random one is taken, another is drawn."""

from __future__ import annotations

from itertools import repeat

import pytest

from fallback.domain.checkout.requests import Contact, DeliveryChoice, PlaceOrder, ShippingAddress
from fallback.domain.errors import TryAgain
from fallback.domain.order.exposure import NO_LIMITS
from fallback.domain.order.ledger import Accepted
from fallback.usecases.checkout.place_order import place_order
from tests.builders import NOW, a_cart, deps
from tests.fakes.ledger import FakeLedger

WISH = PlaceOrder(
    cart_token="a.cart.token",
    contact=Contact("Iris Murdoch", "iris@example.org"),
    shipping_address=ShippingAddress("1 Quay", "Hull", "HU1 1AA", country="GB"),
    delivery=DeliveryChoice("standard"),
    payment="later",
)
TAKEN, FREE = "FB-7K3M-92QX-5", "FB-7K3M-92QZ-7"


@pytest.fixture
def ledger() -> FakeLedger:
    ledger = FakeLedger()
    _place(ledger, "basket-1", iter([TAKEN]))
    return ledger


def _place(ledger: FakeLedger, cart_id: str, draws: object) -> object:
    return place_order(
        deps(ledger=ledger, journal=None, clock=lambda: NOW, chargeable=lambda _: None, terms=NO_LIMITS),
        WISH,
        a_cart(cart_id=cart_id),
        cart_id,
        "body",
        maybe_taken=False,
        draw=lambda: next(draws),
    )


def test_a_ref_that_another_order_has_is_drawn_again(ledger: FakeLedger) -> None:
    order, outcome = _place(ledger, "basket-2", iter([TAKEN, TAKEN, FREE]))
    assert outcome == Accepted(FREE, NOW, ring=outcome.ring)
    assert order.ref == FREE
    assert ledger.load(FREE).cart_id == "basket-2"
    assert ledger.load(TAKEN).cart_id == "basket-1"


def test_where_every_ref_is_taken_the_customer_is_asked_to_try_again(ledger: FakeLedger) -> None:
    with pytest.raises(TryAgain, match=r"^no unused ref was found$"):
        _place(ledger, "basket-2", repeat(TAKEN))
    assert ledger.refs() == [TAKEN]
