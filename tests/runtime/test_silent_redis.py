"""With a journal, one connection waits for a Redis that does not answer, and the others do not."""

from __future__ import annotations

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fallback.runtime.redis_connection import Silent, be_impatient, connect
from tests.demo.waiting import eventually
from tests.redis_server import RedisServer


def a_client(server: RedisServer) -> redis.Redis:
    return connect(server.url, socket_timeout=0.1, retry=Retry(NoBackoff(), 0))


def test_after_a_timeout_nobody_else_waits_until_it_answers(mortal_redis: RedisServer) -> None:
    client = a_client(mortal_redis)
    be_impatient(client)
    client.time()
    mortal_redis.pause()
    with pytest.raises(redis.TimeoutError):
        client.time()
    for _ in range(3):
        with pytest.raises(Silent):
            client.time()
    mortal_redis.resume()
    eventually(lambda: answers(client), within=10)
    client.close()


def test_a_refused_connection_costs_nothing_and_is_tried_again_at_once(mortal_redis: RedisServer) -> None:
    client = a_client(mortal_redis)
    be_impatient(client)
    mortal_redis.kill()
    for _ in range(2):
        with pytest.raises(redis.ConnectionError) as refused:
            client.time()
        assert not isinstance(refused.value, Silent)
    mortal_redis.start()
    assert client.time()
    client.close()


def test_without_a_journal_everybody_waits_for_the_answer(mortal_redis: RedisServer) -> None:
    client = a_client(mortal_redis)
    mortal_redis.pause()
    for _ in range(2):
        with pytest.raises(redis.TimeoutError):
            client.time()
    mortal_redis.resume()
    client.close()


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.time())
    except (redis.ConnectionError, redis.TimeoutError):
        return False
