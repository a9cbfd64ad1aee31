"""Warnings before a switch by a person. They are shown once; then the person decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Queue
from fallback.domain.outage.failover import Observation
from fallback.domain.outage.mode import Mode
from fallback.domain.texts import N_

_FAR_OFF = timedelta(days=36_500)


class DoubtCode(StrEnum):
    HELD = "held"
    SHOP_AWAY = "shop_away"
    SHOP_WELL = "shop_well"
    PROVIDER_AWAY = "provider_away"


# The names in %(…)s are those of Doubt.figures.
DOUBTS = {
    DoubtCode.HELD: N_(
        "Orders not handed over yet: %(held)s. They will still be handed over, but the incident ends with this switch."
    ),
    DoubtCode.SHOP_AWAY: N_("The last health check failed: requests to the shop's checkout would fail."),
    DoubtCode.SHOP_WELL: N_("The shop is healthy: customers would be moved away from a working checkout."),
    DoubtCode.PROVIDER_AWAY: N_(
        "The payment provider does not answer: payments for orders that are handed over cannot be captured."
    ),
}


class Doubt(Struct, frozen=True):
    code: DoubtCode
    figures: dict[str, int] = {}

    @property
    def sentence(self) -> str:
        return DOUBTS[self.code] % self.figures


def doubts(to: Mode, held: int, observation: Observation | None, now: datetime) -> list[Doubt]:
    """`held`: orders that wait to be handed over. An outdated or missing observation raises no doubt."""
    found = [Doubt(DoubtCode.HELD, {"held": held})] if to is Mode.STANDBY and held else []
    if observation is None or not observation.is_recent(now):
        return found
    shop_is_well = observation.evidence.looks[-1].page
    if to is Mode.ACTIVE and shop_is_well and observation.advice.mode is not Mode.ACTIVE:
        found.append(Doubt(DoubtCode.SHOP_WELL))
    if to is not Mode.ACTIVE and not shop_is_well:
        found.append(Doubt(DoubtCode.SHOP_AWAY))
    if to is Mode.DRAINING and observation.evidence.provider is False:
        found.append(Doubt(DoubtCode.PROVIDER_AWAY))
    return found


def count_held(ledger: Ledger) -> int:
    """Orders that wait to be handed over, due at any time; orders on hold wait for a person and do not count."""
    return ledger.count_due(Queue.PLACEMENT, _FAR_OFF)
