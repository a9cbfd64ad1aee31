"""Every route says who may use it."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Rule as Route

from fallback.bootstrap import Container
from fallback.domain.people import Permission
from fallback.web.app import create_app
from fallback.web.auth import Rule
from tests.web.conftest import a_container

CONTAINER: Container = a_container()
APP: Flask = create_app(CONTAINER)
ROUTES = sorted(APP.url_map.iter_rules(), key=str)


def rule_of(route: Route) -> object:
    return getattr(APP.view_functions[route.endpoint], "rule", None)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{sorted(route.methods - {'HEAD', 'OPTIONS'})} {route}")
def test_every_route_has_a_rule(route: Route) -> None:
    assert isinstance(rule_of(route), Rule | Permission)


def test_every_rule_has_a_route() -> None:
    assert {rule_of(route) for route in ROUTES} >= set(Rule)


# What anybody on the internet may ask for; webhooks are let in by their signature.
OPEN = (Rule.PUBLIC, Rule.SIGNED)


@pytest.mark.parametrize("route", [route for route in ROUTES if rule_of(route) not in OPEN], ids=str)
def test_a_route_that_is_not_public_lets_no_stranger_in(route: Route) -> None:
    method = next(iter(route.methods - {"HEAD", "OPTIONS"}))
    filled = dict.fromkeys(route.arguments, "FB-0000-0000-0")
    path = APP.url_map.bind("localhost").build(route.endpoint, filled)
    answer = APP.test_client().open(path, method=method)
    sent_to_sign_in = answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
    assert answer.status_code in (400, 401, 403, 404) or sent_to_sign_in
