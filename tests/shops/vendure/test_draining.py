"""Many held orders at once reach a real Vendure: each once, and the stock goes down by what they have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from fallback.domain.order.cart import Line
from fallback.domain.placement.matching import differences
from tests.builders import an_order
from tests.contracts.primary.worlds import POST
from tests.shops.vendure.running import VendureShop

LINES = (Line("BK-30", "Volume 30", 1, 999), Line("BK-31", "Volume 31", 2, 999), Line("BK-32", "Volume 32", 1, 899))


def allocated(vendure: VendureShop) -> dict[str, int]:
    """How many pieces of each are promised to orders."""
    rows = vendure.sql(
        """SELECT v.sku, s."stockAllocated" FROM stock_level s JOIN product_variant v ON s."productVariantId" = v.id
        WHERE v.sku IN ('BK-30', 'BK-31', 'BK-32')"""
    )
    return {sku: int(taken) for sku, taken in rows}


def test_orders_for_the_same_pieces_in_another_order_do_not_stop_each_other(vendure: VendureShop) -> None:
    orders = [
        an_order(lines=LINES[n % 3 :] + LINES[: n % 3], delivery=POST, received_at=datetime.now(UTC)) for n in range(30)
    ]
    primary, before = vendure.primary(), allocated(vendure)

    with ThreadPoolExecutor(6) as threads:
        placed = list(threads.map(primary.place, orders))

    assert [differences(order, there) for order, there in zip(orders, placed, strict=True)] == [()] * 30
    assert len({there.id for there in placed}) == 30
    assert {sku: taken - before[sku] for sku, taken in allocated(vendure).items()} == {
        "BK-30": 30,
        "BK-31": 60,
        "BK-32": 30,
    }
