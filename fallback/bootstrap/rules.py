"""The rules that settings set, as the domain states them."""

from __future__ import annotations

from datetime import timedelta

from fallback.config import Config
from fallback.domain.oncall.alerts import Limits
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.outage.failover import Rules
from fallback.domain.outage.pace import Bounds, Rule
from fallback.ledger.outage.modes import AT_FIRST


def failover(config: Config) -> Rules:
    return Rules(config.fallback_failed_customers, timedelta(seconds=config.fallback_calm_seconds))


def alert_limits(config: Config) -> Limits:
    return Limits(timedelta(minutes=config.fallback_alert_order_minutes), config.fallback_alert_holds)


def bounds(config: Config) -> Bounds:
    return Bounds(config.fallback_ramp_start, config.fallback_ramp_step, config.fallback_captures_per_second)


def pace(config: Config) -> Rule:
    """The one that holds until somebody sets another."""
    return Rule(pace=config.fallback_pace, at=AT_FIRST.since, who=AT_FIRST.who, why="FALLBACK_PACE")


def nobody(config: Config) -> frozenset[str]:
    """Owners that are no person: the customer, the desk, and teams."""
    return frozenset({CUSTOMER, config.fallback_desk, *config.fallback_teams.values(), ""})
