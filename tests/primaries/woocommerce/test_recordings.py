"""Each recording belongs to a test, says what it was made from, and has no secret and no real person in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.primaries.woocommerce.shop import EXCHANGES

FILES = sorted(EXCHANGES.rglob("*.yaml"))
HERE = Path(__file__).parent
MODULES = [
    HERE.parents[1] / "contracts/test_primary_contract.py",
    *(HERE / f"test_{name}.py" for name in ("carts", "check", "orders", "visitors")),
]
# Tests of the contract that came after the last recording. Whoever adds or renames one writes its name here, or renames
# its file; the next recording empties this list.
TO_BE_RECORDED: frozenset[str] = frozenset()


def names_in(module: Path) -> set[str]:
    return set(re.findall(r"(?m)^def (test_\w+)\([^)]*\b(?:world|shop)\b", module.read_text()))


def recorded_for(module: Path) -> set[str]:
    return {file.stem.split("-")[0] for file in FILES if file.parent.name == module.stem}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_each_recording_belongs_to_a_test_and_each_test_has_one(module: Path) -> None:
    assert recorded_for(module) == names_in(module) - TO_BE_RECORDED


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_recording_says_of_what_and_when_it_was_made(file: Path) -> None:
    assert set(yaml.safe_load(file.read_text())["about"]) == {"wordpress", "woocommerce", "plugin", "recorded"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_key_of_the_shop_and_no_address_outside_of_the_examples_was_kept(file: Path) -> None:
    text = file.read_text()

    assert not re.search(r"\bc[ks]_[0-9a-f]{8,}|wordpress_logged_in|wp_woocommerce_session", text)
    assert set(re.findall(r"[\w.+-]+@([\w.-]*\w)", text)) <= {"example.org", "example.com", "xn--bcher-kva.example"}
    assert set(re.findall(r"https?://([\w.-]+)", text)) <= {"shop.example", "fallback.example"}
