"""ops/docs/reference/settings.md names every setting, says which are required, and names none that is gone.

The settings of a kind of shop stand on the page of that kind.
"""

from __future__ import annotations

import re
from pathlib import Path

from fallback.config import Config
from fallback.environment import names
from fallback.primaries import KINDS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "ops/docs/reference"
PAGE = (REFERENCE / "settings.md").read_text()
OF_EVERY_SHOP = names(Config)
WITH_OUR_CONTRACT = names(KINDS["http"].settings)


def test_every_setting_is_on_the_page_and_no_other() -> None:
    assert set(re.findall(r"`([A-Z_]{4,})`", PAGE)) == (OF_EVERY_SHOP | WITH_OUR_CONTRACT).keys()


def test_every_page_names_settings_that_there_are() -> None:
    """Pages of shop systems are left out: they name settings of the shop's plugin, too."""
    pages = [*ROOT.glob("ops/*/*.md"), *ROOT.glob("ops/docs/*/*.md")]
    named = {(page.name, name) for page in pages for name in re.findall(r"`(FALLBACK_[A-Z_]+)[`=]", page.read_text())}
    assert len(named) > 100
    assert [(page, name) for page, name in sorted(named) if name not in OF_EVERY_SHOP] == []


def test_those_that_are_required_stand_in_bold() -> None:
    settings = OF_EVERY_SHOP | WITH_OUR_CONTRACT
    assert set(re.findall(r"\*\*`([A-Z_]+)`\*\*", PAGE)) == {name for name, required in settings.items() if required}


def test_the_page_of_a_kind_names_its_settings_and_those_that_are_required_in_bold() -> None:
    for kind in KINDS.values():
        if kind.name == "http":
            continue
        page = (REFERENCE / f"shops/{kind.name}.md").read_text()
        settings = names(kind.settings)
        named = set(re.findall(r"`(PRIMARY_[A-Z_]+)`", page)) - {"PRIMARY_KIND"}
        in_bold = set(re.findall(r"\*\*`(PRIMARY_[A-Z_]+)`\*\*", page))
        assert (kind.name, named) == (kind.name, settings.keys())
        assert (kind.name, in_bold) == (kind.name, {name for name, required in settings.items() if required})
