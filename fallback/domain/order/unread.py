"""What a list leaves out because it cannot be read: whoever looks at it has to know that it is not complete."""

from __future__ import annotations

from typing import NamedTuple

from fallback.domain.order.order import Order


class Unread(NamedTuple):
    """Refs of orders that this release leaves alone."""

    newer: list[str]
    damaged: list[str]

    @property
    def refs(self) -> list[str]:
        return [*self.damaged, *self.newer]


class Found(NamedTuple):
    """The orders of a list that can be read, and those that belong there too."""

    rows: list[Order]
    unread: Unread


def count(*lists: Unread) -> int:
    """An order that several lists leave out counts once."""
    return len({ref for unread in lists for ref in unread.refs})


def left_out(orders: int) -> list[str]:
    """The sentence of commands and files about orders that are not in their figures; none if all are."""
    if not orders:
        return []
    those = "1 order could not be read and is" if orders == 1 else f"{orders} orders could not be read and are"
    return [f"{those} missing here. 'fallback ledger verify' names {'it' if orders == 1 else 'them'}."]
