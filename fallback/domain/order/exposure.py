"""What open orders stand for before the shop knows of them: pieces of its stock, and sums that no bank has authorized.

The ledger counts both in the write that takes an order, from the moment an incident begins until it is over
(ops/decisions/stock-and-exposure.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from fallback.domain.errors import Invalid, TryAgain
from fallback.domain.money import Money
from fallback.domain.order.cart import Line
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order, PaymentState

# Its goods go back into stock, or were never taken.
WITHOUT_GOODS = frozenset({Headline.MERGED, Headline.CANCELLED, Headline.REFUNDED})
NOT_AUTHORIZED = frozenset(
    {PaymentState.NONE, PaymentState.PENDING, PaymentState.ACTION_REQUIRED, PaymentState.UNKNOWN}
)


NO_LIMIT = 10**15


class WhenSoldOut(StrEnum):
    """What happens to an order for more pieces than the shop had: it is taken and may be late, or refused."""

    LATE = "late"
    REFUSE = "refuse"


class Terms(Struct, frozen=True):
    """On what terms the shop lets us take orders while it is away.

    Limits of what is not authorized, in minor units by currency, of one order and of all in an incident: above them an
    order needs a card, and a payment provider that answers. A currency without a limit has none.
    """

    sold_out: WhenSoldOut = WhenSoldOut.LATE
    unpaid_order: dict[str, int] = {}
    unpaid_incident: dict[str, int] = {}

    def must_pay_first(self, total: Money) -> bool:
        """Whatever other orders take."""
        return total.amount > self.unpaid_order.get(total.currency, NO_LIMIT)


NO_LIMITS = Terms()


class SoldOut(Struct, frozen=True):
    """The order was refused. `left`: how many pieces can still be ordered of each SKU that does not suffice."""

    left: dict[str, int]


class PayFirst(Struct, frozen=True):
    """The order was refused, because too much is not authorized. `with_card`: nobody can charge its card now."""

    with_card: bool


class Refusal(StrEnum):
    """As they are counted; the API uses the same codes."""

    SOLD_OUT = "sold_out"
    PAY_FIRST = "pay_first"


class NotInStock(Invalid):
    """`left`: as SoldOut.left."""

    def __init__(self, field: str, detail: str, left: dict[str, int]) -> None:
        super().__init__(field, Refusal.SOLD_OUT, detail)
        self.left = left


def not_in_stock(lines: Sequence[Line], refused: SoldOut) -> NotInStock:
    """It names the first of these lines, and tells of each how many are left."""
    short = {place: line for place, line in enumerate(lines) if line.sku in refused.left}
    titles = {line.sku: line.title for line in short.values()}
    told = (f"{title}: {refused.left[sku]} left." for sku, title in titles.items())
    return NotInStock(f"lines.{min(short)}", f"There is not enough in stock. {' '.join(told)}", refused.left)


def not_unpaid(refused: PayFirst) -> Invalid | TryAgain:
    if refused.with_card:
        return TryAgain("no more is taken before cards can be charged again", after=60)
    return Invalid("payment", Refusal.PAY_FIRST, "This order can only be taken with a card, not to be paid later.")


def lives(order: Order) -> bool:
    """Whether its goods are kept for the customer or were sent to them, so that nobody else can buy them."""
    return headline(order) not in WITHOUT_GOODS


def available(lines: Iterable[Line]) -> dict[str, int]:
    """The shop's stock by SKU, where it told it; the lower figure if two lines disagree."""
    stock: dict[str, int] = {}
    for line in lines:
        if line.available is not None:
            stock[line.sku] = min(line.available, stock.get(line.sku, line.available))
    return stock


def pieces(lines: Iterable[Line]) -> Counter[str]:
    """How many pieces are ordered, by SKU; only of lines with which the shop named its stock."""
    wanted: Counter[str] = Counter()
    for line in lines:
        if line.available is not None:
            wanted[line.sku] += line.quantity
    return wanted


def taken(order: Order) -> Counter[str]:
    """The pieces that the order keeps from others, by SKU."""
    return pieces(order.lines) if lives(order) else Counter()


def waits_for_stock(order: Order) -> tuple[str, ...]:
    """The SKUs that may be late, until the shop has taken the order."""
    return order.late if lives(order) and order.placement.number is None else ()


def not_authorized(order: Order) -> int:
    """The sum, in minor units, that nobody has promised to pay yet."""
    payment = order.payment
    secured = payment.authorized or payment.captured or payment.state not in NOT_AUTHORIZED
    return 0 if secured or not lives(order) else payment.amount


def refused_alone(order: Order, terms: Terms) -> SoldOut | PayFirst | None:
    """What refuses the order whatever other orders take; a card counts as good."""
    if order.drill:
        return None
    stock, wanted = available(order.lines), taken(order)
    short = {sku: stock[sku] for sku, pieces in wanted.items() if pieces > stock[sku]}
    if short and terms.sold_out is WhenSoldOut.REFUSE:
        return SoldOut(short)
    to_pay = not_authorized(order) if order.payment.state is not PaymentState.PENDING else 0
    return PayFirst(with_card=False) if to_pay and terms.must_pay_first(order.total) else None


class Exposure(Struct, frozen=True):
    """The counts. `open`: minor units that are not authorized, by currency; `late`: orders that may be late.

    `refused`: requests that were refused, by code, repeated ones too. `since`: when the counts began.
    """

    since: datetime | None = None
    open: dict[str, int] = {}
    late: int = 0
    refused: dict[str, int] = {}


class Exposures(Protocol):
    """The counts, as the ledger keeps them. Each call may raise TryAgain."""

    def read(self) -> Exposure: ...

    def end(self) -> bool:
        """The counts begin anew with the next order. False, and nothing ends, unless the mode is standby."""
