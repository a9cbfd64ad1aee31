"""An ordinary order is accepted in the event loop, and every other answer is the one that the view gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from fallback.bootstrap.container import Container
from fallback.domain.checkout.journal import JournalSettings
from fallback.domain.errors import TryAgain
from fallback.ledger.scripts import ACCEPT
from fallback.web.api.express import Express
from fallback.web.app import create_app
from fallback.web.http.door import Door
from fallback.web.http.limits import RateLimit
from tests.redis_server import RedisServer
from tests.web.world import NOW, PROXY_TOKEN, a_cart, a_config, an_order_body, signed

LIMIT = 5


class Order:
    """POST /v1/orders as granian hands it over, and what was answered."""

    def __init__(self, key: str = "key-1", body: bytes | None = None, **headers: str | None) -> None:
        usual = {"idempotency-key": key, "content-type": "application/json", "host": "localhost"}
        given = usual | {name.replace("_", "-"): value for name, value in headers.items()}
        self.headers: Any = {name: value for name, value in given.items() if value is not None}
        self.path, self.method, self.query_string = "/v1/orders", "POST", ""
        self.scheme, self.http_version, self.authority = "http", "1.1", None
        self.client, self.server = "203.0.113.7:5", "127.0.0.1:8100"
        self._body = msgspec.json.encode(an_order_body()) if body is None else body
        self.headers["content-length"] = str(len(self._body))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body
        yield b""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.answered, self.said = status, headers, msgspec.json.decode(body)


class Twice:
    """A header that came twice: granian lists each, and `items` as well."""

    def __init__(self, headers: dict[str, str], name: str, value: str) -> None:
        self._headers, self._more = headers, (name, value)

    def items(self) -> list[tuple[str, str]]:
        return [*self._headers.items(), self._more]

    def keys(self) -> list[str]:
        return [name for name, _ in self.items()]

    def __contains__(self, name: str) -> bool:
        return name in self._headers

    def get(self, name: str, default: str | None = None) -> str | None:
        return self._headers.get(name, default)


def body(**changes: Any) -> bytes:
    return msgspec.json.encode(an_order_body(**changes))


class House:
    """A web process on a Redis of its own. `asked`: the requests that came to the view."""

    def __init__(self, redis: RedisServer, express: bool, **settings: Any) -> None:
        redis.client.flushall()
        redis.client.script_load(ACCEPT.text)
        self.container = Container(a_config(redis_url=redis.url, fallback_orders_per_minute=LIMIT, **settings))
        self.container.clock = lambda: NOW
        self.container.clock_knows = lambda: True
        self.container.readiness.problems()
        self.app = create_app(self.container)
        self.asked = 0
        self.door = Door(self._view, express=Express(self.app, self.container) if express else None)

    def _view(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        return self.app(environ, start_response)

    def takes(self, *orders: Order) -> list[Order]:
        """They come at the same moment."""

        async def come() -> None:
            await asyncio.gather(*(self.door.__rsgi__(order, order) for order in orders))

        asyncio.run(come())
        return list(orders)


@pytest.fixture
def house(redis_server: RedisServer) -> Iterator[House]:
    house = House(redis_server, express=True)
    yield house
    house.container.redis.close()


ODD: dict[str, Any] = {
    "another method": lambda: _with(Order(), method="PUT"),
    "no key": lambda: Order(idempotency_key=None),
    "an empty key": lambda: Order(key=" "),
    "two keys in one header": lambda: Order(key="one,two"),
    "the header twice": lambda: _with(Order(), headers=Twice(Order().headers, "idempotency-key", "key-2")),
    "no media type": lambda: Order(content_type=None),
    "a form": lambda: Order(content_type="application/x-www-form-urlencoded"),
    "a media type in capitals": lambda: Order(content_type="Application/JSON; charset=utf-8"),
    "the key once more, as WSGI spells it": lambda: _with(
        Order(), headers=Order().headers | {"idempotency_key": "key-2"}
    ),
    "a foreign host": lambda: Order(host="evil.example"),
    "a foreign authority": lambda: _with(Order(), authority="evil.example"),
    "no host": lambda: Order(host=None),
    "a body that is no JSON": lambda: Order(body=b"{"),
    "a field too many": lambda: Order(body=body(colour="red")),
    "a name twice": lambda: Order(body=body()[:-1] + b',"locale":"de"}'),
    "a name twice, spelled with a backslash": lambda: Order(body=body()[:-1] + b',"local\\u0065":"de"}'),
    "a card number in the note": lambda: Order(body=body(note="my card 4242 4242 4242 4242")),
    "a card number in full-width digits": lambda: Order(body=body(note="４２４２４２４２４２４２４２４２")),
    "a quotation mark in the note": lambda: Order(body=body(note='call me "Ada": thanks')),
    "an address of no such form": lambda: Order(body=body(contact={"name": "Iris", "email": "iris@nowhere"})),
    "a delivery that is not offered": lambda: Order(body=body(delivery={"id": "drone"})),
    "a forged cart": lambda: Order(body=body(cart_token=signed(a_cart()) + "x")),
    "an expired cart": lambda: Order(body=body(cart_token=signed(a_cart(exp=int(NOW.timestamp()) - 600)))),
    "the short form of a cart that nobody pushed": lambda: Order(body=body(cart_token="pushed.basket-17.abc")),
    "totals that do not add up": lambda: Order(
        body=body(cart_token=signed(a_cart(totals={"goods": 1, "discount": 0, "tax": 0, "total": 1})))
    ),
    "a long note in a cart of many lines": lambda: Order(body=body(cart_token=signed(a_cart(title="x" * 40_000)))),
    "from the proxy": lambda: Order(x_fallback_proxy=PROXY_TOKEN, x_fallback_reason="maybe_taken"),
    "from somebody who poses as the proxy": lambda: Order(x_fallback_proxy="guess", x_fallback_reason="maybe_taken"),
    "a body that is not UTF-8": lambda: Order(body=body().replace(b'"en"', b'"\xff"')),
}


def _with(order: Order, **changes: Any) -> Order:
    for name, value in changes.items():
        setattr(order, name, value)
    return order


def seen(order: Order) -> tuple[int, list[tuple[str, str]], Any]:
    """What was answered, without what is drawn or measured anew for each order."""
    said = {name: value for name, value in order.said.items() if name not in ("ref", "status_url")}
    return order.status, sorted(pair for pair in order.answered if pair[0] != "Content-Length"), said


def test_an_ordinary_order_needs_no_view_and_is_answered_as_by_the_view(redis_server: RedisServer) -> None:
    answers = []
    for express in (True, False):
        house = House(redis_server, express)
        [order] = house.takes(Order())
        assert house.asked == (0 if express else 1)
        assert house.container.ledger.load(order.said["ref"]).customer is not None
        answers.append(seen(order))
    assert answers[0] == answers[1]
    assert answers[0][0] == 202


def test_whatever_is_odd_is_answered_as_by_the_view(redis_server: RedisServer) -> None:
    with_express, without = House(redis_server, express=True), House(redis_server, express=False)
    for what, request in ODD.items():
        answers = []
        for house in (with_express, without):
            redis_server.empty()
            house.app.extensions["limits"] = {}
            [order] = house.takes(request())
            stored = [
                house.container.ledger.load(ref.decode()) for ref in redis_server.client.zrange("received", 0, -1)
            ]
            answers.append((seen(order), [(each.maybe_taken, each.customer) for each in stored]))
        assert answers[0] == answers[1], what


def test_the_same_request_again_gets_the_same_answer(house: House) -> None:
    first, again = house.takes(Order())[0], house.takes(Order())[0]
    assert (again.status, again.said) == (202, first.said)
    assert ("Idempotency-Replayed", "true") in again.answered
    assert house.asked == 0


def test_a_key_or_a_cart_that_is_taken_is_refused_by_the_view(house: House) -> None:
    house.takes(Order())
    reused, taken = house.takes(Order(body=body(note="more")), Order(key="key-2"))
    assert (reused.status, reused.said["code"]) == (422, "idempotency_key_reused")
    assert (taken.status, taken.said["code"]) == (409, "cart_already_captured")


def test_equal_requests_at_the_same_moment_are_one_order(house: House, redis_server: RedisServer) -> None:
    orders = house.takes(Order(), Order(), Order())
    assert {order.status for order in orders} == {202}
    assert len({order.said["ref"] for order in orders}) == 1
    assert redis_server.client.zcard("received") == 1


def test_the_limit_of_an_address_counts_each_request_once(house: House) -> None:
    """Also those that the view answers after all."""
    carts = [signed(a_cart(cart_id=f"basket-{number}")) for number in range(LIMIT)]
    good = [Order(key=f"key-{number}", body=body(cart_token=cart)) for number, cart in enumerate(carts[1:])]
    bad = Order(key="key-bad", body=b"{")
    answers = [order.status for order in house.takes(*good, bad)]
    assert answers == [202] * (LIMIT - 1) + [400]
    [more] = house.takes(Order(key="key-more", body=body(cart_token=carts[0])))
    assert (more.status, more.said["code"]) == (429, "too_many_requests")


def test_a_redis_that_forgot_the_script_is_told_it_again(house: House, redis_server: RedisServer) -> None:
    redis_server.client.script_flush()
    assert house.takes(Order())[0].status == 202


def test_while_redis_is_away_the_view_says_so_and_afterwards_orders_are_taken(
    mortal_redis: RedisServer,
) -> None:
    house = House(mortal_redis, express=True)
    assert house.takes(Order())[0].status == 202
    mortal_redis.kill()
    orders = house.takes(*(Order(key=f"key-{number}") for number in range(3)))
    assert {(order.status, order.said["code"]) for order in orders} == {(503, "try_again")}
    mortal_redis.start()
    house.app.extensions["limits"] = {}
    house.container.readiness._checked_at = float("-inf")
    [again] = house.takes(Order())
    assert (again.status, ("Idempotency-Replayed", "true") in again.answered) == (202, True)


def test_a_redis_that_does_not_answer_is_waited_for_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_answer(*_: object) -> None:
        raise TryAgain("the ledger cannot be written or read: TimeoutError")

    monkeypatch.setattr(house.container.ledger, "accept_in_loop", no_answer)
    monkeypatch.setattr(house.container.ledger, "accept", None)
    [refused] = house.takes(Order())
    assert (refused.status, refused.said["code"]) == (503, "try_again")


def test_what_is_given_back_after_the_minute_gives_no_more_than_the_limit() -> None:
    limit = RateLimit(2)
    assert [limit.hit("203.0.113.7", now) for now in (0.0, 61.0)] == [None, None]
    for _ in range(3):
        limit.give_back("203.0.113.7")
    assert [limit.hit("203.0.113.7", 62.0) is None for _ in range(3)] == [True, True, False]


def test_a_bug_on_the_way_of_ordinary_orders_costs_no_order(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.container.ledger, "accept_in_loop", lambda *_: 1 / 0)
    with capture_logs() as logs:
        assert house.takes(Order())[0].status == 202
    assert [line["event"] for line in logs] == ["bug"]
    assert house.asked == 1


def test_while_orders_go_to_the_journal_none_passes_it(redis_server: RedisServer, tmp_path: Path) -> None:
    house = House(redis_server, express=True, journal=JournalSettings(str(tmp_path)))
    assert house.container.journal
    house.container.journal.away = True
    assert house.takes(Order())[0].status == 202
    assert redis_server.client.zcard("received") == 0


def test_while_the_journal_has_orders_the_view_looks_there_first(redis_server: RedisServer, tmp_path: Path) -> None:
    """Redis is back, and another process of this machine has not replayed its own yet."""
    away, house = (House(redis_server, express=True, journal=JournalSettings(str(tmp_path))) for _ in range(2))
    assert away.container.journal
    assert house.container.journal
    away.container.journal.away = True
    [first] = away.takes(Order())
    house.container.journal.look()
    [again] = house.takes(Order())
    assert (again.status, again.said["ref"], house.asked) == (202, first.said["ref"], 1)
    assert ("Idempotency-Replayed", "true") in again.answered


def test_what_redis_was_not_asked_lately_a_view_asks(house: House) -> None:
    house.container.clock_knows = lambda: False
    assert house.takes(Order())[0].status == 202
    assert house.asked == 1


def test_an_order_of_a_cart_that_expires_is_taken_until_then(house: House) -> None:
    soon = int((NOW + timedelta(seconds=5)).timestamp())
    assert house.takes(Order(body=body(cart_token=signed(a_cart(exp=soon)))))[0].status == 202
    assert house.asked == 0
