"""ops/docs/reference/settings.md names every setting, says which are needed, and names none that is gone."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import fields

from fallback.config import Config

PAGE = (Path(__file__).parents[2] / "ops/docs/reference/settings.md").read_text()


def test_every_setting_is_on_the_page_and_no_other() -> None:
    assert set(re.findall(r"`([A-Z_]{4,})`", PAGE)) == {field.name.upper() for field in fields(Config)}


def test_those_that_are_needed_stand_in_bold() -> None:
    assert set(re.findall(r"\*\*`([A-Z_]+)`\*\*", PAGE)) == {
        field.name.upper() for field in fields(Config) if field.required
    }
