"""Every route with every method, with and without a key: no bug, and no change without permission."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.order import Order
from fallback.domain.support.accounts import Role
from fallback.domain.support.claims import take
from fallback.web.http.auth import Rule
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.world import NOW, ONCALL_TOKEN, PRIMARY_TOKEN

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
UNKNOWN = "FB-0000-0000-0"


@pytest.fixture
def order(ledger: FakeLedger) -> Order:
    return ledger.keep(an_order())


@pytest.fixture
def in_production(app: Flask) -> Iterator[Flask]:
    """Where a bug is an answer, and not an exception of the test."""
    app.testing = False
    yield app
    app.testing = True


def path_of(route: Route, app: Flask, ref: str) -> str:
    filled = {name: 1 if f"<int:{name}>" in str(route) else ref for name in route.arguments}
    method = next(iter(route.methods - {"HEAD", "OPTIONS"}))
    return app.url_map.bind("localhost").build(route.endpoint, filled | (route.defaults or {}), method)


def paths(app: Flask, *refs: str) -> list[str]:
    """Each once: many routes share theirs, and many have no ref in it."""
    return sorted({path_of(route, app, ref) for route in app.url_map.iter_rules() for ref in refs})


def asked(client: FlaskClient, path: str, method: str, **more: object) -> TestResponse:
    answer = client.open(path, method=method, **more)
    assert answer.status_code != 500, f"{method} {path}: {answer.text}"
    return answer


@pytest.mark.parametrize("method", METHODS)
def test_no_route_answers_with_a_bug(
    in_production: Flask,
    container: Container,
    order: Order,
    colleague: Callable[[str, Role], FlaskClient],
    method: str,
) -> None:
    agent = colleague("Ann", Role.ADMIN)
    for path in paths(in_production, order.ref, UNKNOWN):
        key = container.links.key(UNKNOWN if UNKNOWN in path else order.ref)
        asked(in_production.test_client(), path, method)
        asked(in_production.test_client(), path, method, query_string={"key": key})
        asked(in_production.test_client(), path, method, query_string={"key": "x"}, data={"seen": "\x00", "next": "/"})
        for token in (PRIMARY_TOKEN, ONCALL_TOKEN):
            asked(in_production.test_client(), path, method, headers={"Authorization": f"Bearer {token}"})
        if "sign-out" not in path:
            asked(agent, path, method)


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("method", METHODS)
def test_an_agent_keeps_the_order_unless_the_customer_does_something(
    in_production: Flask, container: Container, ledger: FakeLedger, with_key: bool, method: str
) -> None:
    for number, route in enumerate(in_production.url_map.iter_rules()):
        order = ledger.keep(an_order(ref=f"FB-{number:04}", cart_id=f"basket-{number}"))
        path = path_of(route, in_production, order.ref)
        container.claims.change(order.ref, lambda claim: take(claim, "Mara", NOW))
        query = {"key": container.links.key(order.ref)} if with_key else {}
        answer = asked(in_production.test_client(), path, method, query_string=query)
        holder = container.claims.current(order.ref).holder
        if holder == CUSTOMER or ledger.load(order.ref) != order:
            assert with_key, f"{method} {route}"
            assert in_production.view_functions[route.endpoint].rule is Rule.ORDER_LINK
            assert answer.status_code < 400
            assert method in {"POST", "PATCH"} or (method, str(route)) == ("GET", "/orders/<ref>/back")


def test_a_preflight_takes_no_claim(client: FlaskClient, container: Container, order: Order) -> None:
    container.claims.change(order.ref, lambda claim: take(claim, "Mara", NOW))
    assert client.options(f"/v1/orders/{order.ref}").status_code == 200
    assert container.claims.current(order.ref).holder == "Mara"


def test_a_head_request_to_the_return_url_changes_nothing(
    client: FlaskClient, container: Container, ledger: FakeLedger, order: Order
) -> None:
    container.claims.change(order.ref, lambda claim: take(claim, "Mara", NOW))
    address = f"/orders/{order.ref}/back?key={container.links.key(order.ref)}"
    assert client.head(address).status_code == 405
    assert (container.claims.current(order.ref).holder, ledger.load(order.ref)) == ("Mara", order)
    assert client.get(address).status_code == 303
    assert container.claims.current(order.ref).holder == CUSTOMER
