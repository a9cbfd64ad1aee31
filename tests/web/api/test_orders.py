"""POST /v1/orders in every detail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Queue
from fallback.domain.order.refs import parse_ref
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import at, is_problem, opened, place
from tests.web.world import COURIER, NOW, PROXY_TOKEN, STANDARD, a_cart, an_order_body, signed

KEY = {"Idempotency-Key": "key-1"}


def test_an_order_is_received_with_everything_that_its_sender_needs(client: FlaskClient) -> None:
    answer = place(client)
    assert answer.status_code == 202
    assert answer.mimetype == "application/json"
    assert "Idempotency-Replayed" not in answer.headers
    body = answer.json
    assert parse_ref(body["ref"]) == body["ref"]
    assert body["status"] == "received"
    assert body["payment"] == {"state": "pending"}
    assert body["placement"] == {"state": "held"}
    assert body["total"] == {"amount": 3093, "currency": "EUR"}
    assert body["status_url"].startswith(f"http://localhost/orders/{body['ref']}?key=")
    assert datetime.fromisoformat(body["received_at"]) == NOW
    assert set(body) == {"ref", "status", "payment", "placement", "total", "status_url", "received_at"}


def test_paying_later_is_a_choice(client: FlaskClient, ledger: FakeLedger) -> None:
    answer = place(client, payment="later")
    assert answer.json["payment"] == {"state": "none"}
    assert ledger.load(answer.json["ref"]).payment.token is None
    pay_by = client.get(**opened(answer)).json["payment"]["pay_by"]
    assert datetime.fromisoformat(pay_by) == NOW + timedelta(days=7)


def test_the_shifts_that_have_work_are_rung_for(client: FlaskClient, container: Container) -> None:
    place(client)
    assert container.bells.rung == [Queue.PAYMENT, Queue.NOTICE]


def test_the_same_request_gets_the_same_bytes(client: FlaskClient) -> None:
    first, again = place(client), place(client)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_same_request_gets_the_same_bytes_when_the_cart_has_expired(
    client: FlaskClient, container: Container
) -> None:
    first = place(client)
    container.clock = lambda: NOW + timedelta(hours=30)
    again = place(client)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_same_request_gets_the_same_bytes_when_the_order_went_on(
    client: FlaskClient, order: dict[str, str]
) -> None:
    first = place(client)
    client.post(**at(order, "/cancellation"))
    assert place(client).data == first.data


def test_the_same_key_with_another_body_is_refused(client: FlaskClient) -> None:
    place(client)
    assert is_problem(place(client, note="Ring twice"), 422, "idempotency_key_reused")


def test_a_captured_cart_is_answered_with_the_first_order(client: FlaskClient) -> None:
    first = place(client).json
    answer = place(client, key="key-2")
    assert is_problem(answer, 409, "cart_already_captured")
    assert answer.json["ref"] == first["ref"]
    assert answer.json["status_url"] == first["status_url"]


def test_a_cart_whose_order_was_cancelled_can_be_bought_again(client: FlaskClient, order: dict[str, str]) -> None:
    client.post(**at(order, "/cancellation"))
    assert place(client, key="key-2").status_code == 202


def test_without_an_idempotency_key_nothing_is_captured(client: FlaskClient, ledger: FakeLedger) -> None:
    answer = client.post("/v1/orders", json=an_order_body())
    assert is_problem(answer, 400, "idempotency_key_missing")
    assert answer.json["field"] == "Idempotency-Key"
    assert ledger.refs() == []


@pytest.mark.parametrize("key", ["   ", "k" * 256, "a\tb", "a\x7fb", "\xe9", "a, b"])
def test_an_idempotency_key_is_one_short_and_printable(client: FlaskClient, ledger: FakeLedger, key: str) -> None:
    answer = place(client, key=key)
    assert is_problem(answer, 400, "idempotency_key_invalid")
    assert answer.json["field"] == "Idempotency-Key"
    assert ledger.refs() == []


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (signed(a_cart(exp=int(NOW.timestamp()) - 120)), "cart_expired"),
        (signed(a_cart(iss="other-shop")), "cart_foreign"),
        (signed()[:-4] + "AAAA", "cart_forged"),
        ("not.a.token", "cart_forged"),
        ("\u00e9", "cart_forged"),
        (signed({"iss": "demo-shop"}), "cart_unreadable"),
        (signed(a_cart(totals={"goods": 1, "discount": 0, "tax": 170, "total": 1})), "totals_do_not_add_up"),
    ],
)
def test_an_invalid_cart_is_refused_with_its_code(
    client: FlaskClient, ledger: FakeLedger, token: str, code: str
) -> None:
    answer = place(client, cart_token=token)
    assert is_problem(answer, 400, code)
    assert answer.json["field"] == "cart_token"
    assert ledger.refs() == []


@pytest.mark.parametrize(
    ("delivery", "field"),
    [
        ({"id": "drone"}, "delivery.id"),
        ({"id": "courier"}, "delivery.slot"),
        ({"id": "standard", "slot": "x"}, "delivery.slot"),
    ],
)
def test_a_delivery_that_is_not_on_offer_is_refused(client: FlaskClient, delivery: dict[str, str], field: str) -> None:
    answer = place(client, delivery=delivery)
    assert answer.status_code == 400
    assert answer.json["field"] == field


def test_what_cannot_be_kept_safely_is_not_taken(client: FlaskClient, container: Container, ledger: FakeLedger) -> None:
    container.readiness.found = ("Redis has appendfsync no",)
    answer = place(client)
    assert is_problem(answer, 503, "try_again")
    assert int(answer.headers["Retry-After"]) > 0
    assert ledger.refs() == []


def test_a_full_ledger_asks_to_try_again(client: FlaskClient, ledger: FakeLedger) -> None:
    ledger.fail_next("accept", TryAgain("no room", after=7))
    answer = place(client)
    assert is_problem(answer, 503, "try_again")
    assert answer.headers["Retry-After"] == "7"


def test_an_order_that_may_be_in_the_shop_too_is_marked(client: FlaskClient, ledger: FakeLedger) -> None:
    headers = KEY | {"X-Fallback-Proxy": PROXY_TOKEN, "X-Fallback-Reason": "maybe_taken"}
    answer = client.post("/v1/orders", json=an_order_body(), headers=headers)
    assert ledger.load(answer.json["ref"]).maybe_taken


def test_only_the_proxy_can_say_so(client: FlaskClient, ledger: FakeLedger) -> None:
    headers = KEY | {"X-Fallback-Proxy": "x" * 36, "X-Fallback-Reason": "maybe_taken"}
    answer = client.post("/v1/orders", json=an_order_body(), headers=headers)
    assert not ledger.load(answer.json["ref"]).maybe_taken


@pytest.mark.parametrize(
    ("changes", "field", "code", "says"),
    [
        ({"currency": "KWD"}, "cart_token", "amount_not_exact", "The next possible total is 3.100 KWD"),
        ({"delivery": [{**STANDARD, "price": 99_999_999}]}, "cart_token", "amount_too_large", "at most 999999.99 EUR"),
        (
            {"delivery": [{**STANDARD, "price": 99_999_999}, COURIER]},
            "delivery.id",
            "amount_too_large",
            "choose another delivery",
        ),
    ],
)
def test_a_sum_that_cannot_be_charged_is_refused_with_the_field_and_what_to_do(
    client: FlaskClient, changes: dict[str, Any], field: str, code: str, says: str
) -> None:
    answer = place(client, cart_token=signed(a_cart(**changes)))
    assert is_problem(answer, 400, code)
    assert answer.json["field"] == field
    assert says in answer.json["detail"]
