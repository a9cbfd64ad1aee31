"""`fallback primary check` of a real Medusa: all that it declares holds, and nothing is left there."""

from __future__ import annotations

import os

import pytest

from fallback.domain.order.cart import Delivery, Discount, Line
from fallback.payments.currencies import chargeable
from fallback.primaries.check import Sample, run_checks
from tests.shops.medusa.running import Medusa


@pytest.mark.skipif("WHOLE_CHECK" not in os.environ, reason="minutes of processor time: set WHOLE_CHECK=1")
def test_the_check_finds_nothing(medusa: Medusa) -> None:
    sample = Sample(
        line=Line("BK-1", "The Lighthouse Ledger", 1, 1299),
        delivery=Delivery(medusa.delivery(), "Standard delivery", 495),
        currency="EUR",
        country="DE",
        second_line=Line("BK-2", "The Sea, the Sea", 1, 950),
        discount=Discount("Both", 300),
        other_delivery=Delivery(medusa.delivery("Courier"), "Courier", 990),
    )

    results = list(run_checks(medusa.primary(), sample, chargeable))

    assert [result for result in results if result.ok is False] == []
    assert sum(result.ok is True for result in results) > 15
    standing = """SELECT display_id FROM "order" WHERE metadata->>'fallback_cart' LIKE 'contract-check-%'
        AND canceled_at IS NULL AND deleted_at IS NULL"""
    assert medusa.sql(standing) == []
