"""No alert without a test of its rule: of ours, and of those that Prometheus reads."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fallback.domain.oncall.alerts import Alert
from tests.domain.oncall.test_alerts import CAUSES

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "ops/alerts"
# Not raised by a rule over a snapshot: the test that raises each.
RAISED_ELSEWHERE = {
    Alert.MODE_CHANGED: "tests/domain/oncall/test_alerts.py",
    Alert.LEDGER_AWAY: "tests/workers/test_alerting.py",
}
RULES = [rule for group in yaml.safe_load((ALERTS / "fallback.yml").read_text())["groups"] for rule in group["rules"]]


def test_the_rule_of_every_alert_is_tried() -> None:
    """A new alert: add what raises it to CAUSES in tests/domain/oncall/test_alerts.py."""
    assert {*CAUSES, *RAISED_ELSEWHERE} == set(Alert)


@pytest.mark.parametrize(("alert", "module"), RAISED_ELSEWHERE.items())
def test_what_no_rule_raises_is_raised_in_its_own_test(alert: Alert, module: str) -> None:
    asserted = [
        ast.unparse(node) for node in ast.walk(ast.parse((ROOT / module).read_text())) if isinstance(node, ast.Assert)
    ]
    assert [text for text in asserted if f"Alert.{alert.name}, AlertState." in text]


def test_every_rule_of_prometheus_is_seen_to_fire() -> None:
    """A new rule: add a series that makes it fire to ops/alerts/fallback_test.yml."""
    tests = yaml.safe_load((ALERTS / "fallback_test.yml").read_text())["tests"]
    assert len(RULES) > 10
    assert {rule["alert"] for rule in RULES} == {name for test in tests for name in fired(test)}


def fired(test: dict[str, Any]) -> set[str]:
    """The alerts that it expects, as alerts or as samples of ALERTS."""
    alerts = {each["alertname"] for each in test.get("alert_rule_test", []) if each.get("exp_alerts")}
    samples = [sample["labels"] for each in test.get("promql_expr_test", []) for sample in each.get("exp_samples", [])]
    return alerts | {name for labels in samples for name in re.findall(r'alertname="(\w+)"', labels)}
