"""A use case that is called wrongly is a type error: the container and each call are checked by mypy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]
CALLS = """
from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.order.order import Order
from fallback.usecases.order.cancel_order import cancel_order
from fallback.usecases.order.change_order import change_order
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.usecases.support.hand_over import hand_over

def calls(container: Container, wish: ChangeOrder, nothing: object) -> None:
    order: Order = change_order(container, "FB-1", wish, "customer", 3, version=2)
    cancel_order(container, order.ref, "customer")
    change_order(container, 1, 2, 3, nonsense=True)  # wrong
    change_order(container, "FB-1", wish, "customer")  # wrong: what was seen is missing
    change_order(container, "FB-1", wish, "customer", 3, versoin=2)  # wrong
    cancel_order("FB-1", "customer")  # wrong: depends on nothing
    cancel_order(nothing, "FB-1", "customer")  # wrong: has no ledger
    switch_mode(container, "active", "Jo", "a test")  # wrong: no mode
    hand_over(container, "FB-1", wish, "Jo", 3)  # wrong: no packet
    number: int = cancel_order(container, "FB-1", "customer")  # wrong: answers an order
    container.cancel_order("FB-1", "customer")  # wrong: the container has no use cases
"""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """What mypy says of the lines."""
    module = tmp_path_factory.mktemp("seam") / "calls.py"
    module.write_text(CALLS)
    config, cache = ROOT / "pyproject.toml", ROOT / ".mypy_cache"
    said, failed, _ = api.run([str(module), f"--config-file={config}", f"--cache-dir={cache}", "--no-error-summary"])
    assert not failed
    return {int(line): error for line, error in re.findall(r"calls\.py:(\d+): error: (.*)", said)}


LINES = list(enumerate(CALLS.splitlines(), start=1))


@pytest.mark.parametrize("number", [number for number, line in LINES if "# wrong" in line])
def test_a_wrong_call_is_refused(refused: dict[int, str], number: int) -> None:
    assert number in refused


def test_right_calls_pass(refused: dict[int, str]) -> None:
    assert [line for number, line in LINES if number in refused and "# wrong" not in line] == []
