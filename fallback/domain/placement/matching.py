"""Line by line: is what the primary has what the customer agreed to? And is another order the same purchase?"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from fallback.domain.money import Money
from fallback.domain.order.order import Address, Order

# The two words of a primary that mean the same in all of them.
CANCELLED, SHIPPED = "cancelled", "shipped"


class PrimaryLine(Struct, frozen=True):
    sku: str
    quantity: int
    unit_price: int


class PrimaryDelivery(Struct, frozen=True):
    id: str
    slot: str | None = None


class PrimaryOrder(Struct, frozen=True):
    """An order as the primary reads it back. `ref` is None for an order that the primary took itself.

    `shipping_address`: None from a primary that does not say it; then only lines, delivery and sum are compared.
    `amendment`: the number of the last change that came of ours; None from a primary that does not keep it.
    `paid`: whether it goes out without another payment by the customer; None from a primary that does not say.
    """

    id: str
    number: str
    cart_id: str
    currency: str
    lines: tuple[PrimaryLine, ...]
    delivery: PrimaryDelivery
    total: int
    status: str
    ref: str | None = None
    email: str | None = None
    phone: str | None = None
    shipping_address: Address | None = None
    paid: bool | None = None
    amendment: int | None = None


class Cancellation(Struct, frozen=True):
    """What the primary has of a ref that was cancelled. `number`: None where there was no order, and none can come."""

    ref: str
    status: str
    number: str | None = None


class Quote(Struct, frozen=True):
    """What an order would become in the primary if it was placed now. `tax` as the cart counted it, None if unsaid."""

    currency: str
    lines: tuple[PrimaryLine, ...]
    delivery: PrimaryDelivery
    total: int
    tax: int | None = None


def differences(order: Order, there: PrimaryOrder) -> tuple[str, ...]:
    """What the primary has otherwise than agreed, each in a few words ('BK-1: 2 agreed, 1 there'); empty if nothing.

    What a person let stand counts no more, but for what makes it another order or none: no money is taken for that.
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
        ("delivery", order.delivery.id, there.delivery.id),
        ("slot", slot, there.delivery.slot),
    ):
        if ours != theirs:
            different.append(f"{word}: {ours} agreed, {theirs} there")
    elsewhere = _other_address(order, there)
    if elsewhere:
        different.append(f"address: not as agreed ({', '.join(elsewhere)})")
    return (*_not_let_stand(order, different), *_of_another_order(order, there))


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
    """How she is reached, where the primary says it and has it otherwise; by name only."""
    if order.customer is None:
        return ()
    other_email = there.email is not None and _plain(there.email) != _plain(order.customer.email)
    return tuple(_not_let_stand(order, ["contact: not as agreed (email)"] if other_email else []))


def _other_address(order: Order, there: PrimaryOrder) -> list[str]:
    """The fields that are different, by name only: what a hold says is not encrypted."""
    if there.shipping_address is None or order.customer is None:
        return []
    ours, theirs = order.customer.address, there.shipping_address
    fields = Address.__struct_fields__
    return [name for name in fields if _comparable(name, ours) != _comparable(name, theirs)]


def _comparable(name: str, address: Address) -> str:
    """A shop may write a postcode in its country's own form: 'hu11aa' is 'HU1 1AA'."""
    text = _plain(getattr(address, name))
    return "".join(filter(str.isalnum, text)) if name == "postal_code" else text


def _plain(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split()).casefold()
