"""A real Medusa does what every primary does: the tests are those of the contract, with another world."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import fallback.primaries.pages
from tests.contracts.primary.whole import *  # noqa: F403
from tests.shops.medusa.running import Medusa, MedusaWorld


@pytest.fixture
def world(medusa: Medusa) -> MedusaWorld:
    return medusa.world()


def test_every_order_is_listed_once_over_all_pages(world: MedusaWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract's own test, with smaller pages: more orders than fit into one of 50 take too long here."""
    monkeypatch.setattr(fallback.primaries.pages, "PAGE_SIZE", 2)
    before = datetime.now(UTC)
    placed = [world.primary.place(world.an_order()) for _ in range(5)]

    assert [there.ref for there in world.primary.placed_since(before)] == [there.ref for there in placed]
    assert list(world.primary.placed_since(datetime.now(UTC))) == []
