"""The money of open orders, as the on-call page shows it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.domain.outage.mode import Mode, ModeState
from fallback.usecases.incident.count_running_totals import count_running_totals
from fallback.usecases.incident.follow_mode import follow_mode
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.usecases.world import World

SETTLED = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}


def test_running_totals_are_grouped_by_what_orders_wait_for() -> None:
    world = World()
    world.ledger.keep(an_order(received_at=NOW - timedelta(hours=1), **SETTLED))
    world.container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ada", "the shop is down"))
    follow_mode(world.container)
    for changes in ({}, {}, {"holds": (a_hold(HoldCode.MISMATCH),)}, SETTLED):
        world.ledger.keep(an_order(**changes))
    counted = count_running_totals(world.container)
    assert (counted.waiting, counted.on_hold) == ({"EUR": 2 * 3093}, {"EUR": 3093})
    assert counted.captured == {"EUR": 3093}  # what was settled before the outage is none of its money
    assert world.books.last_running_totals() == counted


def test_running_totals_are_unknown_if_there_are_too_many_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr("fallback.usecases.incident.count_running_totals.MOST", 1)
    world.ledger.keep(an_order())
    assert count_running_totals(world.container).waiting == {"EUR": 3093}
    world.ledger.keep(an_order())
    counted = count_running_totals(world.container)
    assert (counted.waiting, counted.unread) == (None, 0)


def test_without_any_incident_nothing_was_taken_in_one() -> None:
    world = World()
    world.ledger.keep(an_order(**SETTLED))
    assert count_running_totals(world.container).captured == {}
