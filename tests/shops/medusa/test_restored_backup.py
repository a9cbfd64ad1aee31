"""A real Medusa that was restored from a backup has lost orders, and takes them again."""

from __future__ import annotations

from pathlib import Path

from fallback.domain.placement.matching import differences
from tests.shops.medusa.running import Medusa, MedusaWorld


def test_an_order_that_the_backup_lacks_is_missed_and_placed_again(
    medusa: Medusa, world: MedusaWorld, tmp_path: Path
) -> None:
    before, lost = world.an_order(), world.an_order()
    world.primary.place(before)
    medusa.backup(tmp_path / "shop.sql")
    world.primary.place(lost)

    medusa.restore(tmp_path / "shop.sql")

    assert world.primary.find(lost.ref) is None
    listed = [there.ref for there in world.primary.placed_since(before.received_at)]
    assert (before.ref in listed, lost.ref in listed) == (True, False)
    assert differences(lost, world.primary.place(lost)) == ()
