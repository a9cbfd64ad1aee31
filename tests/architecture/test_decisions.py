"""Each decision states its date and its status, and the index lists all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "ops/decisions"
DECISIONS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
ROW = re.compile(r"(?m)^\| \[(?P<title>.+)\]\((?P<name>[\w-]+\.md)\) \| (?P<date>\S+) \| (?P<status>.+) \|$")
HEAD = re.compile(
    r"# (?P<title>.+)\n\nDate: (?P<date>\d{4}-\d\d-\d\d) · Status: (?P<status>accepted|superseded by \S+)\n\n"
)
every_decision = pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)


def test_there_are_decisions() -> None:
    assert len(DECISIONS) > 25


@every_decision
def test_a_decision_has_a_head_and_says_why_what_and_at_which_cost(path: Path) -> None:
    text = path.read_text()
    assert HEAD.match(text)
    assert "**Context.**" in text
    assert re.search(r"\*\*(Decision\.|Objections, and)", text)
    assert "**What it costs.**" in text


def test_the_index_lists_every_decision_as_its_head_says() -> None:
    index = {
        row["name"]: (row["title"], row["date"], row["status"])
        for row in ROW.finditer((FOLDER / "README.md").read_text())
    }
    heads = {
        path.name: head.group("title", "date", "status") for path in DECISIONS if (head := HEAD.match(path.read_text()))
    }
    assert index == heads


def test_the_index_is_in_the_order_of_the_dates() -> None:
    dates = [row["date"] for row in ROW.finditer((FOLDER / "README.md").read_text())]
    assert dates == sorted(dates)
