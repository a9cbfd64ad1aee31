"""Journals on one disk, each as another process of the machine has it, and what is kept in them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from fallback.domain.checkout.journal import Entry, Taken
from fallback.ledger.journal.journal import DiskJournal
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW
from tests.ledger.world import a_new_order

KEY, OLDER_KEY = "the-key-of-the-journal-tests-0123456", "the-key-before-it-of-these-tests-0123"
MB = 2**20


def a_journal(path: Path, *keys: str, limit: int = MB, shop: str = "books", serves: bool = True) -> DiskJournal:
    """Each is another process: they share the disk and nothing else."""
    return DiskJournal(path / "journal", shop, Crypto(keys or (KEY,)), limit, serves)


def taken(seconds: int = 0, key: str = "", cart_id: str = "") -> Taken:
    order = a_new_order(received_at=NOW + timedelta(seconds=seconds))
    order = replace(order, cart_id=cart_id or order.cart_id)
    return Taken(order, key or f"key-{order.ref}", "print")


def replayed(journal: DiskJournal) -> list[Entry]:
    entries: list[Entry] = []

    def take(entry: Entry) -> bool:
        entries.append(entry)
        return True

    journal.replay(take)
    return entries


def segments(path: Path) -> list[Path]:
    return sorted((path / "journal").glob("*.segment"))
