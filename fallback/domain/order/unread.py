"""Orders that a list leaves out because they cannot be read: whoever looks at it has to know that it is incomplete."""

from __future__ import annotations

from typing import NamedTuple

from fallback.domain.order.order import Order


class Unread(NamedTuple):
    """Refs of orders that cannot be read.

    `newer`: a newer release wrote them. `damaged`: also those that are gone, or encrypted with a missing key.
    """

    newer: list[str]
    damaged: list[str]

    @property
    def refs(self) -> list[str]:
        return [*self.damaged, *self.newer]


class Found(NamedTuple):
    """The orders of a list that can be read, and the refs of those that belong there and cannot."""

    rows: list[Order]
    unread: Unread


def count(*lists: Unread) -> int:
    """How many there are; an order that several lists leave out counts once."""
    return len({ref for unread in lists for ref in unread.refs})


def unread_note(orders: int) -> list[str]:
    """The sentence of commands and files about orders that are not in their figures; none if all are."""
    if not orders:
        return []
    those = "1 order could not be read and is" if orders == 1 else f"{orders} orders could not be read and are"
    return [f"{those} missing here. 'fallback ledger verify' names {'it' if orders == 1 else 'them'}."]
