from __future__ import annotations

import pytest
from msgspec.structs import fields

from fallback.primaries import KINDS
from fallback.primaries.calls import Calls
from fallback.primaries.kind import Kind


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
