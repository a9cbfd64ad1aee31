"""Signs of life, in memory and in Redis: when a webhook came, whose clock is off, who leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fallback.bootstrap.container import Container
from fallback.ledger.oncall.heartbeats import CLOCK, Signs
from fallback.ledger.redis.leases import Leases
from tests.builders import NOW
from tests.fakes.signs import FakeSigns
from tests.redis_server import RedisServer

SECOND = timedelta(seconds=1)


@pytest.fixture
def signs(house: Container) -> Signs | FakeSigns:
    return house.signs


def test_the_last_webhook_is_remembered(signs: Signs | FakeSigns) -> None:
    assert signs.webhook_at() is None
    for at in (NOW, NOW + SECOND):
        signs.webhook_came(at)
    assert signs.webhook_at() == NOW + SECOND


def test_a_machine_whose_clock_is_off_is_named_until_it_is_right_or_silent(signs: Signs | FakeSigns) -> None:
    assert signs.clocks_off(NOW) == {}
    signs.machine_is_off("web-1", 90, NOW)
    signs.machine_is_off("web-2", -7, NOW)
    assert signs.clocks_off(NOW) == {"web-1": 90, "web-2": -7}
    signs.machine_is_off("web-1", 0, NOW)
    assert signs.clocks_off(NOW) == {"web-2": -7}
    assert signs.clocks_off(NOW + timedelta(seconds=29)) == {"web-2": -7}
    assert signs.clocks_off(NOW + timedelta(seconds=30)) == {}


def test_a_webhook_that_was_refused_for_its_age_is_told_of(signs: Signs | FakeSigns) -> None:
    assert signs.stale_webhook() is None
    signs.webhook_was_stale(400)
    assert signs.stale_webhook() == 400


# --- in Redis


def test_it_is_known_whether_a_clock_leads(redis_server: RedisServer) -> None:
    signs = Signs(redis_server.client)
    assert not signs.clock_leads()
    Leases(redis_server.client).hold(CLOCK, 10)
    assert signs.clock_leads()


def test_the_time_is_that_of_redis(redis_server: RedisServer) -> None:
    seconds, _ = redis_server.client.time()
    assert Signs(redis_server.client).redis_time() >= datetime.fromtimestamp(seconds, UTC)
