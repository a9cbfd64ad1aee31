"""What is stored keeps its name: orders outlive the code that wrote them."""

from __future__ import annotations

import pytest

from tests.ledger import stored_names

RULE = """
Redis has documents with these names, and during an upgrade processes of the version before read and write them.
Keep them readable: ops/decisions/upgrades.md, 'What is stored keeps its name'. Where nothing is stored under the name
any more, or only a class was renamed, correct tests/ledger/stored_names.txt by hand and say why in the commit:
"""
ADD = """
`.venv/bin/python -m tests.ledger.stored_names` records new names. A new field needs a default, for older documents:
"""


@pytest.fixture(scope="module")
def before() -> dict[str, str]:
    return stored_names.read()


@pytest.fixture(scope="module")
def now() -> dict[str, str]:
    return stored_names.found()


def test_nothing_that_is_stored_is_gone_or_reads_differently(before: dict[str, str], now: dict[str, str]) -> None:
    gone = [name for name in before if name not in now]
    changed = [f"{name}{was} -> {now[name]}" for name, was in before.items() if now.get(name, was) != was]
    assert not gone + changed, RULE + "\n".join([*gone, *changed])


def test_a_field_that_is_new_has_a_default(before: dict[str, str], now: dict[str, str]) -> None:
    lacking = stored_names.without_default(now, before)
    assert not lacking, ADD + "\n".join(lacking)


def test_every_new_stored_name_is_recorded(before: dict[str, str], now: dict[str, str]) -> None:
    new = [name for name in now if name not in before]
    assert not new, ADD + "\n".join(new)


def test_documents_keys_and_events_are_all_found(now: dict[str, str]) -> None:
    assert len(stored_names.decoders()) > 20
    some = {
        "Order.placement.attempt.call is place": "",
        "Order.payment.refunded": ": int = 0",
        "Order.lines[].sku": ": str (min_length 1, max_length 200)",
        "Customer.address.city": ": str",
        "Unclaimed.ref": ": str",
        "Memory.lasting{}.began": ": datetime",
        "event received": "",
        "key order:<ref>": "",
        "key hold:<code> with code mismatch": "",
    }
    assert {name: now.get(name) for name in some} == some


def test_a_new_field_without_a_default_is_seen() -> None:
    before = {"Order.ref": ": str", "Order.lines": ": [object] = []", "Order.lines[].sku": ": str"}
    new = {
        "Order.a": ": str",
        "Order.lines[].b": ": str",
        "Order.c": ": object = {}",
        "Order.c.d": ": str",
        "Fresh.e": ": str",
    }
    assert stored_names.without_default(before | new, before) == ["Order.a", "Order.lines[].b"]
