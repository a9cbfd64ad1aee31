"""Alert rules and dashboard: each goes by figures that are there, and each alert says what to do."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.journal import JournalSettings
from fallback.domain.oncall.drill import DrillOutcome, begin, ended
from fallback.domain.order.order import PaymentState
from fallback.web.app import create_app
from tests.builders import a_payment
from tests.programs import program
from tests.redis_server import RedisServer
from tests.web.api_client import place
from tests.web.world import METRICS_TOKEN, NOW, a_config

OPS = Path(__file__).parents[2] / "ops"
ALERTS = OPS / "alerts"
RULES = [rule for group in yaml.safe_load((ALERTS / "fallback.yml").read_text())["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((OPS / "dashboards/fallback.json").read_text())
NAME = re.compile(r"\bfallback_\w+")
RUNBOOKS = {
    *("fail-over", "drain-and-return", "stripe-down", "order-stuck", "redis-lost-or-full", "primary-regressed"),
    *("rotate-a-secret", "erase-a-customer", "upgrade-under-load", "drill-failed", "standby-does-not-balance"),
    *("journal", "orders-damaged"),
}


@pytest.fixture(scope="module")
def figures(_shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all that /metrics gives, with an order that is authorized and a drill that was."""
    _shared_redis.client.flushall()
    journal = JournalSettings(str(tmp_path_factory.mktemp("journal")))
    container = Container(a_config(redis_url=_shared_redis.url, journal=journal))
    container.clock = lambda: NOW
    client = create_app(container).test_client()
    order = container.ledger.load(place(client).json["ref"])
    paid = replace(order, payment=a_payment(PaymentState.AUTHORIZED, capture_before=NOW))
    container.ledger.commit(order, paid, [])
    drill = begin("clock", paid=True, now=NOW)
    container.drills.begin(drill)
    container.drills.keep(ended(drill, DrillOutcome.PASSED, NOW), instead_of=drill)
    text = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    container.redis.close()
    return set(NAME.findall(re.sub(r"(?m)^#.*$", "", text)))


def test_the_prometheus_rules_fire_and_stay_silent_as_their_tests_expect() -> None:
    for words in (["check", "rules", "fallback.yml"], ["test", "rules", "fallback_test.yml"]):
        ran = subprocess.run([program("promtool"), *words], cwd=ALERTS, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_an_alert_names_its_runbook() -> None:
    runbooks = {rule["alert"]: rule["annotations"]["runbook"] for rule in RULES}
    there = {f"ops/runbooks/{name}.md" for name in RUNBOOKS}
    assert {alert: page for alert, page in runbooks.items() if page not in there} == {}


def test_an_alert_says_how_urgent_it_is() -> None:
    assert {rule["labels"]["severity"] for rule in RULES} == {"page", "ticket"}


def test_an_alert_goes_by_figures_that_are_there(figures: set[str]) -> None:
    named = {rule["alert"]: set(NAME.findall(rule["expr"])) for rule in RULES}
    assert {alert: names - figures for alert, names in named.items() if names - figures} == {}


def queries() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (each["expr"] for each in DASHBOARD["annotations"]["list"])


def test_a_picture_of_the_dashboard_goes_by_figures_that_are_there(figures: set[str]) -> None:
    named = {query: set(NAME.findall(query)) for query in queries()}
    assert [query for query, names in named.items() if not names or names - figures] == []


def test_no_two_panels_of_the_dashboard_lie_over_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
