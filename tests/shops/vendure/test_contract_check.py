"""`fallback primary check` of a real Vendure: all that it declares holds, and nothing is left there."""

from __future__ import annotations

from fallback.domain.order.cart import Delivery, Discount, Line
from fallback.payments.currencies import chargeable
from fallback.primaries.check import Sample, run_checks
from tests.shops.vendure.running import VendureShop

SAMPLE = Sample(
    line=Line("BK-1", "The Lighthouse Ledger", 1, 1299),
    delivery=Delivery("standard", "Standard", 495),
    currency="EUR",
    country="DE",
    second_line=Line("BK-2", "The Sea", 1, 2450),
    discount=Discount("Both", 300),
    other_delivery=Delivery("express", "Express", 995),
)


def test_the_check_finds_nothing(vendure: VendureShop) -> None:
    results = list(run_checks(vendure.primary(), SAMPLE, chargeable))

    assert [result for result in results if result.ok is False] == []
    assert sum(result.ok is True for result in results) > 15
    standing = vendure.sql(
        """SELECT code, state FROM "order"
        WHERE "customFieldsFallbackcart" LIKE 'contract-check-%' AND state <> 'Cancelled'"""
    )
    assert standing == []
