"""The web server without a proxy: incomplete bodies, slow clients, and overload."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from threading import Event
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
import requests
from flask import Flask

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.web.app import create_app
from fallback.web.http.door import Door
from fallback.web.http.load import FEWEST, Load
from fallback.web.http.security import MAX_BODY_BYTES
from tests.demo.waiting import eventually
from tests.ports import free_port
from tests.redis_server import RedisServer
from tests.web.api_client import AS_SHOP
from tests.web.world import a_cart, a_config, a_form, an_order_body, signed
from tests.workers.running import Program

START = 60.0  # seconds; processes start slowly on a busy machine
SLOW = 300
PAUSE = 60_000  # milliseconds; it ends as soon as the sender has left
NEXT_CART = "the next cart"
NOW = int(time.time())
CART = signed(a_cart(iat=NOW, exp=NOW + 3600))
BODY = msgspec.json.encode(an_order_body(cart_token=CART))
NEXT = msgspec.json.encode(an_order_body(cart_token=signed(a_cart(cart_id=NEXT_CART, iat=NOW, exp=NOW + 3600))))
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def port(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("HOST", "127.0.0.1")
    port = free_port()
    with Program("fallback.web", redis_server, port=port, web_concurrency=1):
        eventually(lambda: serves(port), within=START)
        yield port


def serves(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok
    except requests.ConnectionError:
        return False


def order(port: int, key: str | bytes, **more: Any) -> requests.Response:
    headers = JSON | {"Idempotency-Key": key}
    return requests.post(f"http://127.0.0.1:{port}/v1/orders", headers=headers, timeout=30, **more)


def sent(port: int, path: str, mimetype: str, length: str, body: bytes) -> bytes:
    """What is answered to a body after which no more is sent.

    The body follows once the server asks for it: who is gone before that is not answered at all.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client, client.makefile("rb") as answer:
        client.sendall(head(path, mimetype, f"{length}\r\nExpect: 100-continue", key="cut"))
        assert answer.readline() + answer.readline() == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        client.shutdown(socket.SHUT_WR)
        return answer.read()


def head(path: str, mimetype: str, length: str, key: str) -> bytes:
    sender = f"Host: localhost\r\nIdempotency-Key: {key}\r\nSec-Fetch-Site: same-origin"
    return f"POST {path} HTTP/1.1\r\n{sender}\r\nContent-Type: {mimetype}\r\n{length}\r\n\r\n".encode()


def test_a_body_that_breaks_off_is_no_order(port: int) -> None:
    form, typed = urlencode(a_form(cart_token=CART)).encode(), "application/x-www-form-urlencoded"
    chunk = b"%x\r\n%s\r\n" % (len(BODY), BODY)
    for path, mimetype, length, body in (
        ("/v1/orders", "application/json", f"Content-Length: {len(BODY) + 1}", BODY),
        ("/v1/orders", "application/json", f"Content-Length: {len(BODY)}", BODY[:-20]),
        ("/v1/orders", "application/json", "Transfer-Encoding: chunked", chunk),
        ("/v1/orders", "application/json", "Transfer-Encoding: chunked", chunk[:-20]),
        ("/checkout", typed, f"Content-Length: {len(form) + 1}", form),
        ("/checkout", typed, f"Content-Length: {len(form)}", form[:-1]),
    ):
        answer = sent(port, path, mimetype, length, body)
        assert answer.startswith(b"HTTP/1.1 400"), answer
        assert b'"body_cut_short"' in answer
        assert b"nosniff" in answer
    assert order(port, "cut", data=BODY).headers.get("Idempotency-Replayed") is None


def test_an_order_that_is_being_stored_is_taken_though_nobody_waits_for_the_answer(
    port: int, redis_server: RedisServer
) -> None:
    order(port, "before", data=BODY)
    redis_server.client.client_pause(PAUSE, all=False)  # only what writes
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(head("/v1/orders", "application/json", f"Content-Length: {len(NEXT)}", key="left") + NEXT)
        eventually(lambda: is_storing(redis_server), within=PAUSE / 1000)
    redis_server.client.client_unpause()
    purchase = f"http://127.0.0.1:{port}/v1/purchases/{NEXT_CART}"
    eventually(lambda: requests.get(purchase, headers=AS_SHOP, timeout=30).ok, within=START)


def is_storing(server: RedisServer) -> bool:
    """Whether a command that writes waits."""
    return any("b" in client["flags"] for client in server.client.client_list())


def test_a_body_of_unknown_length_is_taken(port: int) -> None:
    assert order(port, "chunks", data=iter([BODY[:9], BODY[9:]])).status_code == 202


def test_a_body_that_is_too_long_is_refused(port: int) -> None:
    assert order(port, "long", data=b" " * MAX_BODY_BYTES + BODY).status_code == 413
    assert order(port, "long", data=iter([b" " * MAX_BODY_BYTES, BODY])).status_code == 413


def test_headers_without_end_are_refused(port: int) -> None:
    def asked_with(header: str) -> int:
        return requests.get(f"http://127.0.0.1:{port}/status", headers={"Accept": header}, timeout=30).status_code

    assert asked_with("a" * 60_000) == 200
    assert asked_with("a" * 80_000) == 431


def test_a_header_that_is_not_ascii_is_refused_by_name_not_overlooked(port: int) -> None:
    answer = order(port, "schlüssel".encode(), data=BODY)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_slow_clients_keep_nobody_out(port: int) -> None:
    begun = b"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nslow"
    asked = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3
    with ExitStack() as stack:
        for number in range(2 * SLOW):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(asked if number % 2 else begun)
        answers = [order(port, f"key-{number}", data=BODY).status_code for number in range(20)]
    assert sorted(set(answers)) == [202, 409]


# --- more than can be served


class Asked:
    """A request as granian hands it over, and what was answered."""

    def __init__(self, path: str = "/v1/status", method: str = "GET", **headers: str) -> None:
        self.path = path
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.method, self.query_string, self.scheme, self.http_version = method, "", "http", "1.1"
        self.client, self.server, self.authority = "127.0.0.1:5", "127.0.0.1:8100", "localhost"
        self.status = 0

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.answered, self.body = status, dict(headers), body
        self.headers_answered = headers

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b""


class Busy:
    """The application while it has no end of work to do."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.goes_on = Event()
        self.refused = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.refused += "fallback.refused" in environ
        if "fallback.refused" not in environ:
            self.goes_on.wait()
        return self._app(environ, start_response)


def test_what_cannot_be_served_soon_is_refused_at_once_and_orders_last(app: Flask) -> None:
    busy = Busy(app)
    door = Door(busy)

    async def crowd() -> tuple[list[Asked], list[Asked]]:
        pages = [Asked() for _ in range(150)]
        orders = [Asked("/v1/mode") for _ in range(150)]
        alive = Asked("/healthz")
        tasks = [asyncio.create_task(door.__rsgi__(each, each)) for each in [*pages, *orders, alive]]
        refused = [*pages, *orders]
        while sum(each.status == 503 for each in refused) < 250:  # while nobody is served
            await asyncio.sleep(0)
        busy.goes_on.set()
        await asyncio.gather(*tasks)
        assert alive.status == 200
        return pages, orders

    pages, orders = asyncio.run(crowd())
    assert {each.status for each in pages + orders} == {200, 503}
    assert sum(each.status == 200 for each in orders) >= sum(each.status == 200 for each in pages) - 1
    assert {each.answered.get("Retry-After") for each in pages if each.status == 503} == {"5"}
    again = Asked()
    asyncio.run(door.__rsgi__(again, again))
    assert again.status == 200


def test_150_clients_who_order_at_once_beside_busy_threads_get_one_refusal_that_is_written_once(app: Flask) -> None:
    busy = Busy(app)
    door = Door(busy)

    async def crowd() -> list[Asked]:
        clients = [Asked("/v1/orders", "POST", **{"idempotency-key": f"key-{number}"}) for number in range(150)]
        tasks = [asyncio.create_task(door.__rsgi__(each, each)) for each in clients]
        while sum(each.status == 503 for each in clients) < 100:  # no thread is free, and none is needed
            await asyncio.sleep(0)
        busy.goes_on.set()
        await asyncio.gather(*tasks)
        return [each for each in clients if each.status == 503]

    refused = asyncio.run(crowd())
    assert busy.refused == 1
    assert {(each.answered["Retry-After"], each.answered["Content-Type"]) for each in refused} == {
        ("5", "application/problem+json")
    }
    assert {msgspec.json.decode(each.body)["code"] for each in refused} == {"try_again"}


def test_a_refusal_asks_nothing_of_redis(redis_server: RedisServer) -> None:
    container = Container(a_config(redis_url=redis_server.url))
    app = create_app(container)
    container.redis.time()
    routes = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set())}
    before = commands(redis_server)
    for path, method in sorted(routes):
        for accept in ("text/html", "application/json"):
            environ = {"fallback.refused": TryAgain("more than can be served soon")}
            headers = {"Accept": accept, "Cookie": "console=a-session", "Authorization": "Bearer a-token"}
            answer = app.test_client().open(
                re.sub(r"<[^>]+>", "1", path), method=method, headers=headers, environ_overrides=environ
            )
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), (method, path)
    assert commands(redis_server) == before + 1
    container.redis.close()


def commands(server: RedisServer) -> int:
    """How many Redis has answered, this one not counted."""
    count: int = server.client.info("stats")["total_commands_processed"]
    return count


def test_a_process_takes_what_it_can_serve_within_a_second() -> None:
    load = Load()
    for _ in range(200):  # each alone, and each took 50 ms
        load.leave(0.05, load.enter())
    taken = 0
    while load.takes(first=False):
        load.enter()
        taken += 1
    assert taken == 10
    while load.takes(first=True):
        load.enter()
        taken += 1
    assert taken == 20


def test_one_slow_request_does_not_close_the_door_for_others() -> None:
    load = Load()
    for _ in range(200):
        load.leave(60.0, load.enter())
    for _ in range(FEWEST):
        assert load.takes(first=False)
        load.enter()
    assert not load.takes(first=True)
