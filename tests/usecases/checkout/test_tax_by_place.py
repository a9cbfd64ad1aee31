"""An order whose tax depends on the place is not changed to another tax than the one that the shop signed."""

from __future__ import annotations

from fallback.domain.checkout.requests import ChangeOrder, Contact, DeliveryChoice, PlaceOrder, ShippingAddress
from fallback.domain.order.cart import DeliveryOption, Destination, Tax, Totals
from fallback.usecases.checkout.place_order import order_for
from tests.builders import NOW, a_cart, deps
from tests.refusals import refused
from tests.usecases.world import World

SENT = DeliveryOption("home", "To your door", 495)
FETCHED = DeliveryOption("standard", "In the shop", 0, needs_address=False)
GB = Destination(("GB",), Tax(False, 520), Totals(2598, 0, 520, 3118))


def fetched(*destinations: Destination) -> World:
    """The customer gave their address, too."""
    world = World()
    world.a_customer_orders(None, delivery=(SENT, FETCHED), destinations=destinations)
    return world


def test_what_is_fetched_without_the_tax_of_a_place_is_not_sent_there_later() -> None:
    world = fetched(GB)
    with refused("delivery.id", "unknown_delivery", "Choose one of the delivery options of this cart."):
        world.the_customer_changes(ChangeOrder(delivery=DeliveryChoice("home")))
    assert world.order.options == (FETCHED,)


def test_what_is_sent_to_a_part_of_a_country_has_the_tax_that_was_signed_for_it() -> None:
    illinois = Destination(("US-IL",), Tax(False, 163), Totals(2598, 0, 163, 2761))
    elsewhere = Destination(("US",), Tax(False, 0), Totals(2598, 0, 0, 2598))
    requested = PlaceOrder(
        cart_token="a.cart.token",
        contact=Contact("Iris Murdoch", "iris@example.org"),
        shipping_address=ShippingAddress("1 Quay", "Chicago", "60601", country="US", region="IL"),
        delivery=DeliveryChoice("standard"),
        payment="later",
    )
    cart = a_cart(destinations=(elsewhere, illinois))
    house = deps(clock=lambda: NOW, chargeable=lambda _: None)
    order = order_for(house, requested, cart, "FB-7K3M-92QX-5", maybe_taken=False)
    assert (order.tax, order.total.amount, order.taxed_for) == (illinois.tax, 2761 + 495, ("US-IL",))


def test_where_one_tax_holds_everywhere_it_may_be_sent_later() -> None:
    world = fetched()
    world.the_customer_changes(ChangeOrder(delivery=DeliveryChoice("home")))
    assert world.order.payment.amount == 2598 + 495
