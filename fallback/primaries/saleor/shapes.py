"""A Saleor order as its API answers it, and as the port names it."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from fallback.domain.order.order import Address
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryDelivery, PrimaryLine, PrimaryOrder
from fallback.primaries.amounts import minor
from fallback.primaries.people import one_name
from fallback.primaries.saleor.bodies import ADDED

# https://docs.saleor.io/developer/order/order-status
WORDS = {
    **dict.fromkeys(("CANCELED", "EXPIRED"), CANCELLED),
    **dict.fromkeys(("PARTIALLY_FULFILLED", "FULFILLED", "PARTIALLY_RETURNED", "RETURNED"), SHIPPED),
    **dict.fromkeys(("UNFULFILLED", "UNCONFIRMED"), "placed"),
    "DRAFT": "draft",
}


class Amount(Struct, frozen=True):
    amount: Decimal


class Taxed(Struct, frozen=True):
    gross: Amount
    net: Amount


class Total(Struct, frozen=True):
    currency: str
    gross: Amount


class OrderLine(Struct, frozen=True, rename="camel"):
    """Its discount is a share of the order's, so the price before it is the one that was agreed."""

    quantity: int
    undiscounted_unit_price: Taxed
    product_sku: str | None = None
    our_sku: str | None = None

    def price(self, before_tax: bool) -> Decimal:
        price = self.undiscounted_unit_price
        return price.net.amount if before_tax else price.gross.amount

    @property
    def sku(self) -> str:
        return self.our_sku or self.product_sku or ""


class Delivery(Struct, frozen=True):
    id: str


class Country(Struct, frozen=True):
    code: str


class ShippingAddress(Struct, frozen=True, rename="camel"):
    first_name: str
    last_name: str
    street_address1: str
    street_address2: str
    city: str
    country_area: str
    postal_code: str
    country: Country
    phone: str | None = None


class Transaction(Struct, frozen=True, rename="camel"):
    id: str
    psp_reference: str = ""


class SaleorOrder(Struct, frozen=True, rename="camel"):
    id: str
    number: str
    status: str
    is_paid: bool
    charge_status: str
    authorize_status: str
    total: Total
    lines: tuple[OrderLine, ...]
    external_reference: str | None = None
    checkout_id: str | None = None
    user_email: str | None = None
    cart: str | None = None
    slot: str | None = None
    report: str | None = None
    delivery_method: Delivery | None = None
    shipping_address: ShippingAddress | None = None
    tax: str | None = None
    transactions: tuple[Transaction, ...] = ()

    @property
    def paid(self) -> bool:
        """Paid or authorized in full; what we placed is, since we hold its payment."""
        return self.is_paid or self.authorize_status == "FULL" or self.cart is not None

    def as_told(self) -> PrimaryOrder:
        currency, address = self.total.currency, self.shipping_address
        lines = tuple(
            PrimaryLine(line.sku, line.quantity, minor(line.price(self.tax == ADDED), currency)) for line in self.lines
        )
        return PrimaryOrder(
            id=self.id,
            number=self.number,
            # Another integration of the shop may use external references too.
            ref=self.external_reference if self.cart is not None else None,
            # The shop's own order came out of a checkout, whose id its cart has, or was entered in the dashboard.
            cart_id=self.cart or self.checkout_id,
            currency=currency,
            lines=lines,
            delivery=PrimaryDelivery(self.delivery_method.id, self.slot) if self.delivery_method else None,
            total=minor(self.total.gross.amount, currency),
            status=WORDS.get(self.status, self.status.lower()),
            email=self.user_email,
            phone=(address.phone or None) if address else None,
            shipping_address=_address(address) if address else None,
            paid=self.paid,
        )


def _address(there: ShippingAddress) -> Address:
    return Address(
        name=one_name(there.first_name, there.last_name),
        line1=there.street_address1,
        line2=there.street_address2 or None,
        city=there.city,
        region=there.country_area or None,
        postal_code=there.postal_code or None,
        country=there.country.code,
    )


class Warehouse(Struct, frozen=True):
    id: str


class Stock(Struct, frozen=True, rename="camel"):
    quantity: int
    quantity_allocated: int
    warehouse: Warehouse


class Variant(Struct, frozen=True, rename="camel"):
    """A variant whose inventory is not tracked is never short."""

    id: str
    sku: str
    track_inventory: bool
    stocks: tuple[Stock, ...] | None = None

    def has(self, quantity: int, warehouse: str) -> bool:
        free = [
            stock.quantity - stock.quantity_allocated for stock in self.stocks or () if stock.warehouse.id == warehouse
        ]
        return not self.track_inventory or sum(free) >= quantity


class BulkError(Struct, frozen=True):
    code: str
    message: str = ""
    path: str | None = None


class Placed(Struct, frozen=True):
    """`order` is None where it was rejected; the errors say why."""

    order: SaleorOrder | None = None
    errors: tuple[BulkError, ...] | None = None


class BulkAnswer(Struct, frozen=True):
    results: tuple[Placed, ...]
    errors: tuple[BulkError, ...] = ()


class Problem(Struct, frozen=True):
    code: str
    message: str = ""
    field: str | None = None


class Changed(Struct, frozen=True):
    order: SaleorOrder | None = None
    errors: tuple[Problem, ...] = ()
