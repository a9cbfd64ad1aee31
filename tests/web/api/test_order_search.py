"""GET /v1/orders: a help desk finds orders by e-mail address, state and time, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.ledger.redis import keys
from fallback.web.app import create_app
from tests.redis_server import RedisServer
from tests.web.api_client import AS_SHOP, is_problem, opened, place
from tests.web.conftest import a_container
from tests.web.world import NOW, ONCALL_TOKEN, SEARCH_TOKEN, a_cart, a_config, signed

AS_DESK = {"Authorization": f"Bearer {SEARCH_TOKEN}"}
IRIS, BEN = "iris@example.org", "ben@example.org"
# Nothing of these may be in an answer.
PERSONAL = ("Iris Murdoch", IRIS, "1 Quay", "HU1 1AA", "key=")


@pytest.fixture(params=["fakes", "redis"])
def container(request: pytest.FixtureRequest) -> Iterator[Container]:
    if request.param == "fakes":
        yield a_container()
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    built = Container(a_config(redis_url=server.url))
    built.clock = lambda: NOW
    yield built
    built.redis.close()


@pytest.fixture
def client(container: Container) -> FlaskClient:
    return create_app(container).test_client()


def buy(client: FlaskClient, cart_id: str, email: str = IRIS) -> str:
    contact = {"name": "Iris Murdoch", "email": email}
    ref: str = place(client, key=cart_id, cart_token=signed(a_cart(cart_id=cart_id)), contact=contact).json["ref"]
    return ref


def find(client: FlaskClient, **asked: str | int) -> TestResponse:
    return client.get("/v1/orders", query_string=asked, headers=AS_DESK)


def refs(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [order["ref"] for order in answer.json["orders"]]


def test_orders_are_found_by_address_in_any_letter_case(client: FlaskClient) -> None:
    first, _, third = buy(client, "a"), buy(client, "b", BEN), buy(client, "c")
    assert refs(find(client, email="Iris@Example.org")) == [third, first]
    assert refs(find(client, email="nobody@example.org")) == []


def test_an_order_is_shown_without_its_customer(client: FlaskClient) -> None:
    ref = buy(client, "a")
    answer = find(client, email=IRIS)
    assert [word for word in PERSONAL if word in answer.text] == []
    assert answer.headers["Cache-Control"] == "no-store"
    [order] = answer.json["orders"]
    assert (order["ref"], order["status"], order["console_url"]) == (
        ref,
        "received",
        f"http://localhost/console/orders/{ref}",
    )
    assert order["payment"] == {"state": "pending", "authorized": 0, "captured": 0, "refunded": 0}


def test_by_state(client: FlaskClient) -> None:
    kept, undone = buy(client, "a"), place(client, key="b", cart_token=signed(a_cart(cart_id="b")))
    cancelled = client.post(**{**opened(undone), "path": f"/v1/orders/{undone.json['ref']}/cancellation"})
    assert cancelled.status_code == 202
    assert refs(find(client, email=IRIS, state="received")) == [kept]
    assert refs(find(client, state=cancelled.json["status"])) == [undone.json["ref"]]


def test_since_a_moment(client: FlaskClient, container: Container) -> None:
    early = buy(client, "a")
    container.clock = lambda: NOW + timedelta(hours=1)
    late = buy(client, "b")
    assert refs(find(client, since="2026-11-21T11:00:00Z")) == [late]
    assert refs(find(client, since="2026-11-21T12:00:00+01:00", email=IRIS)) == [late]
    assert refs(client.get("/v1/orders?since=2026-11-21T10:00:00+00:00", headers=AS_DESK)) == [late, early]
    assert refs(find(client, since="2026-11-21T11:00:01Z")) == []


@pytest.mark.parametrize("asked", [{}, {"email": IRIS}, {"since": "2026-11-21T10:00:00Z"}, {"state": "received"}])
def test_page_by_page_though_orders_come_meanwhile(client: FlaskClient, asked: dict[str, str]) -> None:
    bought = [buy(client, name) for name in "abcde"]
    first = find(client, limit=2, **asked)
    buy(client, "f")
    second = find(client, limit=2, after=first.json["next"], **asked)
    last = find(client, limit=2, after=second.json["next"], **asked)
    assert refs(first) + refs(second) + refs(last) == bought[::-1]
    assert last.json["next"] is None


def test_a_page_names_an_order_that_cannot_be_read(redis_server: RedisServer) -> None:
    built = Container(a_config(redis_url=redis_server.url))
    built.clock = lambda: NOW
    client = create_app(built).test_client()
    damaged, other = buy(client, "a"), buy(client, "b")
    assert find(client).json["unread"] == []
    redis_server.client.hset(keys.order(damaged), "doc", "?")
    found = find(client)
    assert (refs(found), found.json["unread"]) == ([other], [damaged])


def test_whoever_is_asked_for_may_be_the_customer_of_an_order_whose_key_is_missing(redis_server: RedisServer) -> None:
    """No index that our keys open has its customer."""
    lost, here = (
        Container(a_config(redis_url=redis_server.url, secret_key=(key,)))
        for key in ("a-key-that-was-removed-too-early-0123", "the-key-that-is-there-of-the-tests-01")
    )
    for built in (lost, here):
        built.clock = lambda: NOW
    ref = buy(create_app(lost).test_client(), "a")
    client = create_app(here).test_client()
    here.looking_again.once()
    assert find(client, email=IRIS).json == {"orders": [], "next": None, "unread": [ref]}
    assert find(client, email=IRIS, after="WzEuMCwiIl0").json["unread"] == []
    assert find(client, state="settled").json["unread"] == []
    bought = [buy(client, name) for name in "bc"]
    first = find(client, email=IRIS, limit=1)
    assert (refs(first), first.json["unread"]) == (bought[:0:-1], [ref])
    second = find(client, email=IRIS, limit=1, after=first.json["next"])
    assert (refs(second), second.json["unread"]) == (bought[:1], [])
    here.redis.hset(keys.order(bought[1]), "doc", "?")
    assert sorted(find(client, email=IRIS).json["unread"]) == sorted([ref, bought[1]]), "once each"
    here.looking_again.once()
    assert sorted(find(client, email=IRIS).json["unread"]) == sorted([ref, bought[1]]), "once each"


def test_a_customer_is_found_under_the_key_before_too(redis_server: RedisServer) -> None:
    """While SECRET_KEY is rotated, a customer's orders stand in two indexes."""
    old, new = "an-old-secret-key-of-the-tests-01234", "the-new-secret-key-of-the-tests-0123"

    def app_with(*keys: str) -> Flask:
        built = Container(a_config(redis_url=redis_server.url, secret_key=keys))
        built.clock = lambda: NOW
        return create_app(built)

    before = app_with(old).test_client()
    bought = [buy(before, name) for name in "abc"]
    during = app_with(new, old).test_client()
    bought += [buy(during, name) for name in "def"]
    first = find(during, email=IRIS, limit=4)
    assert refs(first) == bought[:1:-1]
    assert refs(find(during, email=IRIS, limit=4, after=first.json["next"])) == bought[1::-1]
    with_state = find(during, email=IRIS, state="received", limit=4)
    assert refs(with_state) == bought[:1:-1]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"email": "iris"}, "email"),
        ({"state": "lost"}, "state"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-21T10:00:00"}, "since"),
        ({"limit": "101"}, "limit"),
        ({"after": "?"}, "after"),
        ({"after": "WzEuNV0"}, "after"),
        ({"name": "Iris"}, "name"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_field(client: FlaskClient, asked: dict[str, str], field: str) -> None:
    answer = find(client, **asked)
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == field


@pytest.mark.parametrize("token", ["", ONCALL_TOKEN, AS_SHOP["Authorization"].partition(" ")[2], SEARCH_TOKEN[:-1]])
def test_only_its_own_token_opens_it(client: FlaskClient, token: str) -> None:
    assert is_problem(client.get("/v1/orders", headers={"Authorization": f"Bearer {token}"}), 401, "token_needed")


def test_its_token_opens_nothing_else(client: FlaskClient) -> None:
    ref = buy(client, "a")
    assert client.get(f"/v1/orders/{ref}", headers=AS_DESK).json.keys() == client.get(f"/v1/orders/{ref}").json.keys()
    for method, path in (("GET", "/v1/purchases/a"), ("PUT", "/v1/mode"), ("GET", "/metrics")):
        assert client.open(path, method=method, json={}, headers=AS_DESK).status_code == 401
    assert client.post(f"/v1/orders/{ref}/cancellation", headers=AS_DESK).status_code == 404


def test_without_a_token_in_the_settings_nobody_searches() -> None:
    client = create_app(Container(a_config(fallback_search_token=""))).test_client()
    assert is_problem(client.get("/v1/orders", headers={"Authorization": "Bearer "}), 401, "token_needed")
