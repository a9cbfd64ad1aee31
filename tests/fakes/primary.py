"""A shop in memory that keeps its promises, and fails when told to."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from threading import RLock
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from fallback.domain.call_deadline import may_leave
from fallback.domain.clock import Clock
from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.order.order import Order
from fallback.domain.order.payment_report import PaymentStands
from fallback.domain.order.reporting import stands
from fallback.domain.order.texts_by_people import read
from fallback.domain.placement.matching import (
    CANCELLED,
    Cancellation,
    PrimaryLine,
    PrimaryOrder,
    Quote,
)
from fallback.domain.placement.primary import AGREED, CartAlreadyOrdered, Duplicates, Health
from tests.builders import wanted

T = TypeVar("T")
# Of each statement: the address for the receipt, and how many of which SKU.
Withdrawals = Sequence[tuple[str, dict[str, int]]]
WRITES = frozenset({"place", "amend", "cancel", "payment_changed", "withdrawn"})


class Fault(NamedTuple):
    error: Exception
    after_effect: bool
    late: bool = False


class NotForSale(Refused):
    """`lines`: the SKUs concerned, each with its figure ('available' or 'unit_price')."""

    def __init__(self, code: str, lines: Sequence[dict[str, str | int]]) -> None:
        super().__init__(code, "; ".join(f"{line['sku']}" for line in lines))
        self.lines = lines


class FakePrimary:
    """The port Primary, and a shop's own side of it.

    `orders` has ours by ref and the shop's own by number; replace an entry as a person in the shop's dashboard would
    change an order. `doubles` are what a shop that does not enforce uniqueness made of a ref that it had. `stock`
    (what there was before any order) and `prices` go by SKU; what stands in neither is sold in any number at any price.
    `payments`: what it heard of each order's payment last, and by which number. `withdrawals`: what it heard that
    customers withdrew from.
    `tombstones`: refs that were cancelled before their order came. A quote says `tax`, and a `surcharge` on what was
    agreed.
    """

    def __init__(self, duplicates: Duplicates = Duplicates.ENFORCED, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self.duplicates = duplicates
        self.can = frozenset(
            {
                "amend",
                "cancel",
                "slots",
                "contact",
                "phone",
                "quotes",
                "tombstones",
                "unpaid",
                "numbered",
                "withdrawals",
            }
        )
        self.available = True
        self.orders: dict[str, PrimaryOrder] = {}
        self.doubles: list[PrimaryOrder] = []
        self.tombstones: set[str] = set()
        self.payments: dict[str, tuple[int, PaymentStands]] = {}
        self.withdrawals: dict[str, Withdrawals] = {}
        self.placed_at: dict[str, datetime] = {}
        self.stock: dict[str, int] = {}
        self.prices: dict[str, int] = {}
        self.tax: int | None = None
        self.surcharge = 0
        self.calls: Counter[str] = Counter()
        self._clock = clock
        self._ids = count(1)
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._on_their_way: list[Callable[[], object]] = []
        self._lock = RLock()

    def fail_next(self, call: str, error: Exception, after_effect: bool = False, times: int = 1) -> None:
        """The next `times` calls of this name raise `error`, before or after what they do was done."""
        self._faults[call].extend([Fault(error, after_effect)] * times)

    def lose_next(self, call: str) -> None:
        """The next call of this name is not answered, and has its effect when it arrives."""
        self._faults[call].append(Fault(OutcomeUnknown("no answer"), after_effect=False, late=True))

    def arrive(self) -> None:
        """Whatever was lost comes, and nobody hears what became of it."""
        while self._on_their_way:
            with suppress(Refused, CartAlreadyOrdered):
                self._on_their_way.pop()()

    # --- the port

    def health(self) -> Health:
        return self._call("health", lambda: Health(self.duplicates, self.can))

    def find(self, ref: str) -> PrimaryOrder | None:
        return self._call("find", lambda: self.orders.get(ref))

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        return self._call("rivals", lambda: list(self.listed(cart_id, email, since, phone)))

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> list[PrimaryOrder]:
        turn()
        return self._call("placed_since", lambda: list(self.listed(since=since)))

    def place(self, order: Order) -> PrimaryOrder:
        return self._call("place", lambda: self.put(wanted(order))[0])

    def read(self, ref: str) -> PrimaryOrder:
        return self._call("read", lambda: self.ours(ref))

    def quote(self, order: Order) -> Quote:
        return self._call("quote", lambda: self.estimate(wanted(order)))

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        new = wanted(order)
        fields = [field for name in names for field in ((name,) if name != "contact" else ("email", "phone"))]
        number = order.placement.amendments
        return self._call("amend", lambda: self.change(order.ref, new, fields, number))

    def cancel(self, ref: str) -> Cancellation:
        return self._call("cancel", lambda: cancellation(ref, self.withdraw(ref)))

    def payment_changed(self, order: Order) -> None:
        assert order.placement.report
        number = order.placement.report.number
        self._call("payment_changed", lambda: self.hear_of_payment(order.ref, number, stands(order)))

    def withdrawn(self, order: Order) -> None:
        assert order.withdrawal
        statements = [
            (read(order, each.email), {line.sku: line.quantity for line in each.lines})
            for each in order.withdrawal.of_the_shop
        ]
        self._call("withdrawn", lambda: self.hear_of_withdrawal(order.ref, statements))

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        return self._call("cancel_unpaid", lambda: self.withdraw_unpaid(id))

    def _call(self, name: str, effect: Callable[[], T]) -> T:
        with self._lock:
            if name in WRITES:
                may_leave()
            self.calls[name] += 1
            fault = self._faults[name].popleft() if self._faults[name] else None
            if fault and fault.late:
                self._on_their_way.append(effect)
            if fault and not fault.after_effect:
                raise fault.error
            answer = effect()
            if fault:
                raise fault.error
            return answer

    # --- the shop, in the contract's words; tests/reference_shop.py serves this over HTTP

    def ours(self, ref: str) -> PrimaryOrder:
        if ref not in self.orders:
            raise Refused("not_found", ref)
        return self.orders[ref]

    def listed(
        self,
        cart_id: str | None = None,
        email: str | None = None,
        since: datetime | None = None,
        phone: str | None = None,
    ) -> Iterator[PrimaryOrder]:
        """Oldest first. `cart_id`, `email` and `phone` narrow the list to the orders that match any of them."""
        for order in [*self.orders.values(), *self.doubles]:
            same_phone = phone and order.phone and _digits(order.phone) == _digits(phone)
            matches = (
                (cart_id and order.cart_id == cart_id)
                or (email and (order.email or "").casefold() == email.casefold())
                or same_phone
            )
            recent = since is None or self.placed_at[order.id] >= since
            if recent and (matches or not (cart_id or email or phone)):
                yield order

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        """The order as it stands here, and whether it is new."""
        with self._lock:
            self._refuse_cancelled(order)
            if self.duplicates is Duplicates.ENFORCED:
                if order.ref in self.orders:
                    return self.orders[order.ref], False
                self._refuse_rival(order)
            self._check_sale(order.lines)
            number = next(self._ids)
            lines = tuple(replace(line, price_now=self._other_price(line)) for line in order.lines)
            new = replace(order, id=str(number), number=str(100_000 + number), status="placed", paid=True, lines=lines)
            self.placed_at[new.id] = self._clock()
            if (new.ref or new.number) in self.orders:
                self.doubles.append(new)
            else:
                self.keep(new)
            return new, True

    def estimate(self, order: PrimaryOrder) -> Quote:
        """What `put` would answer, without a trace."""
        with self._lock:
            if order.ref not in self.orders:
                self._refuse_rival(order)
                self._check_sale(order.lines)
            there = self.orders.get(order.ref or "", order)
            return Quote(there.currency, there.lines, there.delivery, there.total + self.surcharge, self.tax)

    def _refuse_cancelled(self, order: PrimaryOrder) -> None:
        there = self.orders.get(order.ref or "")
        cancelled = order.ref in self.tombstones or (there and there.status == CANCELLED)
        if cancelled and "tombstones" in self.can:
            raise Refused("cancelled", order.ref or "")

    def _refuse_rival(self, order: PrimaryOrder) -> None:
        """An order that was cancelled leaves its cart free to be bought again."""
        for rival in self.listed(order.cart_id) if self.duplicates is Duplicates.ENFORCED else ():
            if rival.status != "cancelled":
                raise CartAlreadyOrdered(rival)

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        """These as in `new`. `number`: of this change, which is nothing new where it or a later one came before."""
        with self._lock:
            there = self._still_here(ref)
            if there.status == CANCELLED:
                raise Refused("cancelled", there.number)
            if number and "numbered" in self.can:
                last = there.amendment or 0
                if number < last:
                    raise Refused("outdated", f"{last} came before {number}")
                if number == last:
                    return there
                there = replace(there, amendment=number)
            self._check_sale(new.lines, besides=self.ours(ref))
            return self.keep(replace(there, **{name: getattr(new, name) for name in fields}))

    def withdraw(self, ref: str) -> PrimaryOrder | None:
        """None: there was no such order, and there will be none."""
        with self._lock:
            if ref not in self.orders and "tombstones" in self.can:
                return self.bury(ref)
            return self.keep(replace(self._still_here(ref), status="cancelled"))

    def bury(self, ref: str) -> None:
        self.tombstones.add(ref)

    def hear_of_payment(self, ref: str, number: int, payment: PaymentStands) -> PrimaryOrder:
        """An older report changes nothing."""
        with self._lock:
            there = self.ours(ref)
            last, _ = self.payments.get(ref, (0, None))
            if number < last:
                raise Refused("outdated", f"{last} came before {number}")
            self.payments[ref] = (number, payment)
            return there

    def hear_of_withdrawal(self, ref: str, statements: Withdrawals) -> PrimaryOrder:
        """One that knows of fewer statements changes nothing."""
        with self._lock:
            there, last = self.ours(ref), len(self.withdrawals.get(ref, ()))
            if len(statements) < last:
                raise Refused("outdated", f"{last} came before {len(statements)}")
            self.withdrawals[ref] = statements
            return there

    def withdraw_unpaid(self, id: str) -> PrimaryOrder:
        with self._lock:
            there = next((order for order in self.listed() if order.id == id), None)
            if there is None:
                raise Refused("not_found", id)
            if there.status == CANCELLED:
                return there
            if there.paid is not False:
                raise Refused("already_paid", there.number)
            return self.keep(replace(there, status=CANCELLED))

    def keep(self, order: PrimaryOrder) -> PrimaryOrder:
        self.orders[order.ref or order.number] = order
        return order

    def _still_here(self, ref: str) -> PrimaryOrder:
        there = self.ours(ref)
        if there.status == "shipped":
            raise Refused("already_shipped", there.number)
        return there

    def _check_sale(self, lines: Sequence[PrimaryLine], besides: PrimaryOrder | None = None) -> None:
        left = {sku: self._left(sku, besides) for sku in _quantities(lines) if sku in self.stock}
        short = [sku for sku in left if left[sku] < _quantities(lines)[sku]]
        if short:
            raise NotForSale("out_of_stock", [{"sku": sku, "available": left[sku]} for sku in short])
        changed = {line.sku for line in lines if line.unit_price != self.prices.get(line.sku, line.unit_price)}
        if changed and "honours_prices" not in self.can:
            raise NotForSale("price_changed", [{"sku": sku, "unit_price": self.prices[sku]} for sku in sorted(changed)])

    def _other_price(self, line: PrimaryLine) -> int | None:
        """Of today, where an order is placed at another one."""
        price = self.prices.get(line.sku, line.unit_price)
        return price if price != line.unit_price else None

    def _left(self, sku: str, besides: PrimaryOrder | None) -> int:
        standing = [order for order in self.listed() if order.status != "cancelled" and order is not besides]
        return max(0, self.stock[sku] - sum(_quantities(order.lines)[sku] for order in standing))


def cancellation(ref: str, there: PrimaryOrder | None) -> Cancellation:
    return Cancellation(ref, there.status, there.number) if there else Cancellation(ref, CANCELLED)


def _digits(phone: str) -> str:
    """As many as tell people apart: with a country's code or without, in groups or not."""
    return "".join(filter(str.isdigit, phone))[-8:]


def _quantities(lines: Sequence[PrimaryLine]) -> Counter[str]:
    quantities: Counter[str] = Counter()
    for line in lines:
        quantities[line.sku] += line.quantity
    return quantities
