from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from msgspec.structs import fields

from fallback.primaries import KINDS
from fallback.primaries.calls import Calls
from fallback.primaries.kind import Kind

PAGES = Path(__file__).parents[2] / "ops/docs/reference/shops"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_kind_builds_a_primary_that_counts_as_up(kind: Kind) -> None:
    given = {field.name: "https://shop.example" for field in fields(kind.settings) if field.required}

    assert kind.build(kind.settings(**given), Calls()).available


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_settings_of_each_kind_are_recognized_by_their_names(kind: Kind) -> None:
    names = [field.name for field in fields(kind.settings)]

    assert "primary_url" in names
    assert all(name.startswith("primary_") for name in names)
    assert kind.shared_token in ("", *names)


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"http"}))
def test_the_page_of_a_kind_names_what_it_declares(name: str) -> None:
    [declared] = re.findall(r"(?m)^Declared as `can` .*: (.*)\.$", (PAGES / f"{name}.md").read_text())

    assert set(declared.split(", ")) == {
        f"`{word}`" for word in import_module(f"fallback.primaries.{name}.primary").CAN
    }
