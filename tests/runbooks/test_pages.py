"""Each alert leads to a page that is there and says so, and each page is walked through by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from fallback.domain.oncall.alerts import RUNBOOKS, Alert
from ops.demo.places import ROOT

FOLDER = ROOT / "ops" / "runbooks"
PAGES = {path.stem: path.read_text() for path in FOLDER.glob("[a-z]*.md")}
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "ops/alerts/fallback.yml").read_text())["groups"]
    for rule in group["rules"]
]
LEADING = {alert.value: page for alert, page in RUNBOOKS.items()} | {
    rule["alert"]: Path(rule["annotations"]["runbook"]).stem for rule in RULES
}
EXAMPLES = {"FB-7K3M-92QX-5"}
every_page = pytest.mark.parametrize("name", sorted(PAGES))


@pytest.mark.parametrize("alert", Alert)
def test_every_alert_has_a_page(alert: Alert) -> None:
    assert RUNBOOKS[alert] in PAGES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_rule_of_prometheus_has_a_page(rule: dict[str, dict[str, str]]) -> None:
    assert (ROOT / rule["annotations"]["runbook"]).exists()


@every_page
def test_a_page_says_what_it_is_for_and_which_alerts_lead_to_it(name: str) -> None:
    opening = PAGES[name].split("\n\n")[1]
    assert opening.startswith("For ")
    assert set(re.findall(r"`(\w+)`", opening)) & set(LEADING) == {a for a, page in LEADING.items() if page == name}


@every_page
def test_a_page_says_how_one_knows_that_it_is_over(name: str) -> None:
    assert "\n**It is over** when " in PAGES[name]


@every_page
def test_the_steps_of_a_page_are_numbered(name: str) -> None:
    numbers = [int(number) for number in re.findall(r"(?m)^(\d+)\. ", PAGES[name])]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 3


@every_page
def test_a_page_leads_only_to_what_is_there(name: str) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", PAGES[name])
    assert [link for link in links if not (FOLDER / link).exists()] == []


@every_page
def test_a_page_is_listed_and_walked_through(name: str) -> None:
    assert f"({name}.md)" in (FOLDER / "README.md").read_text()
    walks = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert f"def test_{name.replace('-', '_')}(" in walks
