"""The shop's database is restored from an older copy: the audit finds what it lost, and the drain stops."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from fallback.usecases.incident.audit_primary import audit_primary
from tests.reference_shop import primary_at
from tests.shop.running import TOKEN, Shop, StandInFallback, running_shop
from tests.usecases.real_sides import RealSides


def copied(shop: Shop, to: Path) -> None:
    """A backup, taken while the shop works."""
    with closing(sqlite3.connect(shop.state / "shop.sqlite3")) as database, closing(sqlite3.connect(to)) as copy:
        database.backup(copy)


def restored(state: Path, backup: Path) -> None:
    for old in state.glob("shop.sqlite3*"):
        old.unlink()
    backup.rename(state / "shop.sqlite3")


def test_what_the_shop_lost_with_an_older_backup_is_held_and_the_drain_halts(
    tmp_path: Path, fallback: StandInFallback
) -> None:
    state = tmp_path / "shop"
    state.mkdir()
    with running_shop(state, fallback.url) as shop:
        world = RealSides(primary_at(shop.url, TOKEN))
        kept = world.sees_an_outage("ada", "ben")
        copied(shop, tmp_path / "backup")
        lost = world.sees_an_outage("eve", "gil")
        assert audit_primary(world.container).lost == ()
    restored(state, tmp_path / "backup")

    with running_shop(state, fallback.url) as shop:
        world.container.primary = primary_at(shop.url, TOKEN)
        del world.container.beside  # they knew the shop by its old address
        audit = audit_primary(world.container)

    assert sorted(audit.lost) == sorted(lost)
    assert all(world.ledger.load(ref).holds[0].code == "primary_regressed" for ref in lost)
    assert all(world.ledger.load(ref).holds == () for ref in kept)
    assert world.halts.read()
