"""`fallback primary check` on a fake of Shopify's documented behaviour."""

from __future__ import annotations

from fallback.domain.order.cart import Discount, Line
from fallback.payments.currencies import chargeable
from fallback.primaries.check import Sample, run_checks
from tests.builders import STANDARD
from tests.primaries.shopify.fake_shop import FakeShop

SAMPLE = Sample(
    Line("BK-1", "The Lighthouse Ledger", 1, 1299),
    STANDARD,
    "EUR",
    "DE",
    second_line=Line("BK-12", "Tides", 1, 800),
    discount=Discount("Two for less", 300),
)


def test_the_check_finds_no_fault(shop: FakeShop) -> None:
    results = list(run_checks(shop.primary, SAMPLE, chargeable))

    assert [(result.name, result.detail) for result in results if result.ok is False] == []
    assert len([result for result in results if result.ok]) > 10
