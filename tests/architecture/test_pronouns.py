"""Customers, agents and on-call engineers are 'they' in code, comments and texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = {".py", ".lua", ".js", ".html", ".txt", ".toml"}
PRONOUN = re.compile(r"(?<![^\W\d_])(she|her|hers|herself)(?![^\W\d_])", re.IGNORECASE)
# A column of the report that spreadsheets of earlier releases have.
KEPT = "finished_herself"


def files() -> list[Path]:
    found = [path for part in ("fallback", "ops", "templates", "workers") for path in (ROOT / part).rglob("*")]
    return [path for path in found if path.suffix in KINDS]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def places(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if PRONOUN.search(line.replace(KEPT, ""))]


def test_there_are_files_to_read() -> None:
    assert len(files()) > 200


def test_no_text_calls_a_customer_or_an_agent_she() -> None:
    assert [f"{name(path)}:{line}" for path in files() for line in places(path.read_text())] == []


@pytest.mark.parametrize(
    "text", ["# what she asked", "'Her order'", "for herself", "is hers.", "def _only_she_is_asked():"]
)
def test_a_pronoun_is_found_wherever_it_stands(text: str) -> None:
    assert places(f"one\n{text}") == [2]


def test_other_words_with_these_letters_are_none() -> None:
    assert places("the others there: where the shell is here") == []
