"""Rules for every response: headers, error format, access and rate limits."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.support.accounts import Permission
from fallback.web.app import create_app
from fallback.web.http.auth import Rule
from fallback.web.http.limits import MOST_ADDRESSES, RateLimit
from tests.web.api_client import is_problem, place
from tests.web.world import PROXY_TOKEN, a_cart, signed

ANSWERS = [
    ("GET", "/healthz", 200),
    ("GET", "/v1/mode", 200),
    ("POST", "/v1/orders", 400),
    ("GET", "/v1/orders/x", 404),
    ("GET", "/v1/nothing", 404),
    ("GET", "/v1/orders", 401),
    ("DELETE", "/v1/orders", 405),
    ("PUT", "/v1/mode", 401),
    ("GET", "/nothing", 404),
    ("POST", "/webhooks/stripe", 400),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_security_headers(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_an_answer_to_a_bug_is_a_problem_with_the_headers_too(app: Flask, container: Container) -> None:
    app.testing = False
    container.modes = None
    answer = app.test_client().get("/v1/mode")
    assert is_problem(answer, 500, "internal_server_error")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_over_https_browsers_are_told_to_stay_there(container: Container) -> None:
    container.config = replace(container.config, public_url="https://shop.example")
    answer = create_app(container).test_client().get("/healthz", headers={"Host": "shop.example"})
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a b", "évil"])
def test_a_host_that_is_not_ours_gets_nothing(client: FlaskClient, host: str) -> None:
    assert is_problem(client.get("/v1/mode", headers={"Host": host}), 400, "bad_request")


@pytest.mark.parametrize("host", ["localhost", "localhost:8100", "127.0.0.1"])
def test_our_own_hosts_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/v1/mode", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["shop.example", "fallback.example", "localhost"])
def test_other_names_of_ours_do_not_replace_the_one_that_customers_use(container: Container, host: str) -> None:
    """Proxies that ask for the mode call us localhost."""
    container.config = replace(container.config, public_url="https://shop.example", trusted_hosts=("fallback.example",))
    assert create_app(container).test_client().get("/v1/mode", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("path", "allowed"), [("/v1/orders", {"GET", "HEAD", "POST", "OPTIONS"}), ("/webhooks/stripe", {"POST", "OPTIONS"})]
)
def test_a_method_that_is_not_there_names_those_that_are(client: FlaskClient, path: str, allowed: set[str]) -> None:
    answer = client.delete(path)
    assert is_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    without = [rule.rule for rule in app.url_map.iter_rules() if not hasattr(app.view_functions[rule.endpoint], "rule")]
    assert without == []
    assert {app.view_functions[rule.endpoint].rule for rule in app.url_map.iter_rules()} <= {*Rule, *Permission}


# --- limits


def test_an_address_that_orders_too_often_has_to_wait(container: Container) -> None:
    container.config = replace(container.config, fallback_orders_per_minute=2)
    client = create_app(container).test_client()
    assert [_place_another(client, number).status_code for number in range(2)] == [202, 202]
    answer = _place_another(client, 3)
    assert is_problem(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_customers_behind_our_proxy_are_told_apart(container: Container) -> None:
    container.config = replace(container.config, fallback_orders_per_minute=1)
    client = create_app(container).test_client()
    proxy = {"X-Fallback-Proxy": PROXY_TOKEN, "X-Fallback-Reason": "mode"}
    client.environ_base |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in proxy.items()}
    for address, status in (("203.0.113.1", 202), ("203.0.113.2", 202), ("203.0.113.1", 429)):
        client.environ_base["HTTP_X_FORWARDED_FOR"] = address
        assert _place_another(client, address).status_code == status


def test_nobody_else_can_claim_another_address(container: Container) -> None:
    container.config = replace(container.config, fallback_orders_per_minute=1)
    client = create_app(container).test_client()
    _place_another(client, 1)
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.9"
    assert _place_another(client, 2).status_code == 429


def test_a_limit_begins_anew_after_a_minute() -> None:
    limit = RateLimit(per_minute=1)
    assert limit.hit("a", now=0) is None
    assert limit.hit("a", now=20) == 40
    assert limit.hit("b", now=20) is None
    assert limit.hit("a", now=60) is None


def test_somebody_who_comes_from_everywhere_does_not_fill_the_memory() -> None:
    limit = RateLimit(per_minute=1)
    for number in range(MOST_ADDRESSES + 1):
        limit.hit(str(number), now=0)
    assert len(limit._hits) <= MOST_ADDRESSES


def test_a_long_name_takes_no_more_memory_than_its_beginning() -> None:
    limit = RateLimit(per_minute=1)
    limit.hit("a" * 60_000, now=0)
    limit.give_back("a" * 60_000)
    assert sum(map(len, limit._hits)) <= 200
    assert limit.hit("a" * 60_000, now=0) is None


def _place_another(client: FlaskClient, number: object) -> TestResponse:
    return place(client, key=f"key-{number}", cart_token=signed(a_cart(cart_id=f"basket-{number}")))


def test_a_limit_counts_what_one_sender_has_of_ipv6_as_one() -> None:
    limit = RateLimit(per_minute=1)
    assert limit.hit("2001:db8:0:1::1", now=0) is None
    assert limit.hit("2001:db8:0:1:ffff::2", now=1) == 59
    assert limit.hit("2001:db8:0:2::1", now=1) is None
