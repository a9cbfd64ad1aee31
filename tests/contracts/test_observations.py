"""Evidence of an outage, in memory and in Redis."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.outage.failover import Advice, Customers, Evidence, Observation, Probe, Why
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.ports import Observations
from fallback.ledger.outage.observations import RedisObservations
from tests.builders import NOW
from tests.fakes.observations import FakeObservations
from tests.redis_server import RedisServer


@pytest.fixture(params=["in memory", "on redis"])
def observations(request: pytest.FixtureRequest) -> Observations:
    if request.param == "in memory":
        return FakeObservations()
    return RedisObservations(request.getfixturevalue("redis_server").client)


def test_a_customer_who_fails_twice_counts_as_one_customer_and_two_requests(observations: Observations) -> None:
    observations.count("failed", "basket-1", NOW)
    observations.count("maybe_taken", "basket-1", NOW + timedelta(seconds=11))
    observations.count("failed", "basket-2", NOW + timedelta(seconds=20))
    assert observations.customers(NOW + timedelta(seconds=25)) == Customers(heads=2, requests=3, maybe_taken=1)


def test_after_a_minute_they_count_no_more(observations: Observations) -> None:
    observations.count("failed", "basket-1", NOW)
    assert observations.customers(NOW + timedelta(seconds=61)) == Customers()


def test_what_the_workers_found_of_stripe_is_unknown_until_they_found_something(observations: Observations) -> None:
    assert observations.provider() is None
    observations.note_provider(False)
    assert observations.provider() is False
    observations.note_provider(True)
    assert observations.provider() is True


def test_the_last_observation_is_read_as_it_was_written(observations: Observations) -> None:
    assert observations.read() is None
    look = Probe(NOW, page=False, elsewhere=True)
    evidence = Evidence((look,), Customers(1, 2, 1), None, False, 7)
    observation = Observation(NOW, evidence, Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4}))
    observations.write(observation)
    assert observations.read() == observation


def test_no_customer_can_be_read_in_redis_and_all_is_gone_within_minutes(redis_server: RedisServer) -> None:
    RedisObservations(redis_server.client).count("failed", "192.0.2.77", NOW)
    for key in redis_server.client.scan_iter():
        assert b"192.0.2.77" not in (redis_server.client.dump(key) or b"")
        assert 0 < redis_server.client.ttl(key) <= 120
