"""A Vendure order as its Admin API answers it, and as the port names it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from fallback.domain.order.order import Address
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryDelivery, PrimaryLine, PrimaryOrder

# An order in one of these is a basket or a draft: nobody's purchase yet.
HALF_MADE = frozenset({"Created", "Draft", "AddingItems", "ArrangingPayment"})
# Every other state that a shop's developer may have added is passed on as it is.
WORDS = {
    "Cancelled": CANCELLED,
    **dict.fromkeys(("PartiallyShipped", "Shipped", "PartiallyDelivered", "Delivered"), SHIPPED),
    **dict.fromkeys(("PaymentAuthorized", "PaymentSettled"), "placed"),
    **dict.fromkeys(("Modifying", "ArrangingAdditionalPayment"), "being changed"),
}


class CustomFields(Struct, frozen=True, rename="camel"):
    fallback_ref: str | None = None
    fallback_cart: str | None = None
    fallback_slot: str | None = None
    fallback_email: str | None = None
    fallback_amendment: int | None = None
    fallback_payment: str | None = None
    fallback_report: int | None = None


class Person(Struct, frozen=True, rename="camel"):
    email_address: str


class Variant(Struct, frozen=True):
    id: str
    sku: str


class LineFields(Struct, frozen=True, rename="camel"):
    fallback_price_now: int | None = None


class OrderLine(Struct, frozen=True, rename="camel"):
    """`unit_price` without tax. A cancelled order has quantities of 0, and what it was placed with."""

    id: str
    quantity: int
    unit_price: int
    unit_price_with_tax: int
    product_variant: Variant
    custom_fields: LineFields = LineFields()
    order_placed_quantity: int = 0


class Method(Struct, frozen=True):
    code: str


class ShippingLine(Struct, frozen=True, rename="camel"):
    shipping_method: Method


class ShippingAddress(Struct, frozen=True, rename="camel"):
    full_name: str | None = None
    street_line1: str | None = None
    street_line2: str | None = None
    city: str | None = None
    province: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone_number: str | None = None


class Refund(Struct, frozen=True):
    id: str
    total: int
    state: str


class Paid(Struct, frozen=True):
    id: str
    amount: int
    refunds: tuple[Refund, ...] = ()

    @property
    def left(self) -> int:
        return self.amount - sum(refund.total for refund in self.refunds if refund.state != "Failed")


class VendureOrder(Struct, frozen=True, rename="camel"):
    id: str
    code: str
    state: str
    currency_code: str
    total_with_tax: int
    fallback_prices_include_tax: bool
    custom_fields: CustomFields
    lines: tuple[OrderLine, ...]
    shipping_lines: tuple[ShippingLine, ...]
    order_placed_at: datetime | None = None
    customer: Person | None = None
    shipping_address: ShippingAddress | None = None
    payments: tuple[Paid, ...] | None = None

    @property
    def half_made(self) -> bool:
        return self.state in HALF_MADE or self.order_placed_at is None

    def price(self, line: OrderLine) -> int:
        """As the channel's carts tell it."""
        return line.unit_price_with_tax if self.fallback_prices_include_tax else line.unit_price

    def price_now(self, line: OrderLine) -> int | None:
        now = line.custom_fields.fallback_price_now
        return None if now == self.price(line) else now

    def as_told(self) -> PrimaryOrder:
        fields, cancelled = self.custom_fields, self.state == "Cancelled"
        lines = tuple(
            PrimaryLine(
                line.product_variant.sku,
                line.order_placed_quantity if cancelled else line.quantity,
                self.price(line),
                self.price_now(line),
            )
            for line in self.lines
            if line.quantity or (cancelled and line.order_placed_quantity)
        )
        delivery = self.shipping_lines[-1].shipping_method.code if self.shipping_lines else ""
        address = self.shipping_address
        return PrimaryOrder(
            id=self.id,
            number=self.code,
            ref=fields.fallback_ref,
            # The shop's own order is the basket itself: its code is the cart's id.
            cart_id=fields.fallback_cart or self.code,
            currency=self.currency_code,
            lines=lines,
            delivery=PrimaryDelivery(delivery, fields.fallback_slot),
            total=self.total_with_tax,
            status=WORDS.get(self.state, self.state),
            email=fields.fallback_email or (self.customer.email_address if self.customer else None),
            phone=address.phone_number if address else None,
            shipping_address=_address(address) if address and address.street_line1 else None,
            paid=not cancelled,
            amendment=(fields.fallback_amendment or 0) if fields.fallback_ref else None,
        )


def _address(there: ShippingAddress) -> Address:
    return Address(
        name=there.full_name or "",
        line1=there.street_line1 or "",
        line2=there.street_line2 or None,
        city=there.city or "",
        region=there.province or None,
        postal_code=there.postal_code or None,
        country=there.country_code or "",
    )
