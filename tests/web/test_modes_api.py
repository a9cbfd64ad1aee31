"""GET and PUT /v1/mode: what the proxy asks each second, and what the on-call engineer switches."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap import Container
from fallback.domain.mode import Mode
from tests.web.api import is_problem
from tests.web.world import CONSOLE_TOKEN, ONCALL_TOKEN, PRIMARY_TOKEN

ON_CALL = {"Authorization": f"Bearer {ONCALL_TOKEN}"}


@pytest.mark.parametrize(("mode", "serves"), [("standby", "primary"), ("active", "fallback"), ("draining", "primary")])
def test_a_switch_is_seen_by_the_proxy(client: FlaskClient, container: Container, mode: str, serves: str) -> None:
    body = {"mode": mode, "reason": "the shop is down", "who": "Ana"}
    switched = client.put("/v1/mode", json=body, headers=ON_CALL)
    assert (switched.status_code, switched.json["mode"]) == (200, mode)
    asked = client.get("/v1/mode")
    assert asked.json == {"mode": mode, "since": "2026-11-21T10:00:00Z", "serves": serves}
    assert asked.headers["X-Fallback-Route"] == serves
    assert container.modes.log()[0].reason == "the shop is down"


def test_who_asks_in_public_does_not_learn_who_switched_and_why(client: FlaskClient) -> None:
    client.put("/v1/mode", json={"mode": "active", "reason": "a secret reason", "who": "Ana"}, headers=ON_CALL)
    assert "secret" not in client.get("/v1/mode").text
    assert "Ana" not in client.get("/v1/mode").text


@pytest.mark.parametrize("token", [None, "wrong", CONSOLE_TOKEN, PRIMARY_TOKEN])
def test_only_who_is_on_call_switches(client: FlaskClient, container: Container, token: str | None) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client.put("/v1/mode", json={"mode": "active", "reason": "x"}, headers=headers)
    assert is_problem(answer, 401, "token_needed")
    assert container.modes.read().mode is Mode.STANDBY


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"mode": "on", "reason": "x"}, "mode"),
        ({"mode": "active"}, "reason"),
        ({"mode": "active", "reason": ""}, "reason"),
        ({"mode": "active", "reason": "\x00"}, "reason"),
        ({"mode": "active", "reason": "x", "why": "y"}, "why"),
    ],
)
def test_a_switch_names_a_mode_and_a_reason(client: FlaskClient, body: dict[str, str], field: str) -> None:
    answer = client.put("/v1/mode", json=body, headers=ON_CALL)
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == field
