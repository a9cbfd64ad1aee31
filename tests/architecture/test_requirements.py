"""Pinned requirements are made of one another: a larger set has what a smaller one needs, in the same version."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PINNED = Path(__file__).parents[2] / "ops/requirements"


def pins(name: str) -> set[str]:
    return set(re.findall(r"^[\w.-]+==[^ ;\\]+", (PINNED / f"{name}.txt").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("run", "traces"), ("run", "demo"), ("build", "demo"), ("demo", "dev"), ("dev", "mutants")],
)
def test_a_larger_set_has_all_of_a_smaller_one(smaller: str, larger: str) -> None:
    assert pins(smaller)
    assert pins(smaller) - pins(larger) == set()
