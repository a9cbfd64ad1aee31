"""Whether an incident may be closed: it is over, its orders were counted not long ago, and they balance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fallback.domain.errors import FallbackError
from fallback.domain.incident.balance import FRESH, Balance, Missing, lacking
from fallback.domain.incident.incident import Incident
from fallback.domain.order.lifecycle import Headline


class NotBalanced(FallbackError):
    """`lacking`: what prevents it, with the count of each."""

    def __init__(self, lacking: Mapping[Missing, int]) -> None:
        super().__init__(", ".join(f"{what}: {count}" for what, count in lacking.items()))
        self.lacking = lacking


def why_open(
    incident: Incident, balance: Balance | None, by_headline: Mapping[Headline, int], now: datetime
) -> dict[Missing, int]:
    """What prevents closing it; empty if nothing does. `by_headline`: the orders of the incident now."""
    if incident.ended is None:
        return {Missing.AN_END: 1}
    if balance is None:
        return {Missing.A_COUNT: 1}
    fresh = balance.counted_at >= max(incident.ended, now - FRESH)
    if not fresh or balance.by_headline != by_headline:
        return {Missing.A_NEW_COUNT: 1}
    return lacking(balance)
