"""Requests for links by mail address: in order, claimed once; in Redis encrypted and limited."""

from __future__ import annotations

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.support.renewals import RenewalRequest
from fallback.ledger.redis import keys
from fallback.ledger.support import renewals as ledger_renewals
from fallback.ledger.support.renewals import RedisRenewals
from tests.fakes.renewals import FakeRenewals
from tests.ledger.world import a_container
from tests.redis_server import RedisServer


@pytest.fixture
def renewals(redis_server: RedisServer) -> RedisRenewals:
    built: RedisRenewals = a_container(redis_server.url).renewals
    return built


def test_link_requests_are_taken_once_oldest_first(house: Container) -> None:
    waiting: RedisRenewals | FakeRenewals = house.renewals
    asked = [RenewalRequest(f"iris{number}@example.org", "FB-7K3M-92QX-5") for number in range(3)]
    for each in asked:
        waiting.ask(each)
    assert waiting.take(2) == asked[:2]
    assert waiting.take(2) == asked[2:]
    assert waiting.take(2) == []


def test_no_address_can_be_read_in_redis(renewals: RedisRenewals, redis_server: RedisServer) -> None:
    renewals.ask(RenewalRequest("iris@example.org"))
    [sealed] = redis_server.client.lrange(keys.RENEWALS, 0, -1)
    assert b"iris" not in sealed


def test_a_flood_does_not_fill_the_memory(renewals: RedisRenewals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_renewals, "ROOM", 2)
    for number in range(4):
        renewals.ask(RenewalRequest(f"{number}@example.org"))
    assert [asked.email for asked in renewals.take(9)] == ["2@example.org", "3@example.org"]
