"""Compares, line by line, the primary's order with what the customer agreed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from fallback.domain.money import Money
from fallback.domain.order.order import Address, Order
from fallback.domain.plain_text import normalized

# The two status words that mean the same in every primary.
CANCELLED, SHIPPED = "cancelled", "shipped"


class PrimaryLine(Struct, frozen=True):
    """`price_now`: what one costs in the shop today, if the shop honoured another price that the customer agreed to."""

    sku: str
    quantity: int
    unit_price: int
    price_now: int | None = None


class PrimaryDelivery(Struct, frozen=True):
    id: str
    slot: str | None = None


class PrimaryOrder(Struct, frozen=True):
    """An order as the primary reads it back. `ref` is None for an order that the shop took itself, which may have no
    cart and no delivery that we know.

    `shipping_address`: None if the primary does not report it; then only lines, delivery and sum are compared.
    `amendment`: the number of our last change that arrived; None if the primary does not keep it. `paid`: whether it
    ships without another payment by the customer; None if the primary does not report it. `lines`: sorted, since shops
    return them in any order, and not always in the same.
    """

    id: str
    number: str
    cart_id: str | None
    currency: str
    lines: tuple[PrimaryLine, ...]
    delivery: PrimaryDelivery | None
    total: int
    status: str
    ref: str | None = None
    email: str | None = None
    phone: str | None = None
    shipping_address: Address | None = None
    paid: bool | None = None
    amendment: int | None = None

    def __post_init__(self) -> None:
        by_content = sorted(self.lines, key=lambda line: (line.sku, line.unit_price, line.quantity))
        structs.force_setattr(self, "lines", tuple(by_content))


class Cancellation(Struct, frozen=True):
    """The primary's answer about a cancelled ref. `number`: None if there was no order, and none can arrive."""

    ref: str
    status: str
    number: str | None = None


class Quote(Struct, frozen=True):
    """What an order would be in the primary if it was placed now.

    `tax` is counted as in the cart; None: not reported.
    """

    currency: str
    lines: tuple[PrimaryLine, ...]
    delivery: PrimaryDelivery
    total: int
    tax: int | None = None


def differences(order: Order, there: PrimaryOrder) -> tuple[str, ...]:
    """Differences between the primary's order and what was agreed, in a few words ('BK-1: 2 agreed, 1 there').

    A difference that a person accepted does not count, unless it makes this another order or none: no money is captured
    for that.
    """
    agreed = Counter({(line.sku, line.unit_price): 0 for line in order.lines})
    for line in order.lines:
        agreed[line.sku, line.unit_price] += line.quantity
    found: Counter[tuple[str, int]] = Counter()
    for other in there.lines:
        found[other.sku, other.unit_price] += other.quantity
    different = [
        f"{sku} at {Money(price, order.currency)}: {agreed[sku, price]} agreed, {found[sku, price]} there"
        for sku, price in sorted(agreed.keys() | found.keys())
        if agreed[sku, price] != found[sku, price]
    ]
    slot = order.delivery.slot.id if order.delivery.slot else None
    total = Money(order.payment.amount, order.currency)
    for word, ours, theirs in (
        ("total", total, total if there.total == total.amount else Money(there.total, there.currency)),
        ("delivery", order.delivery.id, there.delivery and there.delivery.id),
        ("slot", slot, there.delivery and there.delivery.slot),
    ):
        if ours != theirs:
            different.append(f"{word}: {ours} agreed, {theirs} there")
    elsewhere = _other_address(order, there)
    if elsewhere:
        different.append(f"address: not as agreed ({', '.join(elsewhere)})")
    return (*_not_let_stand(order, different), *_of_another_order(order, there))


def honoured(there: PrimaryOrder) -> int:
    """How much more the goods would cost at the shop's prices of today, in minor units; negative: how much less."""
    return sum((line.price_now - line.unit_price) * line.quantity for line in there.lines if line.price_now is not None)


def _of_another_order(order: Order, there: PrimaryOrder) -> Iterator[str]:
    for word, ours, theirs in (
        ("currency", order.currency, there.currency),
        ("cart", order.cart_id, there.cart_id),
        ("ref", order.ref, there.ref),
    ):
        if ours != theirs:
            yield f"{word}: {ours} agreed, {theirs} there"
    if there.status == CANCELLED:
        yield "status: cancelled there"


def _not_let_stand(order: Order, different: Iterable[str]) -> Iterator[str]:
    seen = [f"; {detail}; " for detail in order.placement.let_stand]
    return (each for each in different if not any(f"; {each}; " in detail for detail in seen))


def other_contact(order: Order, there: PrimaryOrder) -> tuple[str, ...]:
    """Contact details that the primary reports and that differ; field names only."""
    if order.customer is None:
        return ()
    other_email = there.email is not None and _plain(there.email) != _plain(order.customer.email)
    return tuple(_not_let_stand(order, ["contact: not as agreed (email)"] if other_email else []))


def _other_address(order: Order, there: PrimaryOrder) -> list[str]:
    """The fields that differ, by name only: the text of a hold is not encrypted."""
    if there.shipping_address is None or order.customer is None or not order.customer.address.somewhere:
        return []
    ours, theirs = order.customer.address, there.shipping_address
    # Not every shop has a field for a company.
    fields = [name for name in Address.__struct_fields__ if name != "company" or theirs.company is not None]
    return [name for name in fields if _comparable(name, ours) != _comparable(name, theirs)]


def _comparable(name: str, address: Address) -> str:
    """A shop may write a postcode in the usual form of its country: 'hu11aa' is 'HU1 1AA'."""
    text = _plain(getattr(address, name))
    return "".join(filter(str.isalnum, text)) if name == "postal_code" else text


def _plain(text: str | None) -> str:
    return " ".join(normalized("NFC", text or "").split()).casefold()
