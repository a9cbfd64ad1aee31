"""The domain and the use cases name no vendor: who pays and who sells is an adapter's to know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CORE = ("fallback/domain", "fallback/usecases")
VENDORS = re.compile(
    r"stripe|adyen|paypal|saleor|medusa|vendure|shopify|woocommerce|ctoken|\bpm_|\bpi_|\bevt_|payment_?intent\b",
    re.IGNORECASE,
)
# What older documents hold: the value stays, whatever the name beside it.
KEPT = {
    'PROVIDER = "stripe"',
    'PROVIDER_AWAY = "stripe_away"',
    'provider: bool | None = field(default=None, name="stripe")',
}


def test_the_core_has_no_vendor_word() -> None:
    modules = [module for folder in CORE for module in sorted((ROOT / folder).rglob("*.py"))]
    assert len(modules) > 100
    assert [
        f"{module.relative_to(ROOT)}:{number}: {line.strip()}"
        for module in modules
        for number, line in enumerate(module.read_text().splitlines(), start=1)
        if VENDORS.search(line) and line.strip() not in KEPT
    ] == []


@pytest.mark.parametrize("line", ["as Stripe has it", 'r"^(ctoken|pm)_"', "`pi_1`", "Event(now, what, 'stripe')"])
def test_a_vendor_word_is_seen(line: str) -> None:
    assert VENDORS.search(line)
