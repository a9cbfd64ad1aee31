"""An outage of a real Medusa with our processes as they are deployed; it returns with a rate limit, and is drained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fallback.primaries.medusa import Settings
from tests.redis_server import RedisServer
from tests.shop.running import CART_KEY, NAME
from tests.shops import outage
from tests.shops.medusa.running import Medusa
from tests.shops.outage import Outage, RealShop, an_outage

ORDERS = 8


def booked(shop: Medusa) -> list[tuple[str, str, int]]:
    rows = shop.sql(
        """SELECT o.metadata->>'fallback_ref', c.status, c.captured_amount FROM "order" o
        JOIN order_payment_collection l ON l.order_id = o.id JOIN payment_collection c ON c.id = l.payment_collection_id
        WHERE o.metadata->>'fallback_ref' IS NOT NULL AND o.deleted_at IS NULL"""
    )
    return [
        (ref, {"completed": "captured"}.get(state, state), round(float(paid or 0) * 100)) for ref, state, paid in rows
    ]


@pytest.fixture(scope="module")
def over(medusa: Medusa, _shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    _shared_redis.client.flushall()
    shop = RealShop(
        kind="medusa",
        settings=Settings(primary_url=medusa.url, primary_token=medusa.secret),
        url=medusa.url,
        name=NAME,
        cart_key=CART_KEY,
        process=medusa.node,
        limit=medusa.limit,
        delivery=medusa.delivery(),
        basket=lambda: str(medusa.a_cart().cookies["fallback_cart"]),
        booked=lambda: booked(medusa),
        backup=medusa.backup,
        restore=medusa.restore,
    )
    yield from an_outage(shop, _shared_redis, tmp_path_factory.mktemp("outage"), ORDERS)


def test_each_order_is_there_once_as_agreed_and_paid(over: Outage) -> None:
    outage.each_is_there_once_as_agreed_and_paid(over)


def test_the_rate_limit_was_kept_and_held_nothing(over: Outage) -> None:
    outage.the_rate_limit_was_kept_and_held_nothing(over)


def test_a_shop_that_limits_calls_is_not_taken_for_one_that_is_down(medusa: Medusa) -> None:
    outage.a_shop_that_limits_calls_is_not_taken_for_one_that_is_down(medusa.primary(), medusa.limit)


def test_the_order_of_the_shops_own_basket_has_its_prices_address_and_delivery(over: Outage, medusa: Medusa) -> None:
    there = medusa.admin("GET", f"fallback/orders/{over.refs[0]}")["order"]

    [order] = [order for order in over.orders if order.ref == over.refs[0]]
    assert there["metadata"]["fallback_cart"] == order.cart_id
    assert [(item["variant_sku"], item["quantity"], item["unit_price"]) for item in there["items"]] == [
        ("BK-1", 2, 12.99)
    ]
    assert (there["total"], there["payment_status"]) == (30.93, "captured")
    address = there["shipping_address"]
    assert (address["address_1"], address["city"], address["country_code"]) == ("1 Quay", "Hull", "gb")
    assert [method["shipping_option_id"] for method in there["shipping_methods"]] == [medusa.delivery()]
