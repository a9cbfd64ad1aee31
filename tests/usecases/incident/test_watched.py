"""Whoever waits for a long count or audit sees what is read of each side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from fallback.domain.incident.balance import Side
from fallback.domain.incident.watching import T
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.incident.count_balance import count_balance
from tests.usecases.incident.outages import an_outage, incident_id


class Watcher:
    """`read`: how many of each side; `promised`: how many it was told that there are."""

    def __init__(self) -> None:
        self.read: Counter[Side] = Counter()
        self.promised: dict[Side, int | None] = {}

    def __call__(self, side: Side, items: Iterable[T], length: int | None = None, /) -> Iterator[T]:
        self.promised[side] = length
        for item in items:
            self.read[side] += 1
            yield item


def test_a_count_is_watched_side_by_side() -> None:
    world, watcher = an_outage(orders=3), Watcher()
    count_balance(world.container, incident_id(world), watcher)
    assert watcher.read == {Side.LEDGER: 3, Side.PROVIDER: 3, Side.SHOP: 3}
    assert watcher.promised == {Side.LEDGER: 3, Side.PROVIDER: None, Side.SHOP: None}


def test_an_audit_is_watched_too() -> None:
    world, watcher = an_outage(orders=3), Watcher()
    audit_primary(world.container, watch=watcher)
    assert watcher.read == {Side.LEDGER: 3, Side.SHOP: 3}
    assert watcher.promised == {Side.LEDGER: 3, Side.SHOP: None}
