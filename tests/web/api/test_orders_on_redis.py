"""The API on a real Redis: equal requests at once, and a Redis that dies, hangs and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.web.app import create_app
from tests.redis_server import RedisServer
from tests.web.api_client import AS_SHOP, is_problem, place
from tests.web.world import METRICS_TOKEN, NOW, a_cart, a_config, signed

THREADS = 8
# Longer than this nobody waits for a page to answer.
PATIENCE = 6.0


@pytest.fixture
def app(mortal_redis: RedisServer) -> Iterator[Flask]:
    container = Container(a_config(redis_url=mortal_redis.url))
    container.clock = lambda: NOW
    yield create_app(container)
    container.redis.close()


def test_equal_requests_at_the_same_moment_get_equal_answers(app: Flask, mortal_redis: RedisServer) -> None:
    barrier = Barrier(THREADS)

    def send(_: int) -> tuple[int, bytes]:
        client = app.test_client()
        barrier.wait(10)
        answer = place(client)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(THREADS) as threads:
        answers = set(threads.map(send, range(THREADS)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 202
    assert mortal_redis.client.zcard("received") == 1


def test_a_pushed_cart_is_bought_once_whatever_came_in_between(app: Flask) -> None:
    client = app.test_client()

    def push(**changes: object) -> TestResponse:
        body = {"cart_token": signed(a_cart(**changes))}
        return client.put("/v1/carts/basket-17", json=body, headers=AS_SHOP)

    seconds = int(NOW.timestamp())
    first, second = (push(iat=seconds + later, currency=each).json for later, each in enumerate(("EUR", "USD")))
    is_problem(push(iat=seconds - 1), 409, "cart_outdated")
    assert push(iat=seconds + 1, currency="USD").json == second
    answer = place(client, cart_token=first["fallback_cart"])
    assert (answer.status_code, answer.json["total"]["currency"]) == (202, "EUR")
    is_problem(place(client, key="key-2", cart_token=second["fallback_cart"]), 409, "cart_already_captured")


def test_one_cart_sent_by_many_at_once_is_one_order(app: Flask, mortal_redis: RedisServer) -> None:
    barrier = Barrier(THREADS)

    def send(number: int) -> tuple[int, str]:
        client = app.test_client()
        barrier.wait(10)
        answer = place(client, key=f"key-{number}")
        return answer.status_code, answer.json["ref"]

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(send, range(THREADS)))
    assert sorted(status for status, _ in answers) == [202] + [409] * (THREADS - 1)
    assert len({ref for _, ref in answers}) == 1


def test_an_order_is_answered_the_same_after_redis_died(app: Flask, mortal_redis: RedisServer) -> None:
    first = place(app.test_client())
    mortal_redis.kill()
    mortal_redis.start()
    again = place(app.test_client())
    assert (again.status_code, again.data) == (202, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_while_redis_is_down_everybody_is_asked_to_try_again(app: Flask, mortal_redis: RedisServer) -> None:
    client = app.test_client()
    mortal_redis.kill()
    for answer in (
        place(client),
        client.get("/v1/orders/FB-0000-0000-0"),
        client.get("/v1/mode"),
        client.get("/v1/purchases/basket-17", headers=AS_SHOP),
    ):
        assert is_problem(answer, 503, "try_again")
        assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).status_code == 503
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_while_redis_hangs_nobody_hangs_with_it(app: Flask, mortal_redis: RedisServer) -> None:
    def send(number: int) -> tuple[int, float]:
        began = time.monotonic()
        token = signed(a_cart(cart_id=f"basket-{number}"))
        status = place(app.test_client(), key=f"key-{number}", cart_token=token).status_code
        return status, time.monotonic() - began

    assert send(0)[0] == 202
    mortal_redis.pause()
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(send, range(1, 3 * THREADS)))
    mortal_redis.resume()
    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < PATIENCE


def test_after_redis_hung_the_same_request_is_answered(app: Flask, mortal_redis: RedisServer) -> None:
    place(app.test_client(), key="key-0", cart_token=signed(a_cart(cart_id="basket-0")))
    mortal_redis.pause()
    assert place(app.test_client()).status_code == 503
    mortal_redis.resume()
    assert place(app.test_client()).status_code == 202
    assert mortal_redis.client.zcard("received") == 2
