"""Standby has the orders before, between and after incidents."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.incident.incident import Incident, Span
from fallback.domain.incident.standby import incident_or_standby
from fallback.domain.order.grants import NO_INCIDENT
from tests.builders import NOW
from tests.fakes.books import FakeBooks
from tests.fakes.incidents import FakeIncidents
from tests.fakes.ledger import FakeLedger

FIRST = Incident(id="1", reason="The payment page is down", began=NOW, after=0, upto=3, followed=NOW)


@pytest.mark.parametrize(
    ("incidents", "between"),
    [
        ([], [Span(0)]),
        ([FIRST], [Span(3)]),  # it began with the first order
        ([replace(FIRST, after=2)], [Span(0, 2), Span(3)]),
        (
            [FIRST, replace(FIRST, id="2", after=3, upto=5), replace(FIRST, id="3", after=7, upto=9)],
            [Span(5, 7), Span(9)],
        ),
        ([replace(FIRST, after=2, upto=None)], [Span(0, 2)]),  # it lasts
    ],
)
def test_its_orders_are_those_of_no_incident(incidents: list[Incident], between: list[Span]) -> None:
    ledger = FakeLedger()
    kept = FakeIncidents(ledger)
    for each in incidents:
        kept.open(each)
    standby = incident_or_standby(NO_INCIDENT, kept, FakeBooks(ledger), NOW)
    assert standby.spans == tuple(between)
