from __future__ import annotations

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue as Line
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

from fallback.domain.order.order import Queue
from fallback.ledger.redis.bells import Bells
from tests.redis_server import RedisServer
from workers import shifts


def jobs(server: RedisServer, queue: Queue) -> list[tuple[str, tuple[str, ...]]]:
    line = Line(queue, connection=server.client, serializer=JSONSerializer)
    return [(job.func_name, tuple(job.args)) for job in line.jobs]


def test_a_bell_is_one_job_that_names_the_shift_and_its_queue(redis_server: RedisServer) -> None:
    Bells(redis_server.client).ring(Queue.PAYMENT)
    assert jobs(redis_server, Queue.PAYMENT) == [(f"{shifts.__name__}.{shifts.shift.__name__}", ("payment",))]
    assert jobs(redis_server, Queue.PLACEMENT) == []


def test_ringing_again_before_anybody_came_adds_nothing(redis_server: RedisServer) -> None:
    bells = Bells(redis_server.client)
    bells.ring(Queue.NOTICE)
    bells.ring(Queue.NOTICE)
    assert len(jobs(redis_server, Queue.NOTICE)) == 1


def test_a_bell_that_cannot_be_rung_disturbs_nobody() -> None:
    nobody = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    with capture_logs() as logs:
        Bells(nobody).ring(Queue.PAYMENT)
    assert [(told["event"], told["queue"]) for told in logs] == [("bell_lost", "payment")]


def test_a_shift_that_hangs_is_ended_and_of_its_bell_nothing_is_kept(redis_server: RedisServer) -> None:
    Bells(redis_server.client).ring(Queue.PAYMENT)
    [job] = Line(Queue.PAYMENT, connection=redis_server.client, serializer=JSONSerializer).jobs
    assert (job.timeout, job.result_ttl, job.failure_ttl) == (300, 0, 60)


def test_a_series_of_lost_bells_is_logged_once_until_a_bell_rings_again(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bells, away = Bells(redis_server.client), redis.ConnectionError("away")
    ring = Line.enqueue_call

    def lost(*_: object, **__: object) -> None:
        raise away

    with capture_logs() as logs:
        for _ in range(2):
            monkeypatch.setattr(Line, "enqueue_call", lost)
            bells.ring(Queue.PAYMENT)
            bells.ring(Queue.PAYMENT)
            monkeypatch.setattr(Line, "enqueue_call", ring)
            bells.ring(Queue.PAYMENT)
            redis_server.client.flushall()
    assert [(told["event"], told["exc_info"]) for told in logs] == [("bell_lost", away)] * 2
