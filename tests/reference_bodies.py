"""The bodies of the contract, as far as the reference shop keeps them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.order import Address
from fallback.domain.placement.matching import PrimaryDelivery, PrimaryLine, PrimaryOrder
from fallback.domain.placement.primary import AGREED
from tests.fakes.primary import FakePrimary, Withdrawals


class Slot(Struct):
    id: str


class Delivery(Struct):
    id: str
    price: int = 0
    slot: Slot | None = None


class Discount(Struct):
    amount: int


class Tax(Struct, frozen=True):
    included: bool
    amount: int


class Contact(Struct):
    email: str
    phone: str | None = None


class Wanted(Struct):
    """As much of `PUT orders/{ref}` as this shop keeps."""

    ref: str
    cart_id: str
    currency: str
    lines: tuple[PrimaryLine, ...]
    delivery: Delivery
    total: int
    contact: Contact
    shipping_address: Address | None = None
    discounts: tuple[Discount, ...] = ()
    tax: Tax = Tax(True, 0)

    @property
    def besides(self) -> int:
        """What the lines and the delivery do not make of the total."""
        return (0 if self.tax.included else self.tax.amount) - sum(discount.amount for discount in self.discounts)


class Amendment(Struct):
    lines: tuple[PrimaryLine, ...] | None = None
    delivery: Delivery | None = None
    total: int | None = None
    shipping_address: Address | None = None
    contact: Contact | None = None
    amendment: int | None = None


class HeardPayment(Struct):
    number: int
    state: str
    reference: str | None
    captured: int
    refunded: int


class HeardLine(Struct):
    sku: str
    title: str
    quantity: int


class HeardStatement(Struct):
    received_at: datetime
    name: str
    email: str
    lines: list[HeardLine]


class HeardWithdrawal(Struct):
    number: int
    statements: list[HeardStatement]

    def kept(self) -> Withdrawals:
        assert self.number == len(self.statements)
        return [(each.email, {line.sku: line.quantity for line in each.lines}) for each in self.statements]


def as_kept(body: Wanted, ref: str) -> PrimaryOrder:
    if body.ref != ref:
        raise Refused("invalid", "the body names another ref than the address")
    return PrimaryOrder(
        "", "", body.cart_id, body.currency, body.lines, kept_delivery(body.delivery), body.total, "", ref,
        body.contact.email, body.contact.phone, body.shipping_address,
    )  # fmt: skip


def amend(shop: FakePrimary, ref: str, changes: Amendment) -> PrimaryOrder:
    there = shop.ours(ref)
    new = replace(
        there,
        lines=changes.lines or there.lines,
        delivery=kept_delivery(changes.delivery) if changes.delivery else there.delivery,
        total=there.total if changes.total is None else changes.total,
        shipping_address=changes.shipping_address or there.shipping_address,
        email=changes.contact.email if changes.contact else there.email,
        phone=changes.contact.phone if changes.contact else there.phone,
    )
    return shop.change(ref, new, (*AGREED, "email", "phone"), changes.amendment)


def kept_delivery(delivery: Delivery) -> PrimaryDelivery:
    return PrimaryDelivery(delivery.id, delivery.slot.id if delivery.slot else None)
