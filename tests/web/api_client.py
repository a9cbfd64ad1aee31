"""The API as a client uses it: place an order, open it by its link, tell a problem."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.world import PRIMARY_TOKEN, an_order_body

AS_SHOP = {"Authorization": f"Bearer {PRIMARY_TOKEN}"}


def place(client: FlaskClient, key: str = "key-1", **changes: Any) -> TestResponse:
    return client.post("/v1/orders", json=an_order_body(**changes), headers={"Idempotency-Key": key})


def opened(answer: TestResponse) -> dict[str, str]:
    """The address of the order in the API, with the key of its link."""
    return {"path": f"/v1/orders/{answer.json['ref']}", "query_string": answer.json["status_url"].partition("?")[2]}


def at(order: dict[str, str], tail: str) -> dict[str, str]:
    return order | {"path": order["path"] + tail}


def is_problem(answer: TestResponse, status: int, code: str) -> bool:
    assert answer.mimetype == "application/problem+json", answer.text
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.json["status"] == status
    assert answer.json["type"] == f"/docs#{code}"
    assert answer.json["title"]
    assert answer.json["detail"]
    return True
