"""Signs of life, in memory and in Redis: when a webhook came, whose clock is off, who leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.checkout.journal import JournalSign
from fallback.ledger.oncall.heartbeats import CLOCK, Heartbeats
from fallback.ledger.redis.leases import Leases
from tests.builders import NOW
from tests.fakes.heartbeats import FakeHeartbeats
from tests.redis_server import RedisServer

SECOND = timedelta(seconds=1)


@pytest.fixture
def heartbeats(house: Container) -> Heartbeats | FakeHeartbeats:
    return house.heartbeats


def test_the_last_webhook_is_remembered(heartbeats: Heartbeats | FakeHeartbeats) -> None:
    assert heartbeats.webhook_at() is None
    for at in (NOW, NOW + SECOND):
        heartbeats.webhook_came(at)
    assert heartbeats.webhook_at() == NOW + SECOND


def test_a_machine_whose_clock_is_off_is_named_until_it_is_right_or_silent(
    heartbeats: Heartbeats | FakeHeartbeats,
) -> None:
    assert heartbeats.clocks_off(NOW) == {}
    heartbeats.machine_is_off("web-1", 90, NOW)
    heartbeats.machine_is_off("web-2", -7, NOW)
    assert heartbeats.clocks_off(NOW) == {"web-1": 90, "web-2": -7}
    heartbeats.machine_is_off("web-1", 0, NOW)
    assert heartbeats.clocks_off(NOW) == {"web-2": -7}
    assert heartbeats.clocks_off(NOW + timedelta(seconds=29)) == {"web-2": -7}
    assert heartbeats.clocks_off(NOW + timedelta(seconds=30)) == {}


def test_a_webhook_that_was_refused_for_its_age_is_told_of(heartbeats: Heartbeats | FakeHeartbeats) -> None:
    assert heartbeats.stale_webhook() is None
    heartbeats.webhook_was_stale(400)
    assert heartbeats.stale_webhook() == 400


def test_a_journal_is_told_of_as_long_as_its_machine_says_so(heartbeats: Heartbeats | FakeHeartbeats) -> None:
    sign = JournalSign(3, NOW, 1)
    assert heartbeats.journals(NOW) == {}
    heartbeats.journal_has("web-1", sign, NOW)
    assert heartbeats.journals(NOW + timedelta(seconds=29)) == {"web-1": sign}
    assert heartbeats.journals(NOW + timedelta(seconds=30)) == {}


# --- in Redis


def test_the_heartbeats_tell_whether_a_clock_leads(redis_server: RedisServer) -> None:
    heartbeats = Heartbeats(redis_server.client)
    assert not heartbeats.clock_leads()
    Leases(redis_server.client).hold(CLOCK, 10)
    assert heartbeats.clock_leads()


def test_the_time_is_that_of_redis(redis_server: RedisServer) -> None:
    seconds, _ = redis_server.client.time()
    assert Heartbeats(redis_server.client).redis_time() >= datetime.fromtimestamp(seconds, UTC)
