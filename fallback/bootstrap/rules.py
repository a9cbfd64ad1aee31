"""The rules that settings set, as the domain states them."""

from __future__ import annotations

from datetime import timedelta

from fallback.config import Config
from fallback.domain.oncall.alerts import AlertLimits
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.exposure import Terms
from fallback.domain.outage.failover import Rules
from fallback.domain.outage.mode import AT_FIRST
from fallback.domain.outage.pace import Bounds, PaceRule


def failover(config: Config) -> Rules:
    return Rules(config.fallback_failed_customers, timedelta(seconds=config.fallback_calm_seconds))


def alert_limits(config: Config) -> AlertLimits:
    return AlertLimits(
        timedelta(minutes=config.fallback_alert_order_minutes),
        config.fallback_alert_holds,
        timedelta(minutes=config.fallback_escalation_minutes) or None,
    )


def bounds(config: Config) -> Bounds:
    return Bounds(config.fallback_ramp_start, config.fallback_ramp_step, config.fallback_captures_per_second)


def pace(config: Config) -> PaceRule:
    """The pace that applies until a person sets another."""
    return PaceRule(pace=config.fallback_pace, at=None, who=AT_FIRST.who, why="FALLBACK_PACE")


def terms(config: Config) -> Terms:
    return Terms(config.fallback_sold_out, config.fallback_unpaid_order_limit, config.fallback_unpaid_incident_limit)


def nobody(config: Config) -> frozenset[str]:
    """Owners that are not persons: the customer, the desk, and teams."""
    return frozenset({CUSTOMER, config.fallback_desk, *config.fallback_teams.values(), ""})
