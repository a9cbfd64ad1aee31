"""A Shopify order as its API answers it, and as the port names it."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Struct

from fallback.domain.order.order import Address
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryDelivery, PrimaryLine, PrimaryOrder
from fallback.primaries.amounts import minor
from fallback.primaries.people import one_name

HAS_LEFT = frozenset({"FULFILLED", "PARTIALLY_FULFILLED"})
PAID = frozenset({"AUTHORIZED", "PAID", "PARTIALLY_REFUNDED", "REFUNDED"})


class Amount(Struct, frozen=True, rename="camel"):
    amount: Decimal
    currency_code: str = ""


class Money(Struct, frozen=True, rename="camel"):
    shop_money: Amount


class Variant(Struct, frozen=True):
    """`price`: of today."""

    price: Decimal


class Line(Struct, frozen=True, rename="camel"):
    """Its price is the one before discounts, which is the one that was agreed."""

    current_quantity: int
    original_unit_price_set: Money
    sku: str | None = None
    variant: Variant | None = None


class PageInfo(Struct, frozen=True, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class Lines(Struct, frozen=True, rename="camel"):
    nodes: tuple[Line, ...]
    page_info: PageInfo


class Metafield(Struct, frozen=True):
    value: str


class Attribute(Struct, frozen=True):
    key: str
    value: str | None = None


class ShippingLine(Struct, frozen=True):
    code: str | None = None


class ShippingAddress(Struct, frozen=True, rename="camel"):
    address1: str | None = None
    address2: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    zip: str | None = None
    country_code_v2: str | None = msgspec.field(default=None, name="countryCodeV2")
    phone: str | None = None


class ShopifyOrder(Struct, frozen=True, rename="camel"):
    id: str
    name: str
    current_total_price_set: Money
    line_items: Lines
    display_fulfillment_status: str
    display_financial_status: str | None = None
    email: str | None = None
    cancelled_at: str | None = None
    cart_token: str | None = None
    ref: Metafield | None = None
    report: Metafield | None = None
    custom_attributes: tuple[Attribute, ...] = ()
    shipping_line: ShippingLine | None = None
    shipping_address: ShippingAddress | None = None

    @property
    def status(self) -> str:
        if self.cancelled_at:
            return CANCELLED
        return SHIPPED if self.display_fulfillment_status in HAS_LEFT else "placed"

    def attribute(self, key: str) -> str | None:
        return next((each.value for each in self.custom_attributes if each.key == key), None)

    def as_told(self) -> PrimaryOrder:
        total, address = self.current_total_price_set.shop_money, self.shipping_address
        code = self.shipping_line.code if self.shipping_line else None
        return PrimaryOrder(
            id=self.id,
            number=self.name,
            ref=self.ref.value if self.ref else None,
            # The shop's own order came out of a cart, whose token it has, or was entered in the admin.
            cart_id=self.attribute("fallback_cart") or self.cart_token,
            currency=total.currency_code,
            lines=tuple(_line(line, total.currency_code) for line in self.line_items.nodes if line.current_quantity),
            delivery=PrimaryDelivery(code, self.attribute("fallback_slot")) if code else None,
            total=minor(total.amount, total.currency_code),
            status=self.status,
            email=self.email,
            phone=address.phone if address else None,
            shipping_address=_address(address) if address else None,
            # What we placed is paid, since we hold its payment.
            paid=self.ref is not None or self.display_financial_status in PAID,
        )


def _line(line: Line, currency: str) -> PrimaryLine:
    agreed = minor(line.original_unit_price_set.shop_money.amount, currency)
    today = minor(line.variant.price, currency) if line.variant else agreed
    return PrimaryLine(line.sku or "", line.current_quantity, agreed, today if today != agreed else None)


def _address(there: ShippingAddress) -> Address:
    return Address(
        name=one_name(there.first_name, there.last_name),
        line1=there.address1 or "",
        line2=there.address2 or None,
        city=there.city or "",
        region=there.province_code or there.province or None,
        postal_code=there.zip or None,
        country=there.country_code_v2 or "",
    )


class Problem(Struct, frozen=True):
    """`field`: where in the input, ['order', 'lineItems', '0', 'quantity']."""

    message: str
    field: tuple[str, ...] | None = None
    code: str | None = None


def words(problems: tuple[Problem, ...]) -> str:
    return "; ".join(": ".join(filter(None, (".".join(each.field or ()), each.message))) for each in problems)
