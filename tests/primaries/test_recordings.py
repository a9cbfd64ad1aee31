"""Each recording belongs to a test, says what it was made from, and has no secret and no real person in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent
CONTRACT = sorted((HERE.parent / "contracts/primary").glob("test_*.py"))
# What a file of each kind names beside the day.
VERSIONS = {"saleor": {"saleor"}, "woocommerce": {"wordpress", "woocommerce", "plugin"}}
FILES = sorted(file for kind in VERSIONS for file in (HERE / kind / "exchanges").rglob("*.yaml"))
# Tests of the contract that came after the last recording. Whoever adds or renames one writes its name here, or renames
# its file; the next recording empties this list.
TO_BE_RECORDED = frozenset(
    {
        "test_a_delivery_time_is_kept_with_the_order",
        "test_it_hears_what_the_customer_withdrew_from_and_refuses_an_older_report",
    }
)


def kind_of(file: Path) -> str:
    return file.relative_to(HERE).parts[0]


def names_in(module: Path) -> set[str]:
    return set(re.findall(r"(?m)^def (test_\w+)\([^)]*\b(?:world|shop)\b", module.read_text()))


def modules_of(kind: str) -> list[Path]:
    return [*CONTRACT, *(module for module in (HERE / kind).glob("test_*.py") if names_in(module))]


@pytest.mark.parametrize("kind", VERSIONS)
def test_each_recording_belongs_to_a_test_and_each_test_has_one(kind: str) -> None:
    wanted = {(module.stem, name) for module in modules_of(kind) for name in names_in(module) - TO_BE_RECORDED}

    assert {(file.parent.name, file.stem.split("-")[0]) for file in FILES if kind_of(file) == kind} == wanted


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{kind_of(file)}-{file.stem}")
def test_a_recording_says_of_what_and_when_it_was_made(file: Path) -> None:
    assert set(yaml.safe_load(file.read_text())["about"]) == VERSIONS[kind_of(file)] | {"recorded"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{kind_of(file)}-{file.stem}")
def test_no_key_of_the_shop_and_no_address_outside_of_the_examples_was_kept(file: Path) -> None:
    text = file.read_text()

    assert not re.search(r"\bc[ks]_[0-9a-f]{8,}|wordpress_logged_in|wp_woocommerce_session|stacktrace", text)
    assert set(re.findall(r"[\w.+-]+@([\w.-]*\w)", text.lower())) <= {
        "example.org",
        "example.com",
        "xn--bcher-kva.example",
    }
    assert set(re.findall(r"https?://([\w.-]+)", text)) <= {"shop.example", "fallback.example"}
