"""Every route says who may use it, and lets in nobody else."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.support.accounts import PERMISSIONS, Account, Permission, Role
from fallback.web.app import create_app
from fallback.web.http.auth import Rule
from tests.web.conftest import a_browser, a_container

JSON = "application/json"
CONTAINER: Container = a_container()
APP: Flask = create_app(CONTAINER)
ROUTES = sorted(APP.url_map.iter_rules(), key=str)


def rule_of(route: Route) -> object:
    return getattr(APP.view_functions[route.endpoint], "rule", None)


# What anybody on the internet may ask for; webhooks are let in by their signature.
OPEN = (Rule.PUBLIC, Rule.SIGNED)
CLOSED = [route for route in ROUTES if rule_of(route) not in OPEN]
CONSOLE = [route for route in ROUTES if isinstance(rule_of(route), Permission)]


def method_of(route: Route) -> str:
    return next(iter(route.methods - {"HEAD", "OPTIONS"}))


def named(route: Route) -> str:
    return f"{method_of(route)} {route}"


def test_every_route_has_a_rule() -> None:
    assert [named(route) for route in ROUTES if not isinstance(rule_of(route), Rule | Permission)] == []


def test_every_rule_has_a_route() -> None:
    assert {rule_of(route) for route in ROUTES} >= set(Rule)


def test_whatever_is_under_the_console_is_for_its_people_except_the_way_in() -> None:
    others = {str(route) for route in ROUTES if str(route).startswith("/console")} - {str(route) for route in CONSOLE}
    ways_in = ("", "/provider", "/provider/back", "/code", "/set-up")
    assert others == {f"/console/sign-in{way}" for way in ways_in}


def test_a_route_that_is_not_public_lets_no_stranger_in() -> None:
    answers = {named(route): ask(APP.test_client(), route) for route in CLOSED}
    assert [name for name, answer in answers.items() if not is_turned_away(answer)] == []


def test_a_route_of_the_console_asks_for_a_sign_in() -> None:
    answers = {named(route): ask(a_browser(APP), route) for route in CONSOLE}
    assert [name for name, each in answers.items() if each.status_code != 401 and not is_sent_to_sign_in(each)] == []


@pytest.mark.parametrize("role", Role)
def test_a_route_of_the_console_lets_in_the_roles_that_have_its_permission(role: Role) -> None:
    permitted = [named(route) for route in CONSOLE if lets_in(signed_in(role), route)]
    assert permitted == [named(route) for route in CONSOLE if rule_of(route) in PERMISSIONS[role]]


def test_a_form_of_the_console_is_taken_from_our_own_pages_only() -> None:
    answers = {
        named(route): ask(on_another_site(signed_in(Role.ADMIN)), route, JSON)
        for route in CONSOLE
        if method_of(route) != "GET"
    }
    assert {name: (each.status_code, each.json["code"]) for name, each in answers.items()} == dict.fromkeys(
        answers, (403, "cross_site")
    )


def test_whatever_a_customer_does_is_limited() -> None:
    """What is written each time makes an order grow: nobody may do it in a loop."""
    acting = [route for route in ROUTES if rule_of(route) is Rule.ORDER_LINK and acts(route)]
    views = {named(route): APP.view_functions[route.endpoint] for route in acting}
    assert {"GET /orders/<ref>/back", "PATCH /v1/orders/<ref>", "POST /orders/<ref>/cancellation"} <= views.keys()
    assert [name for name, view in views.items() if not hasattr(view, "limit")] == []


def acts(route: Route) -> bool:
    return method_of(route) in APP.view_functions[route.endpoint].acts  # type: ignore[attr-defined]


def lets_in(browser: FlaskClient, route: Route) -> bool:
    answer = ask(browser, route, JSON)
    assert answer.status_code != 401, named(route)
    assert not is_sent_to_sign_in(answer), named(route)
    return answer.mimetype != "application/problem+json" or answer.json["code"] != "not_permitted"


def is_turned_away(answer: TestResponse) -> bool:
    return answer.status_code in (400, 401, 403, 404) or is_sent_to_sign_in(answer)


def ask(client: FlaskClient, route: Route, accept: str = "*/*") -> TestResponse:
    filled = {name: 1 if f"<int:{name}>" in str(route) else "FB-0000-0000-0" for name in route.arguments}
    filled |= route.defaults or {}
    path = APP.url_map.bind("localhost").build(route.endpoint, filled, method_of(route))
    return client.open(path, method=method_of(route), headers={"Accept": accept})


def on_another_site(browser: FlaskClient) -> FlaskClient:
    browser.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    return browser


def is_sent_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and "/sign-in" in answer.headers["Location"]


def signed_in(role: Role) -> FlaskClient:
    if not CONTAINER.people.find(f"a {role}"):
        CONTAINER.people.add(Account(f"a {role}", role))
    browser = a_browser(APP)
    with browser.session_transaction("/console") as session:
        session["visit"] = [f"a {role}", CONTAINER.people.begin_session(f"a {role}", CONTAINER.clock())]
    return browser
