"""GET and PUT /v1/mode: what the proxy asks each second, and what the on-call engineer switches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.incident.audit import Halt
from fallback.domain.oncall.alerts import Snapshot
from fallback.domain.oncall.drill import DrillOutcome, begin, ended
from fallback.domain.outage.mode import Mode, ModeState
from fallback.ledger.oncall.metrics_store import Seen
from fallback.runtime.metrics import Service
from tests.fakes.pace import a_rule
from tests.web.api_client import is_problem
from tests.web.world import CONSOLE_TOKEN, NOW, ONCALL_TOKEN, PRIMARY_TOKEN, PROXY_TOKEN

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


def test_of_a_mode_that_was_never_switched_no_time_is_told(client: FlaskClient) -> None:
    assert client.get("/v1/mode").json == {"mode": "standby", "since": None, "serves": "primary"}
    assert client.get("/v1/status").json["since"] is None


def test_a_page_of_the_shop_may_read_the_mode(client: FlaskClient) -> None:
    """failover.js asks from there."""
    assert client.get("/v1/mode").headers["Access-Control-Allow-Origin"] == "*"


@pytest.fixture
def sharing(container: Container) -> Container:
    container.standby_share = True
    return container


def takes_a_share(client: FlaskClient) -> bool:
    return client.get("/v1/mode").headers.get("X-Fallback-Share") == "yes"


def test_a_share_is_taken_only_where_the_shop_wants_it(client: FlaskClient) -> None:
    assert not takes_a_share(client)


def failed_drill(container: Container) -> None:
    drill = begin("clock", paid=True, now=NOW)
    container.drills.begin(drill)
    container.drills.keep(ended(drill, DrillOutcome.FAILED, NOW, "not placed"), instead_of=drill)


MATTERS: dict[str, Callable[[Container], object]] = {
    "an outage": lambda it: it.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ana", "the shop is down")),
    "a drain": lambda it: it.modes.switch(ModeState(Mode.DRAINING, NOW, "Ana", "the shop is back")),
    "a full disk": lambda it: setattr(it.readiness, "found", ("The disk is full.",)),
    "a drill that failed": failed_drill,
    "a halt": lambda it: it.halts.halt(Halt(NOW, "the audit", ("FB-1",))),
    "a pause": lambda it: it.pace.decide(a_rule(paused=True)),
    "a breaker that is open": lambda it: setattr(
        it.metrics_store, "seen", Seen(0, None, {}, frozenset({Service.STRIPE}))
    ),
}


def test_a_share_is_taken_in_standby(client: FlaskClient, sharing: Container) -> None:
    assert takes_a_share(client)
    assert client.get("/v1/mode").headers["X-Fallback-Route"] == "primary"


@pytest.mark.parametrize("matter", MATTERS)
def test_no_share_is_taken_while_anything_is_the_matter(client: FlaskClient, sharing: Container, matter: str) -> None:
    MATTERS[matter](sharing)
    assert not takes_a_share(client)


def test_in_an_outage_the_answer_waits_for_nothing_that_a_share_would_ask(
    client: FlaskClient, sharing: Container
) -> None:
    def away(now: datetime) -> Snapshot:
        raise TryAgain("the ledger")

    sharing.overview.see = away
    assert client.get("/v1/mode").status_code == 503
    sharing.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ana", "the shop is down"))
    assert client.get("/v1/mode").headers["X-Fallback-Route"] == "fallback"


def test_who_asks_in_public_does_not_learn_who_switched_and_why(client: FlaskClient) -> None:
    client.put("/v1/mode", json={"mode": "active", "reason": "a secret reason", "who": "Ana"}, headers=ON_CALL)
    assert "secret" not in client.get("/v1/mode").text
    assert "Ana" not in client.get("/v1/mode").text


def test_without_a_time_a_switch_stands_as_is_usual_for_its_mode(client: FlaskClient, container: Container) -> None:
    client.put("/v1/mode", json={"mode": "standby", "reason": "x"}, headers=ON_CALL)
    assert container.modes.read().until == NOW + timedelta(hours=1)


@pytest.mark.parametrize(("said", "stands"), [("2026-11-21T13:00:00+01:00", NOW + timedelta(hours=2)), (None, None)])
def test_a_switch_stands_until_the_time_that_it_says(
    client: FlaskClient, container: Container, said: str | None, stands: datetime | None
) -> None:
    client.put("/v1/mode", json={"mode": "standby", "reason": "x", "until": said}, headers=ON_CALL)
    assert container.modes.read().until == stands


@pytest.mark.parametrize(
    "said",
    ["2026-11-21T09:59:59Z", "2026-11-21T13:00:00", "2027-11-23T10:00:00Z", "9999-12-31T23:59:59-14:00", "soon", 7],
)
def test_a_time_that_is_over_or_far_away_or_has_no_zone_switches_nothing(
    client: FlaskClient, container: Container, said: object
) -> None:
    answer = client.put("/v1/mode", json={"mode": "active", "reason": "x", "until": said}, headers=ON_CALL)
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == "until"
    assert container.modes.log() == []


def test_a_switch_that_names_what_it_saw_comes_instead_of_that_only(client: FlaskClient, container: Container) -> None:
    seen = client.get("/v1/mode").headers["ETag"]
    first = client.put("/v1/mode", json={"mode": "active", "reason": "x"}, headers=ON_CALL | {"If-Match": seen})
    second = client.put("/v1/mode", json={"mode": "draining", "reason": "x"}, headers=ON_CALL | {"If-Match": seen})
    assert first.status_code == 200
    assert is_problem(second, 412, "precondition_failed")
    assert container.modes.read().mode is Mode.ACTIVE
    third = ON_CALL | {"If-Match": first.headers["ETag"]}
    assert client.put("/v1/mode", json={"mode": "draining", "reason": "x"}, headers=third).status_code == 200


def test_the_mode_can_be_switched_while_everything_else_is_down(client: FlaskClient, container: Container) -> None:
    """The primary, Stripe and mail are nobody's ports here, and no worker or clock runs."""
    container.bells = container.ledger = container.primary = container.gateway = container.mailer = None
    assert client.put("/v1/mode", json={"mode": "active", "reason": "x"}, headers=ON_CALL).status_code == 200
    assert client.get("/v1/mode").headers["X-Fallback-Route"] == "fallback"


@pytest.mark.parametrize(("token", "reason"), [(PROXY_TOKEN, "ours"), ("forged", None), ("", None)])
def test_what_a_proxy_says_is_told_back_once_it_is_believed(
    client: FlaskClient, token: str, reason: str | None
) -> None:
    answer = client.get("/v1/mode", headers={"X-Fallback-Proxy": token, "X-Fallback-Reason": "ours"})
    assert answer.headers.get("X-Fallback-Reason") == reason


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
