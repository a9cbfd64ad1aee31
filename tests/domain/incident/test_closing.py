"""An incident can be closed when it is over, was counted recently, and balances."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from fallback.domain.incident.balance import FRESH, Balance, Count, Missing
from fallback.domain.incident.closing import NotBalanced, why_open
from fallback.domain.incident.incident import Incident
from fallback.domain.order.lifecycle import Headline
from tests.builders import NOW, an_order

INCIDENT = Incident(id="2026-11-21", reason="The shop is down", began=NOW, after=0, followed=NOW, ended=NOW)


def a_count(at: datetime) -> Balance:
    metrics = Count(INCIDENT.id, frozenset())
    metrics.add(an_order(), [])
    return metrics.balance(at, 1, [], {})


WAITING = {Headline.WAITING: 1}


def test_an_incident_can_be_closed_when_it_is_over_counted_and_balanced() -> None:
    assert why_open(replace(INCIDENT, ended=None), a_count(NOW), WAITING, NOW) == {Missing.AN_END: 1}
    assert why_open(INCIDENT, None, WAITING, NOW) == {Missing.A_COUNT: 1}
    assert why_open(INCIDENT, a_count(NOW), WAITING, NOW) == {Missing.UNDER_WAY: 1}


def test_a_count_is_current_for_a_while_and_as_long_as_no_order_changes() -> None:
    late = NOW + FRESH
    second = timedelta(seconds=1)
    assert why_open(INCIDENT, a_count(NOW), WAITING, late) == {Missing.UNDER_WAY: 1}
    anew = {Missing.A_NEW_COUNT: 1}
    assert why_open(INCIDENT, a_count(NOW), WAITING, late + second) == anew
    assert why_open(INCIDENT, a_count(NOW - second), WAITING, NOW) == anew
    assert why_open(INCIDENT, a_count(NOW), {Headline.SETTLED: 1}, NOW) == anew


def test_what_is_missing_is_said_with_its_figures() -> None:
    assert str(NotBalanced({Missing.UNDER_WAY: 2, Missing.SHOP: 1})) == "under_way: 2, shop: 1"
