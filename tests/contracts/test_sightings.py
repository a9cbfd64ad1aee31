"""What keeps the evidence of an outage: the one in memory and the one in Redis."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.outage.failover import Advice, Customers, Evidence, Look, Sighting, Why
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.ports import Sightings
from fallback.ledger.outage.sightings import RedisSightings
from tests.builders import NOW
from tests.fakes.sightings import FakeSightings
from tests.redis_server import RedisServer


@pytest.fixture(params=["in memory", "on redis"])
def sightings(request: pytest.FixtureRequest) -> Sightings:
    if request.param == "in memory":
        return FakeSightings()
    return RedisSightings(request.getfixturevalue("redis_server").client)


def test_who_comes_twice_is_one_head_and_two_requests(sightings: Sightings) -> None:
    sightings.count("failed", "basket-1", NOW)
    sightings.count("maybe_taken", "basket-1", NOW + timedelta(seconds=11))
    sightings.count("failed", "basket-2", NOW + timedelta(seconds=20))
    assert sightings.customers(NOW + timedelta(seconds=25)) == Customers(heads=2, requests=3, maybe_taken=1)


def test_after_a_minute_they_count_no_more(sightings: Sightings) -> None:
    sightings.count("failed", "basket-1", NOW)
    assert sightings.customers(NOW + timedelta(seconds=61)) == Customers()


def test_what_the_workers_found_of_stripe_is_unknown_until_they_found_something(sightings: Sightings) -> None:
    assert sightings.provider() is None
    sightings.note_provider(False)
    assert sightings.provider() is False
    sightings.note_provider(True)
    assert sightings.provider() is True


def test_the_last_sighting_is_read_as_it_was_written(sightings: Sightings) -> None:
    assert sightings.read() is None
    look = Look(NOW, page=False, elsewhere=True)
    evidence = Evidence((look,), Customers(1, 2, 1), None, False, 7)
    sighting = Sighting(NOW, evidence, Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4}))
    sightings.write(sighting)
    assert sightings.read() == sighting


def test_no_customer_can_be_read_in_redis_and_all_is_gone_within_minutes(redis_server: RedisServer) -> None:
    RedisSightings(redis_server.client).count("failed", "192.0.2.77", NOW)
    for key in redis_server.client.scan_iter():
        assert b"192.0.2.77" not in (redis_server.client.dump(key) or b"")
        assert 0 < redis_server.client.ttl(key) <= 120
