"""/openapi.json describes the API as it is: schemathesis asks what the description allows, and looks at the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import fallback
from fallback.bootstrap.container import Container
from fallback.domain.order.announcements import What, announced
from fallback.notices.order_events import order_event
from fallback.web.api.examples import REQUESTS, RESPONSES
from fallback.web.api.operation import Operation
from fallback.web.api.operations import OPERATIONS
from fallback.web.app import create_app
from fallback.web.http.problem_codes import CODES
from tests.builders import an_order
from tests.redis_server import RedisServer
from tests.web.api_client import place
from tests.web.world import (
    BOUNCE_TOKEN,
    METRICS_TOKEN,
    NOW,
    ONCALL_TOKEN,
    PRIMARY_TOKEN,
    SEARCH_TOKEN,
    a_cart,
    a_config,
    signed,
)

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
TOKENS = {
    ("PUT", "/v1/mode"): ONCALL_TOKEN,
    ("GET", "/metrics"): METRICS_TOKEN,
    ("GET", "/v1/purchases/{cart_id}"): PRIMARY_TOKEN,
    ("PUT", "/v1/carts/{cart_id}"): PRIMARY_TOKEN,
    ("GET", "/v1/orders"): SEARCH_TOKEN,
    ("POST", "/webhooks/bounces"): BOUNCE_TOKEN,
}
# For the machine's own needs, or not part of the API.
NOT_DESCRIBED = {"/openapi.json", "/docs", "/failover.js"}
numbers = count(1)


@pytest.fixture
def real_app(redis_server: RedisServer) -> Iterator[Flask]:
    container = Container(a_config(redis_url=redis_server.url, fallback_orders_per_minute=100_000))
    container.clock = lambda: NOW
    yield create_app(container)
    container.redis.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
def test_every_answer_is_one_that_is_described(real_app: Flask, operation: Operation) -> None:
    """Half of the requests are let through to an order or a cart that is there, the others stay as they were made."""
    described = schemathesis.openapi.from_wsgi("/openapi.json", real_app)[operation.path][operation.method]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(described.as_strategy() | described.as_strategy(GenerationMode.NEGATIVE), st.booleans())
    def ask(case: schemathesis.Case, let_through: bool) -> None:
        if let_through:
            _let_through(case, real_app)
        case.call_and_validate(checks=CHECKS)

    ask()


def _let_through(case: schemathesis.Case, app: Flask) -> None:
    case.headers = dict(case.headers or {}) | {"If-Match": "*"}
    token = TOKENS.get((case.method, case.operation.path))
    if token:
        case.headers["Authorization"] = f"Bearer {token}"
    if case.path_parameters:
        cart_id = f"basket-{next(numbers)}"
        order = place(app.test_client(), key=cart_id, cart_token=signed(a_cart(cart_id=cart_id))).json
        case.path_parameters = {"ref": order["ref"], "cart_id": cart_id}
        case.query = {"key": order["status_url"].partition("key=")[2]}
    if isinstance(case.body, dict) and "cart_token" in case.body:
        token = signed(a_cart(cart_id=f"basket-{next(numbers)}"))
        case.body |= {"cart_token": token, "delivery": {"id": "standard"}}


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    described = {(operation.method.upper(), operation.path) for operation in OPERATIONS}
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/v1/", "/webhooks/", "/healthz", "/readyz", "/metrics"))
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_the_description_is_valid_and_names_where_it_is_served(app: Flask) -> None:
    described = schemathesis.openapi.from_wsgi("/openapi.json", app)
    described.validate()
    assert described.raw_schema["servers"] == [{"url": "http://localhost"}]
    ids = [operation.id for operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(?:[A-Z][a-z]+)+", each) for each in ids)


def test_every_example_is_one_that_its_schema_allows(app: Flask) -> None:
    described = app.test_client().get("/openapi.json").json
    contents = [content for each in _operations(described) for content in _contents(each)]
    examples = [(content["schema"], content["example"]) for content in contents if "example" in content]
    faults = [
        error.message
        for schema, example in examples
        for error in Draft202012Validator(schema | {"components": described["components"]}).iter_errors(example)
    ]
    assert faults == []
    given = {operation.id for operation in OPERATIONS} & {*REQUESTS, *RESPONSES}
    assert given == {*REQUESTS, *RESPONSES}
    assert len(examples) == len(REQUESTS) + len(RESPONSES) + len(What)


def test_every_event_that_is_sent_is_described(app: Flask) -> None:
    described = app.test_client().get("/openapi.json").json
    assert described["webhooks"].keys() == {what.value for what in What}
    order = an_order(version=2)
    said = announced(None, order, NOW)
    assert said is not None
    schema = {"$ref": "#/components/schemas/OrderEvent", "components": described["components"]}
    event = msgspec.json.decode(msgspec.json.encode(order_event(said, "https://checkout.example.org")))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(event)] == []
    assert event.keys() == described["components"]["schemas"]["OrderEvent"]["properties"].keys()


def _operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in (*described["paths"].values(), *described["webhooks"].values()):
        yield from path.values()


def _contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from part.get("content", {}).values()


def test_every_problem_has_its_place_in_the_docs(client: FlaskClient) -> None:
    docs = client.get("/docs").text
    assert [code for code in CODES if f'id="{code}"' not in docs] == []


# Forms answer with these, and commands; no address of the API does.
OF_PAGES = {"cart_missing", "unreadable_form", "moment", "past", "far", "phone", "nobody", "unknown_reason"}
OF_PAGES |= {"not_an_amount", "not_positive", "too_many_decimals", "too_much", "not_chargeable", "refundable_changed"}
OF_PAGES |= {"above_every_limit", "above_own_limit", "own_request", "reserved", "taken", "too_short", "too_long"}
OF_PAGES |= {"too_many", "long_title", "title_taken", "unknown_placeholder", "reply_gone"}
OF_PAGES |= {
    "not_an_address",
    "not_a_ref",
    "not_a_time",
    "wrong_code",
    "unknown_page",
    "number",
    "not_paid",
    "mode",
    "meanwhile",
    "out_of_range",
}


def test_every_code_in_the_source_is_in_the_table() -> None:
    source = "".join(path.read_text() for path in Path(fallback.__file__).parent.rglob("*.py"))
    of_problems = re.findall(r"\bProblem\(\s*\d+,\s*\"(\w+)\"", source)
    of_errors = re.findall(r"\bInvalid\(\s*[\w\". ()]+?,\s*\"(\w+)\"", source)
    of_carts = re.findall(r"_invalid\(\"(\w+)\"", source)
    used = {*of_problems, *of_errors, *of_carts} - OF_PAGES
    assert len(used) > 20
    assert used - set(CODES) == set()


def test_the_docs_need_nothing_from_elsewhere(client: FlaskClient) -> None:
    docs = client.get("/docs").text
    assert "<script" not in docs
    assert re.findall(r'(?:src|href)="(https?:[^"]*)"', docs) in ([], ["http://shop.example"])
