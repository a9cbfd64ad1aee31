"""`fallback primary check` on a real shop, as it was recorded."""

from __future__ import annotations

from fallback.domain.order.cart import Delivery, Discount, Line, Slot
from fallback.payments.currencies import chargeable
from fallback.primaries.check import Sample, run_checks
from tests.builders import SLOT
from tests.primaries.saleor.shop import SaleorShop

LATER = Slot("2026-11-24-pm", SLOT.starts, SLOT.ends)


def test_the_check_finds_no_fault(shop: SaleorShop) -> None:
    sample = Sample(
        Line("BK-1", "The Lighthouse Ledger", 1, 1299),
        Delivery(shop.standard, "Standard delivery", 495, SLOT),
        "EUR",
        "DE",
        second_line=Line("BK-2", "Tides", 1, 750),
        discount=Discount("Two for less", 300),
        other_delivery=Delivery(shop.courier, "Courier", 998, LATER),
        own_order=shop.own_order(),
    )

    results = list(run_checks(shop.primary, sample, chargeable))

    assert [(result.name, result.detail) for result in results if result.ok is False] == []
    assert {result.name for result in results if result.ok} >= {
        "same order at once",
        "two lines",
        "out of stock",
        "price honoured",
        "own order is listed",
        "listed in any case",
        "payment is told",
        "late report is refused",
        "cancelled again",
        "cleaned up",
    }
