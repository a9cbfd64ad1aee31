"""The check, run on the reference shop: what it is told to buy, and what it says."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from fallback.domain.order.cart import Delivery, Line
from fallback.domain.placement.matching import PrimaryDelivery, PrimaryOrder
from fallback.payments.currencies import chargeable
from fallback.primaries import KINDS
from fallback.primaries.calls import DEADLINE
from fallback.primaries.check import CheckResult, Sample, run_checks
from fallback.primaries.http import Settings
from tests.builders import STANDARD
from tests.fakes.primary import FakePrimary
from tests.reference_shop import Handler, ReferenceShop, primary_at, serving

SAMPLE = Sample(
    Line("BK-1", "The Sea, the Sea", 1, 1299),
    STANDARD,
    "EUR",
    "GB",
    second_line=Line("BK-2", "The Bell", 1, 999),
    other_delivery=Delivery("courier", "Courier", 1290),
    own_order="100900",
    unpaid_order="100901",
)


def stocked(shop: FakePrimary) -> FakePrimary:
    shop.stock["BK-1"], shop.prices["BK-1"] = 100, 1299
    shop.can |= {"payments"}
    for number, paid in (("100900", True), ("100901", False)):
        order = PrimaryOrder(
            number, number, f"own-{number}", "EUR", (), PrimaryDelivery("standard"), 0, "placed", paid=paid
        )
        shop.placed_at[number] = datetime.now(UTC)
        shop.orders[number] = order
    return shop


def check(
    shop: FakePrimary,
    handler: type[Handler] = Handler,
    token: str | None = None,
    sample: Sample | None = None,
) -> list[CheckResult]:
    server = ReferenceShop(shop)
    server.RequestHandlerClass = handler
    with serving(server):
        return checked(server, SAMPLE if sample is None else sample, token)


def checked(server: ReferenceShop, sample: Sample = SAMPLE, token: str | None = None) -> list[CheckResult]:
    settings = Settings(primary_url=server.url, primary_token=token or server.token)
    more = KINDS["http"].checks(settings, DEADLINE)
    primary = primary_at(server.url, settings.primary_token, failures=sys.maxsize)
    return list(run_checks(primary, sample, chargeable, more))


def failed(results: list[CheckResult]) -> dict[str, str]:
    return {result.name: result.detail for result in results if result.ok is False}
