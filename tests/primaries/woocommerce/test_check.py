"""`fallback primary check` on a real shop, as it was recorded."""

from __future__ import annotations

from msgspec.structs import replace

from fallback.domain.order.cart import Delivery, Line, Slot
from fallback.payments.currencies import chargeable
from fallback.primaries.check import Sample, run_checks
from tests.builders import SLOT
from tests.primaries.woocommerce.shop import WooShop
from tests.primaries.woocommerce.test_orders import bought_in_the_shop

LATER = Slot("2026-11-24-pm", SLOT.starts, SLOT.ends)
SAMPLE = Sample(
    Line("BK-1", "The Lighthouse Ledger", 1, 1299),
    Delivery("flat_rate:1", "Standard delivery", 495, SLOT),
    "EUR",
    "DE",
    second_line=Line("BK-2", "Tides", 1, 750),
    other_delivery=Delivery("flat_rate:2", "Courier", 998, LATER),
)


def test_the_check_finds_no_fault(shop: WooShop) -> None:
    own, unpaid = bought_in_the_shop(shop, "cod"), bought_in_the_shop(shop, "bacs")
    shop.owner("PUT", f"orders/{unpaid.id}", {"status": "pending"})
    sample = replace(SAMPLE, own_order=own.number, unpaid_order=unpaid.number)

    results = list(run_checks(shop.primary, sample, chargeable))

    assert [(result.name, result.detail) for result in results if result.ok is False] == []
    assert {result.name for result in results if result.ok is None} == {
        "added tax",
        "quoted",
        "quoted out of stock",
        "price changed",
        "order was shipped",
        "withdrawal is told",
        "late withdrawal is refused",
    }
