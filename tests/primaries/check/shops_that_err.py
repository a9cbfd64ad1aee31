"""Shops that keep the contract but for one promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from threading import Event
from typing import Any

from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.payment_report import PaymentStands
from fallback.domain.placement.matching import PrimaryOrder, Quote
from fallback.domain.placement.primary import AGREED, Duplicates
from tests.builders import STANDARD
from tests.fakes.primary import FakePrimary, NotForSale

# What a shop gives an order itself.
OF_THE_SHOP = ("id", "number", "status", "paid", "amendment")


class Forgetful(FakePrimary):
    """Claims to enforce uniqueness, and makes an order of every request."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        self.duplicates = Duplicates.SEARCH
        made = super().put(order)
        self.duplicates = Duplicates.ENFORCED
        return made


class Absentminded(FakePrimary):
    """Looks at neither stock nor prices."""

    def _check_sale(self, *_: Any, **__: Any) -> None:
        pass


class Impatient(FakePrimary):
    """Orders what it was only asked about."""

    def estimate(self, order: PrimaryOrder) -> Quote:
        self.put(order)
        return super().estimate(order)


class Careless(FakePrimary):
    """Keeps a slot of its own choice."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        return super().put(replace(order, delivery=replace(order.delivery, slot="whenever")))


class Stubborn(FakePrimary):
    """Answers a cancellation, and ships."""

    def withdraw(self, ref: str) -> PrimaryOrder:
        return self.ours(ref)


class Forgiving(FakePrimary):
    """Takes an order again that was cancelled, or was cancelled before it came."""

    def _refuse_cancelled(self, order: PrimaryOrder) -> None:
        pass


class Hasty(FakePrimary):
    """Cancels what is paid."""

    def withdraw_unpaid(self, id: str) -> PrimaryOrder:
        return self.keep(replace(next(order for order in self.listed() if order.id == id), status="cancelled"))


class Forgetting(FakePrimary):
    """Says of what we placed that it waits for its payment."""

    def keep(self, order: PrimaryOrder) -> PrimaryOrder:
        return super().keep(replace(order, paid=False))


class Obliging(FakePrimary):
    """Takes every change as it comes."""

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        self.keep(replace(super().change(ref, new, fields), amendment=number))
        return self.orders[ref]


class Replacing(FakePrimary):
    """Writes an order that comes again over the one that is there."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        there, new = super().put(order)
        return self.keep(replace(order, **{name: getattr(there, name) for name in OF_THE_SHOP})), new


class Restless(FakePrimary):
    """Changes what is cancelled."""

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        there = self.ours(ref)
        self.orders[ref] = replace(there, status="placed")
        return self.keep(replace(super().change(ref, new, fields, number), status=there.status))


class Counting(FakePrimary):
    """Keeps the number of a change that it refuses."""

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        try:
            return super().change(ref, new, fields, number)
        except NotForSale:
            self.keep(replace(self.orders[ref], amendment=number))
            raise


class Inattentive(FakePrimary):
    """Looks for a cancellation, and writes the order afterwards, whatever has come between."""

    def __init__(self) -> None:
        super().__init__()
        self.between: defaultdict[str, Event] = defaultdict(Event)

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        ref = order.ref or ""
        if ref not in self.orders and ref not in self.tombstones:
            self.between[ref].wait(0.1)
            self.tombstones.discard(ref)
        return super().put(order)

    def bury(self, ref: str) -> None:
        super().bury(ref)
        self.between[ref].set()


class StockLess(FakePrimary):
    """Sells any quantity."""

    def _left(self, *_: Any) -> int:
        return 10**9


class Particular(FakePrimary):
    """Knows a customer only in the letter case of the order."""

    def listed(self, cart_id: str | None = None, email: str | None = None, *more: Any) -> Iterator[PrimaryOrder]:
        found = super().listed(cart_id, email, *more)
        return (order for order in found if not email or order.email == email or order.cart_id == cart_id)


class Private(FakePrimary):
    """Lists only what came from us."""

    def listed(self, *narrow: Any, **more: Any) -> Iterator[PrimaryOrder]:
        return (order for order in super().listed(*narrow, **more) if order.ref)


class Trustful(FakePrimary):
    """Says of an order that waits for its payment that it is paid."""

    def listed(self, *narrow: Any, **more: Any) -> Iterator[PrimaryOrder]:
        return (replace(order, paid=True) for order in super().listed(*narrow, **more))


class Changing(FakePrimary):
    """Keeps of a change all but one thing."""

    keeps: Callable[[PrimaryOrder, PrimaryOrder], PrimaryOrder]

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        before = self.ours(ref)
        return self.keep(type(self).keeps(before, super().change(ref, new, fields, number)))


class Settled(Changing):
    """Keeps the delivery that the order had."""

    keeps = lambda before, now: replace(now, delivery=before.delivery)  # noqa: E731


class Hoarding(Changing):
    """Adds lines and removes none."""

    keeps = lambda before, now: replace(now, lines=tuple(dict.fromkeys((*before.lines, *now.lines))))  # noqa: E731


class Unreachable(Changing):
    """Keeps the phone number that the order had."""

    keeps = lambda before, now: replace(now, phone=before.phone)  # noqa: E731


class Muddled(FakePrimary):
    """Keeps whatever report of a payment came last."""

    def hear_of_payment(self, ref: str, number: int, payment: PaymentStands) -> PrimaryOrder:
        self.payments.pop(ref, None)
        return super().hear_of_payment(ref, number, payment)


class Generous(FakePrimary):
    """Forgets the tax on top, and takes off no discount."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        goods = sum(line.quantity * line.unit_price for line in order.lines)
        return super().put(replace(order, total=goods + STANDARD.price))


class OnItsOwnTerms(FakePrimary):
    """Says that it honours prices, and takes its own."""

    def __init__(self) -> None:
        super().__init__()
        self.can |= {"honours_prices"}

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        lines = tuple(replace(line, unit_price=self.prices.get(line.sku, line.unit_price)) for line in order.lines)
        return super().put(replace(order, lines=lines))


class Miserly(FakePrimary):
    """Keeps the pieces of a cancelled order."""

    def _left(self, sku: str, besides: PrimaryOrder | None) -> int:
        cancelled = [order for order in self.listed() if order.status == "cancelled"]
        return super()._left(sku, besides) - sum(line.quantity for order in cancelled for line in order.lines)


class Narrow(FakePrimary):
    """Has no room for the second line of an address."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        assert order.shipping_address
        return super().put(replace(order, shipping_address=replace(order.shipping_address, line2=None)))


class Placeless(FakePrimary):
    """Does not say where an order goes."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        return super().put(replace(order, shipping_address=None))


class Unprepared(FakePrimary):
    """Knows none of our products."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        raise Refused("invalid", "there is no BK-1")
