"""Promise 7: whatever a customer sends, no log line identifies them or contains a secret."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from io import BytesIO

import msgspec
import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.errors import Conflict
from fallback.domain.order.refs import new_ref
from fallback.runtime import logs
from tests.web.api_client import AS_SHOP, at, opened, place
from tests.web.world import CARD, ONCALL_TOKEN, PRIMARY_TOKEN, PROXY_TOKEN, an_order_body, signed

JSON = {"Content-Type": "application/json"}
SECRET_KEY = "idempotency-key-of-iris"
PHONE = "+44 1482 300300"
SECRETS = ["iris", "murdoch", "@example", "1 quay", "hull", "hu1 1aa", "300300", "twice", "4242 4242"]
SECRETS += ["basket-17", CARD.lower(), ONCALL_TOKEN, PRIMARY_TOKEN, PROXY_TOKEN, SECRET_KEY, signed().lower()]


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], bytes]]:
    """All that was logged or printed, by whoever."""
    stream = BytesIO()
    logs.configure("DEBUG")
    structlog.configure(cache_logger_on_first_use=False, logger_factory=structlog.BytesLoggerFactory(stream))
    caplog.set_level(logging.DEBUG)
    yield lambda: stream.getvalue() + "".join(capfd.readouterr()).encode() + caplog.text.encode()
    structlog.reset_defaults()


@pytest.fixture
def app(app: Flask) -> Flask:
    app.testing = False
    return app


def test_no_line_says_who_the_customer_is(client: FlaskClient, container: Container, said: Callable[[], bytes]) -> None:
    contact = {"name": "Iris Murdoch", "email": "iris@example.org", "phone": PHONE}
    order = opened(place(client, SECRET_KEY, contact=contact, note="Ring twice"))
    _everything_goes_wrong(client, container, order)
    lines = said()
    assert b'"refused"' in lines
    assert b'"bug"' in lines
    assert [secret for secret in SECRETS if secret.encode() in lines.lower()] == []
    assert order["query_string"].removeprefix("key=").encode() not in lines


def _everything_goes_wrong(client: FlaskClient, container: Container, order: dict[str, str]) -> None:
    place(client, SECRET_KEY, note="Ring twice, please")
    place(client, "another key", note="4242 4242 4242 4242")
    place(client, "another key", contact={"name": "Iris Murdoch", "email": "iris@example"})
    place(client, "another key", cart_token=signed() + "x")
    client.post("/v1/orders", data=json.dumps(an_order_body())[:-1], headers=JSON | {"Idempotency-Key": SECRET_KEY})
    client.patch(**order, json={"contact": {"name": "Iris", "email": "iris@example.org"}}, headers={"If-Match": '"9"'})
    client.post(**at(order, "/payment"), json={"payment": {"confirmation_token": CARD}})
    client.get("/v1/purchases/basket-17", headers=AS_SHOP | {"Host": "iris.example"})
    client.put("/v1/mode", headers={"Authorization": f"Bearer {PRIMARY_TOKEN}"})
    container.ledger.accept = _a_bug
    assert place(client, "another key").status_code == 500


def _a_bug(requested: object, *_: object, **__: object) -> None:
    raise ValueError(f"cannot work with {requested}")


def test_a_bug_is_told_by_its_type_and_its_lines_of_code(
    client: FlaskClient, container: Container, said: Callable[[], bytes]
) -> None:
    container.ledger.accept = _a_bug
    place(client)
    line = msgspec.json.decode(said())
    assert (line["event"], line["error_type"], line["route"]) == ("bug", "ValueError", "orders_api.place")
    assert line["trace"][-1].endswith("_a_bug")
    assert any("intake.py" in frame for frame in line["trace"])


def test_a_conflict_is_told_by_its_order_and_by_no_other_name(said: Callable[[], bytes]) -> None:
    ref = new_ref()
    for name in (ref, "basket-17"):
        logs.get_logger().warning("round_failed", exc_info=Conflict(name))
    lines = said()
    about_order, about_cart = map(msgspec.json.decode, lines.splitlines())
    assert about_order["ref"] == ref
    assert "ref" not in about_cart
    assert b"basket-17" not in lines


def test_a_line_keeps_only_the_names_that_are_safe() -> None:
    event = {"event": "placed", "ref": "FB-1", "email": "iris@example.org", "address": "1 Quay", "key": SECRET_KEY}
    assert logs._keep_safe(None, "", event) == {"event": "placed", "ref": "FB-1"}


def test_what_libraries_say_is_a_line_without_what_they_quote(said: Callable[[], bytes]) -> None:
    hooks, gathered = (sys.excepthook, threading.excepthook), map(logging.getLogger, ("", "_granian", "granian.access"))
    handlers = {logger: [*logger.handlers] for logger in gathered}
    logs.gather()
    try:
        logging.getLogger("rq.worker").error("of %s", "iris@example.org", exc_info=ValueError("Iris Murdoch"))
        sys.excepthook(ValueError, ValueError("Iris Murdoch"), None)
    finally:
        sys.excepthook, threading.excepthook = hooks
        for logger, before in handlers.items():
            logger.handlers = before
        logging.captureWarnings(False)
    library, crashed = [msgspec.json.decode(line) for line in said().splitlines()]
    assert (library["event"], library["kind"], library["error_type"]) == ("library", "rq.worker", "ValueError")
    assert (crashed["event"], crashed["level"], crashed["error_type"]) == ("crashed", "error", "ValueError")
    assert "iris" not in f"{library} {crashed}".lower()
