"""The balance sheet of an incident or of standby: every order has reached one end, or a named person owns it.

It is recounted from the orders and compared with our indexes, the payment provider and the shop. Money is what was
agreed with the customers, in minor units by currency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from fallback.domain.money import Money
from fallback.domain.order.concern import lost
from fallback.domain.order.exposure import lives, not_authorized
from fallback.domain.order.grants import GIVEN, NO_INCIDENT, GrantKind
from fallback.domain.order.lifecycle import ENDED, Headline, headline
from fallback.domain.order.order import Event, Order, PlacementState
from fallback.domain.payment.agreeing import is_owed, is_short
from fallback.domain.payment.concerns import open_ones
from fallback.domain.payment.refunds import left
from fallback.domain.support.fairness import WaitSpread, spread, tell
from fallback.domain.support.owners import owner_of

Amounts = dict[str, int]


class Fate(StrEnum):
    """The outcome of an order. `held`: a named person owns it. `unnamed`: it waits without a named owner.

    `under_way`: it is being processed, or waits for its customer.
    """

    SETTLED = "settled"
    MERGED = "merged"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    HELD = "held"
    UNNAMED = "unnamed"
    UNDER_WAY = "under_way"


# The right side of the sheet; orders elsewhere keep an incident open.
ENDS = (Fate.SETTLED, Fate.MERGED, Fate.CANCELLED, Fate.REFUNDED, Fate.HELD)


class Side(StrEnum):
    """The sides that are compared with the orders."""

    LEDGER = "ledger"
    PROVIDER = "stripe"
    SHOP = "shop"


class DifferenceCode(StrEnum):
    """The kinds of differences.

    Ledger: `lost` is an accepted order that is not there; `index` a list that has it in the wrong place; `not_taken` a
    settled order that was not paid in full, `owed` one for which more was captured than it costs, `kept` one that was
    cancelled without a full refund; `booked` a wrong sum of grants for the incident. Provider: `captured`, `refunded`
    other sums; `twice` more than one charge; `stranger` a charge for a ref that is no order's. Shop: `missing`,
    `different`, `still_there` after it was cancelled.
    """

    LOST = "lost"
    INDEX = "index"
    NOT_TAKEN = "not_taken"
    OWED = "owed"
    KEPT = "kept"
    BOOKED = "booked"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    TWICE = "twice"
    STRANGER = "stranger"
    MISSING = "missing"
    DIFFERENT = "different"
    STILL_THERE = "still_there"


class Difference(Struct, frozen=True, omit_defaults=True):
    """`ref`: of the order, empty if it has none. `detail`: figures and codes, no personal data."""

    side: Side
    code: DifferenceCode
    ref: str = ""
    detail: str = ""


class Sum(Struct, frozen=True):
    orders: int
    amounts: Amounts


class Figures(Struct, frozen=True):
    """The part of an order that is compared with the payment provider and the shop."""

    captured: int
    refunded: int
    fate: Fate
    headline: Headline
    placement: PlacementState


class Balance(Struct, frozen=True, kw_only=True):
    """`accepted`: how many orders the incident has by their sequence; `captured`: those that were found, also by fate.

    `taken`, `given_back`: confirmed by the provider; `goodwill` is a part of what was or will be given back. `doubted`:
    disputed, under review or suspected of fraud; `lost`: to disputes decided against us. `below_price`: orders that the
    shop placed at agreed prices that had risen since, and by how much; `above_price`: that had fallen. `by_headline`:
    the counts by which the sheet is recognized as outdated. `unasked`: why a side was not compared. `late`, `refused`,
    `not_authorized`: as in order/exposure.py.
    """

    incident: str
    counted_at: datetime
    accepted: int
    captured: Sum
    fates: dict[Fate, Sum]
    taken: Amounts
    given_back: Amounts
    goodwill: Amounts
    word: WaitSpread
    by_headline: dict[Headline, int]
    doubted: Sum = Sum(0, {})
    lost: Sum = Sum(0, {})
    below_price: Sum = Sum(0, {})
    above_price: Sum = Sum(0, {})
    differences: tuple[Difference, ...] = ()
    unasked: dict[Side, str] = {}
    late: Sum = Sum(0, {})
    not_authorized: Amounts = {}
    refused: dict[str, int] = {}

    @property
    def unread(self) -> int:
        """How many accepted orders are in no sum: their records are damaged or gone."""
        return max(0, self.accepted - self.captured.orders)

    @property
    def ended(self) -> Sum:
        """The right side, whose sum has to equal that of all orders that were found: `captured`."""
        return total([self.fates[fate] for fate in ENDS])


class Missing(StrEnum):
    """What an incident lacks before it can be closed."""

    AN_END = "an_end"
    A_COUNT = "a_count"
    A_NEW_COUNT = "a_new_count"
    UNDER_WAY = "under_way"
    UNNAMED = "unnamed"
    DIFFERENCES = "differences"
    PROVIDER = "provider"
    SHOP = "shop"


# An older sheet does not show the present state of the payment provider and the shop.
FRESH = timedelta(minutes=15)


def lacking(balance: Balance) -> dict[Missing, int]:
    """Why this does not balance, with the number of each; empty if it does.

    Standby goes on, so some of its orders are always under way.
    """
    found = {
        Missing.UNDER_WAY: balance.fates[Fate.UNDER_WAY].orders if balance.incident != NO_INCIDENT else 0,
        Missing.UNNAMED: balance.fates[Fate.UNNAMED].orders,
        Missing.DIFFERENCES: len(balance.differences),
        Missing.PROVIDER: int(Side.PROVIDER in balance.unasked),
        Missing.SHOP: int(Side.SHOP in balance.unasked),
    }
    return {what: count for what, count in found.items() if count}


def unpaid(balance: Balance | None) -> int:
    """How many of those under way wait for their customers alone: neither the drain nor an agent can help."""
    return balance.by_headline.get(Headline.PAYMENT_NEEDED, 0) if balance else 0


def fate_of(order: Order, nobody: Collection[str]) -> Fate:
    """`nobody`: names of owners that are not a person: the desk, teams, the customer."""
    now = headline(order)
    if now in ENDED:
        return Fate(now)
    if now is not Headline.ON_HOLD:
        return Fate.UNDER_WAY
    return Fate.HELD if owner_of(order) not in nobody else Fate.UNNAMED


def total(sums: Sequence[Sum]) -> Sum:
    amounts: Counter[str] = Counter()
    for each in sums:
        amounts.update(each.amounts)
    return Sum(sum(each.orders for each in sums), dict(+amounts))


class Count:
    """The count over all orders of an incident, one by one. `figures`: of each order, by ref."""

    def __init__(self, incident: str, nobody: Collection[str]) -> None:
        self.figures: dict[str, Figures] = {}
        self.by_headline: Counter[Headline] = Counter()
        self.differences: list[Difference] = []
        self._booked: dict[GrantKind, Counter[str]] = {kind: Counter() for kind in GrantKind}
        self._incident = incident
        self._nobody = nobody
        self._orders: Counter[Fate] = Counter()
        self._amounts: dict[Fate, Counter[str]] = {fate: Counter() for fate in Fate}
        self._taken: Counter[str] = Counter()
        self._given_back: Counter[str] = Counter()
        self._words: list[timedelta | None] = []
        self._doubted: list[Sum] = []
        self._lost: list[Sum] = []
        self._below_price: list[Sum] = []
        self._above_price: list[Sum] = []
        self._late: list[Sum] = []
        self._not_authorized: Counter[str] = Counter()

    def add(self, order: Order, timeline: Sequence[Event]) -> None:
        fate, payment, now = fate_of(order, self._nobody), order.payment, headline(order)
        self.figures[order.ref] = Figures(payment.captured, payment.refunded, fate, now, order.placement.state)
        self.by_headline[now] += 1
        self.differences += own_differences(order, fate)
        self._orders[fate] += 1
        self._amounts[fate][order.currency] += payment.amount
        self._taken[order.currency] += payment.captured
        self._given_back[order.currency] += payment.refunded
        if open_ones(order):
            self._doubted.append(Sum(1, {order.currency: payment.captured or payment.authorized}))
        if amount := lost(order.concerns):
            self._lost.append(Sum(1, {order.currency: amount}))
        if honoured := order.placement.honoured:
            side = self._below_price if honoured > 0 else self._above_price
            side.append(Sum(1, {order.currency: abs(honoured)}))
        if order.late and lives(order):
            self._late.append(Sum(1, {order.currency: payment.amount}))
        self._not_authorized[order.currency] += not_authorized(order)
        for grant in order.grants:
            if grant.state in GIVEN and grant.incident == self._incident:
                self._booked[grant.kind][order.currency] += grant.amount
        self._words.append(tell(order.received_at, order.currency, timeline).word_in)

    @property
    def booked(self) -> Mapping[tuple[GrantKind, str], int]:
        """What was granted for the incident, by kind and currency; including 0 for the currencies of its orders."""
        return {(kind, each): sums[each] for kind, sums in self._booked.items() for each in self._taken}

    def balance(
        self,
        now: datetime,
        accepted: int,
        differences: Sequence[Difference],
        unasked: dict[Side, str],
        refused: dict[str, int] | None = None,
    ) -> Balance:
        fates = {fate: Sum(self._orders[fate], dict(+self._amounts[fate])) for fate in Fate}
        return Balance(
            incident=self._incident,
            counted_at=now,
            accepted=accepted,
            captured=total(list(fates.values())),
            fates=fates,
            taken=dict(+self._taken),
            given_back=dict(+self._given_back),
            goodwill=dict(+self._booked[GrantKind.GOODWILL]),
            word=spread(self._words),
            doubted=total(self._doubted),
            lost=total(self._lost),
            below_price=total(self._below_price),
            above_price=total(self._above_price),
            by_headline=dict(self.by_headline),
            differences=tuple(differences),
            unasked=unasked,
            late=total(self._late),
            not_authorized=dict(+self._not_authorized),
            refused=refused or {},
        )


def own_differences(order: Order, fate: Fate) -> list[Difference]:
    """Contradictions within the order: goods without the money, money without the goods."""
    payment = order.payment
    taken, back, agreed = (
        Money(amount, order.currency) for amount in (payment.captured, payment.refunded, payment.amount)
    )
    figures = f"{taken} taken, {back} given back, {agreed} agreed"
    if is_short(order):
        return [Difference(Side.LEDGER, DifferenceCode.NOT_TAKEN, order.ref, figures)]
    if is_owed(order):
        return [Difference(Side.LEDGER, DifferenceCode.OWED, order.ref, figures)]
    if fate in (Fate.MERGED, Fate.CANCELLED, Fate.REFUNDED) and left(order) > 0:
        return [Difference(Side.LEDGER, DifferenceCode.KEPT, order.ref, figures)]
    return []
