"""An outage of a real Vendure with our processes as they are deployed; it returns with a rate limit, and is drained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server import RedisServer
from tests.shops import outage
from tests.shops.outage import Outage, RealShop, an_outage
from tests.shops.vendure.running import CART_KEY, NAME, VendureShop
from tests.shops.vendure.storefront import Customer

ORDERS = 20


def a_basket(shop: VendureShop) -> str:
    customer = Customer(shop)
    customer.adds("BK-1", 2)
    return str(customer.browser.cookies["fallback_cart"])


def booked(shop: VendureShop) -> list[tuple[str, str, int]]:
    rows = shop.sql(
        """SELECT o."customFieldsFallbackref", o."customFieldsFallbackpayment", sum(p.amount) FROM "order" o
        JOIN payment p ON p."orderId" = o.id AND p.state = 'Settled'
        WHERE o."customFieldsFallbackref" IS NOT NULL GROUP BY o.id"""
    )
    return [(ref, state, int(paid)) for ref, state, paid in rows]


@pytest.fixture(scope="module")
def over(
    vendure: VendureShop, _shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outage]:
    _shared_redis.client.flushall()
    shop = RealShop(
        kind="vendure",
        settings=vendure.settings,
        url=vendure.url,
        name=NAME,
        cart_key=CART_KEY,
        process=vendure.process,
        limit=vendure.limit,
        delivery="standard",
        basket=lambda: a_basket(vendure),
        booked=lambda: booked(vendure),
        backup=vendure.backup,
        restore=vendure.restore,
    )
    yield from an_outage(shop, _shared_redis, tmp_path_factory.mktemp("outage"), ORDERS)


def test_each_order_is_there_once_as_agreed_and_paid(over: Outage) -> None:
    outage.each_is_there_once_as_agreed_and_paid(over)


def test_the_rate_limit_was_kept_and_held_nothing(over: Outage) -> None:
    outage.the_rate_limit_was_kept_and_held_nothing(over)


def test_a_shop_that_limits_calls_is_not_taken_for_one_that_is_down(vendure: VendureShop) -> None:
    outage.a_shop_that_limits_calls_is_not_taken_for_one_that_is_down(vendure.primary(), vendure.limit)


def test_the_order_of_the_shops_own_basket_has_its_prices_address_and_delivery(
    over: Outage, vendure: VendureShop
) -> None:
    document = """query ($ref: String!) { orders(options: { filter: { fallbackRef: { eq: $ref } } }) { items {
        state totalWithTax shippingWithTax customer { emailAddress } shippingAddress { fullName streetLine1 city }
        lines { quantity unitPriceWithTax productVariant { sku } } shippingLines { shippingMethod { code } }
        payments { state amount } } } }"""

    [there] = vendure.asks_as_administrator(document, ref=over.refs[0])["orders"]["items"]

    [order] = [order for order in over.orders if order.ref == over.refs[0]]
    assert order.customer
    assert there == {
        "state": "PaymentSettled",
        "totalWithTax": 3093,
        "shippingWithTax": 495,
        "customer": {"emailAddress": order.customer.email},
        "shippingAddress": {"fullName": "Iris Murdoch", "streetLine1": "1 Quay", "city": "Hull"},
        "lines": [{"quantity": 2, "unitPriceWithTax": 1299, "productVariant": {"sku": "BK-1"}}],
        "shippingLines": [{"shippingMethod": {"code": "standard"}}],
        "payments": [{"state": "Settled", "amount": 3093}],
    }


def test_what_an_older_backup_lacks_is_named_by_the_audit_and_placed_again(over: Outage, tmp_path: Path) -> None:
    outage.what_an_older_backup_lacks_is_named_by_the_audit_and_placed_again(over, tmp_path / "backup.sql")
