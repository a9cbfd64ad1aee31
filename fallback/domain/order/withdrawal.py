"""The customer's withdrawal from the contract: what they stated, and by when (Directive 2011/83/EU, art. 9 to 11a).

It is a right of consumers, without a reason, and not a cancellation: goods may be on their way or in their hands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from fallback.domain.order.cart import Delivery, Line


class WithdrawalState(StrEnum):
    """Of all that was stated. `undone`: it never reached the shop, since we took it out of the order before.

    `by_hand`: a person has to tell the shop, and has a hold for it. `told`: the shop knows.
    """

    ASKED = "asked"
    UNDONE = "undone"
    BY_HAND = "by_hand"
    TOLD = "told"


class WithdrawnLine(Struct, frozen=True):
    """`ordered`: how many pieces of this SKU the order had when this was stated, in all its lines."""

    sku: str
    title: str
    quantity: int
    ordered: int


class Statement(Struct, frozen=True, omit_defaults=True):
    """`key` recognizes one that is sent again. `name`, `email`: ids of texts (texts_by_people.py); the receipt goes to
    that address. `taken_out`: its pieces were taken out of the order before the shop had it.
    """

    key: str
    at: datetime
    lines: tuple[WithdrawnLine, ...]
    name: int
    email: int
    taken_out: bool = False


class Withdrawal(Struct, frozen=True, omit_defaults=True):
    """`began_at`: when a report to the shop without a known outcome was begun. `tries`: how many of these."""

    state: WithdrawalState
    statements: tuple[Statement, ...]
    began_at: datetime | None = None
    tries: int = 0
    due_at: datetime | None = None

    def knows(self, key: str) -> bool:
        return any(statement.key == key for statement in self.statements)

    @property
    def of_the_shop(self) -> tuple[Statement, ...]:
        """The statements that the shop is to hear of."""
        return tuple(statement for statement in self.statements if not statement.taken_out)


# The shop delivers within 30 days unless something else was agreed (art. 18(1)); we do not hear when it did.
DELIVERS_WITHIN = timedelta(days=30)
# A period ends with its last day, or the next working day (Regulation (EEC) 1182/71, art. 3): at most, over Easter.
WORKING_DAYS = timedelta(days=5)


def withdraws_until(received_at: datetime, delivery: Delivery, days: int) -> datetime:
    """A cautious bound: never earlier than the law's own. `days`: from the delivery, as the shop grants them."""
    delivered = delivery.slot.ends if delivery.slot else received_at + DELIVERS_WITHIN
    return max(delivered, received_at) + timedelta(days=days) + WORKING_DAYS


def latest_end(days: int) -> timedelta:
    """How long after the order a withdrawal is possible where no delivery time was agreed."""
    return DELIVERS_WITHIN + timedelta(days=days) + WORKING_DAYS


def left(lines: Sequence[Line], statements: Iterable[Statement]) -> tuple[int, ...]:
    """How many pieces of each line the customer still buys. What the order lost since then is not counted twice."""
    gone: Counter[str] = Counter()
    ordered: dict[str, int] = {}

    def look(sku: str, there: int) -> None:
        gone[sku] = max(0, gone[sku] - max(0, ordered.get(sku, there) - there))
        ordered[sku] = there

    for statement in statements:
        for sku, there in {line.sku: line.ordered for line in statement.lines}.items():
            look(sku, there)
        for line in statement.lines:
            gone[line.sku] += line.quantity
    now = pieces_of_each(lines)
    for sku in gone:
        look(sku, now[sku])
    found = []
    for each in lines:
        taken = min(each.quantity, gone[each.sku])
        gone[each.sku] -= taken
        found.append(each.quantity - taken)
    return tuple(found)


def pieces_of_each(lines: Iterable[Line]) -> Counter[str]:
    """How many pieces the order has of each SKU, in all its lines."""
    pieces: Counter[str] = Counter()
    for line in lines:
        pieces[line.sku] += line.quantity
    return pieces
