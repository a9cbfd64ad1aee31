"""Which workers are there, and whether the clock leads, by what they leave in Redis."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from fallback.domain.order.order import Queue
from fallback.ledger.oncall.heartbeats import Heartbeats
from tests.builders import NOW
from tests.demo.waiting import eventually
from tests.redis_server import RedisServer
from tests.workers.running import Program
from workers.alive import workers_by_queue

START = 20.0


def test_workers_are_counted_by_queue_and_those_that_ended_are_not(redis_server: RedisServer) -> None:
    assert workers_by_queue(redis_server.client) == Counter()
    with Program("workers.run", redis_server, Queue.NOTICE):
        eventually(lambda: workers_by_queue(redis_server.client) == Counter([Queue.NOTICE]), within=START)


def test_the_clock_leads_while_it_runs(redis_server: RedisServer) -> None:
    heartbeats = Heartbeats(redis_server.client)
    assert not heartbeats.clock_leads()
    with Program("workers.clock", redis_server):
        eventually(heartbeats.clock_leads, within=START)


def test_the_last_webhook_is_remembered(redis_server: RedisServer) -> None:
    heartbeats = Heartbeats(redis_server.client)
    assert heartbeats.webhook_at() is None
    heartbeats.webhook_came(NOW)
    assert heartbeats.webhook_at() == NOW


def test_the_time_of_redis_is_that_of_this_machine(redis_server: RedisServer) -> None:
    assert abs((Heartbeats(redis_server.client).redis_time() - datetime.now(UTC)).total_seconds()) < 2
