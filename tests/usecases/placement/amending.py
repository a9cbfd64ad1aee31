"""Orders that are changed: what is on offer, what is asked for, what the shop has."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, DeliveryChoice, ShippingAddress
from fallback.domain.order.cart import DeliveryOption
from fallback.domain.order.order import NoticeKind
from tests.builders import SLOT
from tests.usecases.world import World, an_order_with

ELSEWHERE = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB"))
BY_COURIER = ChangeOrder(delivery=DeliveryChoice("courier", SLOT.id))
BY_BIKE = ChangeOrder(delivery=DeliveryChoice("bike"))
FOR_NOTHING = ChangeOrder(delivery=DeliveryChoice("free"))
ONE_BOOK = ChangeOrder(quantities=(1,))
COURIER = DeliveryOption("courier", "Courier", 790, (SLOT,))
BIKE = DeliveryOption("bike", "Bicycle", 495)
FREE = DeliveryOption("free", "When we come by", 0)


def with_offers(world: World) -> World:
    """The cart offered a courier, a bicycle and a free delivery too."""
    order = world.order
    world.ledger.commit(order, replace(order, options=(*order.options, COURIER, BIKE, FREE)), [])
    return world


def a_settled_order() -> World:
    world = with_offers(an_order_with())
    world.time_passes(timedelta(hours=1))
    assert world.is_settled()
    return world


def the_shop_has(world: World) -> tuple[str, str, int, int]:
    there = world.primary.orders[world.ref]
    assert there.shipping_address
    return there.shipping_address.line1, there.delivery.id, sum(line.quantity for line in there.lines), there.total


def of_changes(world: World) -> list[NoticeKind]:
    return [kind for kind in world.mails if kind in (NoticeKind.CHANGED, NoticeKind.NOT_CHANGED)]
