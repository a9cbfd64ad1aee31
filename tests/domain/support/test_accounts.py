"""Names of accounts: how they are stored, which are equal, and which are reserved."""

from __future__ import annotations

import pytest

from fallback.domain.support.accounts import RESERVED, a_name, key_of
from tests.refusals import refused


@pytest.mark.parametrize(
    ("text", "name"),
    [("  Iris \t Murdoch ", "Iris Murdoch"), ("Jo", "Jo"), ("\uff29ris", "Iris"), ("O'Hara-St. 2", "O'Hara-St. 2")],
)
def test_a_name_is_kept_in_one_spelling(text: str, name: str) -> None:
    assert a_name(text) == name


@pytest.mark.parametrize("text", ["", "J", "x" * 41, "-Iris", "Iris!", "a\x00b"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with refused("name", "invalid", "A name has 2 to 40 letters, digits, spaces or . ' _ -, a letter first."):
        a_name(text)


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_name_under_which_others_act_is_nobodys(name: str) -> None:
    with refused("name", "reserved", f"The name '{name.title()}' is reserved. Please choose another."):
        a_name(name.title())


def test_names_that_read_alike_are_one_persons() -> None:
    assert key_of(" IRIS  Murdoch") == key_of("iris murdoch") == "iris murdoch"
