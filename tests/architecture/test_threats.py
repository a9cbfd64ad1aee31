"""The page of threats claims nothing that no module keeps: each file that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "ops/docs/explanation/threats.md").read_text()
NAMED = set(re.findall(r"`((?:fallback|tests|ops)/[\w/.-]+)`", PAGE))


def test_each_module_and_test_that_the_page_names_is_there() -> None:
    assert len(NAMED) > 30
    assert {name for name in NAMED if not (ROOT / name).is_file()} == set()
