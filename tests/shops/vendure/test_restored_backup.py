"""A real Vendure that was restored from a backup has lost orders, and takes them again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fallback.domain.placement.matching import differences
from tests.builders import an_order
from tests.contracts.primary.worlds import POST
from tests.shops.vendure.running import VendureShop


def test_an_order_that_the_backup_lacks_is_missed_and_placed_again(vendure: VendureShop, tmp_path: Path) -> None:
    primary = vendure.primary()
    before, lost = (an_order(delivery=POST, received_at=datetime.now(UTC)) for _ in range(2))
    primary.place(before)
    vendure.backup(tmp_path / "shop.sql")
    primary.place(lost)

    vendure.restore(tmp_path / "shop.sql")

    assert primary.find(lost.ref) is None
    listed = [there.ref for there in primary.placed_since(before.received_at)]
    assert (before.ref in listed, lost.ref in listed) == (True, False)
    assert differences(lost, primary.place(lost)) == ()
