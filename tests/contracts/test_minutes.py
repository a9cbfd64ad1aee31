"""Figures of the last hour, in memory and in Redis."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from fallback.domain.oncall.minutes import SHOWN, Minute, Minutes, Sums, last_hour, number
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.ledger.oncall.minutes import PLACES
from fallback.ledger.redis import keys
from tests.builders import NOW, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.fakes.minutes import FakeMinutes
from tests.ledger.world import a_container
from tests.redis_server import RedisServer

MINUTE = timedelta(minutes=1)
SETTLED = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}


class House(NamedTuple):
    minutes: Minutes
    ledger: Any

    def accept(self, **changes: Any) -> None:
        order = an_order(**changes)
        self.ledger.accept(order, order.ref, "print")


@pytest.fixture(params=["in memory", "on redis"])
def house(request: pytest.FixtureRequest) -> House:
    if request.param == "in memory":
        ledger = FakeLedger()
        return House(FakeMinutes(ledger), ledger)
    container = a_container(request.getfixturevalue("redis_server").url)
    return House(container.minutes, container.ledger)


def test_a_new_installation_has_no_figures(house: House) -> None:
    assert house.minutes.noted(NOW) == {}


def test_a_minute_has_what_was_noted_last(house: House) -> None:
    house.minutes.note(3, NOW)
    assert house.minutes.noted(NOW) == {number(NOW): Sums(accepted=0, handed_over=0, failures=3)}
    house.accept()
    house.accept(**SETTLED)
    house.minutes.note(4, NOW + timedelta(seconds=55))
    assert house.minutes.noted(NOW) == {number(NOW): Sums(accepted=2, handed_over=1, failures=4)}


def test_what_happened_in_a_minute_is_what_the_sums_grew_by(house: House) -> None:
    house.accept()
    house.minutes.note(0, NOW)
    house.accept()
    house.accept(**SETTLED)
    house.minutes.note(7, NOW + MINUTE)
    *_, first, last = last_hour(house.minutes.noted(NOW + MINUTE), NOW + MINUTE)
    assert first is None
    assert last == Minute(accepted=2, handed_over=1, failures=7)


def test_what_is_older_than_an_hour_is_not_told(house: House) -> None:
    house.minutes.note(1, NOW)
    assert number(NOW) in house.minutes.noted(NOW + SHOWN * MINUTE)
    assert house.minutes.noted(NOW + (SHOWN + 1) * MINUTE) == {}


def test_figures_by_the_minute_take_limited_space(redis_server: RedisServer) -> None:
    minutes = a_container(redis_server.url).minutes
    for later in range(24 * 60):
        minutes.note(0, NOW + later * MINUTE)
    assert redis_server.client.hlen(keys.MINUTES) == PLACES
