"""Orders as Medusa answers them, and in our words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct

from fallback.domain.order.order import Address
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryDelivery, PrimaryLine, PrimaryOrder
from fallback.primaries.amounts import minor
from fallback.primaries.pages import Page
from fallback.primaries.people import one_name

# Medusa's words, of an order and of its fulfillment.
CANCELED, DRAFT = "canceled", "draft"
ON_ITS_WAY = frozenset({"shipped", "partially_shipped", "delivered", "partially_delivered"})
PAID = frozenset(
    {"authorized", "partially_authorized", "captured", "partially_captured", "refunded", "partially_refunded"}
)
# The reference of credit lines that Medusa makes of a refund: they lower the total, and not what was agreed.
OF_A_REFUND = "payment_collection"


class Item(Struct, frozen=True):
    id: str
    quantity: Decimal
    unit_price: Decimal
    variant_sku: str | None = None
    metadata: dict[str, Any] | None = None

    def as_told(self, currency: str) -> PrimaryLine:
        now = (self.metadata or {}).get("fallback_price_now")
        return PrimaryLine(
            self.variant_sku or "",
            int(self.quantity),
            minor(self.unit_price, currency),
            minor(Decimal(now), currency) if now else None,
        )


class ShippingMethod(Struct, frozen=True):
    amount: Decimal
    shipping_option_id: str | None = None


class ShippingAddress(Struct, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    postal_code: str | None = None
    province: str | None = None
    country_code: str | None = None
    phone: str | None = None

    def as_told(self) -> Address:
        return Address(
            name=one_name(self.first_name, self.last_name),
            line1=self.address_1 or "",
            line2=self.address_2 or None,
            city=self.city or "",
            postal_code=self.postal_code,
            region=self.province or None,
            country=(self.country_code or "").upper(),
        )


class CreditLine(Struct, frozen=True):
    amount: Decimal
    reference: str | None = None


class Refund(Struct, frozen=True):
    amount: Decimal


class Payment(Struct, frozen=True):
    id: str
    amount: Decimal
    captured_at: str | None = None
    refunds: tuple[Refund, ...] = ()

    @property
    def left(self) -> Decimal:
        return self.amount - sum((refund.amount for refund in self.refunds), Decimal())


class PaymentCollection(Struct, frozen=True):
    id: str
    amount: Decimal
    status: str
    payments: tuple[Payment, ...] = ()


class Fulfillment(Struct, frozen=True):
    canceled_at: str | None = None


class CartLink(Struct, frozen=True):
    cart_id: str


class MedusaOrder(Struct, frozen=True):
    id: str
    display_id: int
    status: str
    is_draft_order: bool
    currency_code: str
    total: Decimal
    payment_status: str
    fulfillment_status: str
    items: tuple[Item, ...]
    shipping_methods: tuple[ShippingMethod, ...]
    email: str | None = None
    metadata: dict[str, Any] | None = None
    shipping_address: ShippingAddress | None = None
    cart_link: CartLink | None = None
    credit_lines: tuple[CreditLine, ...] = ()
    payment_collections: tuple[PaymentCollection, ...] = ()
    fulfillments: tuple[Fulfillment, ...] = ()

    @property
    def currency(self) -> str:
        return self.currency_code.upper()

    @property
    def known(self) -> dict[str, Any]:
        """What we noted at the order."""
        return self.metadata or {}

    @property
    def amendment(self) -> int:
        """The number of our last change."""
        return int(self.known.get("fallback_amendment") or 0)

    @property
    def cancelled(self) -> bool:
        return self.status == CANCELED

    @property
    def shipped(self) -> bool:
        return self.fulfillment_status in ON_ITS_WAY

    @property
    def before_refunds(self) -> Decimal:
        """What it cost before anything was given back."""
        return self.total + sum((line.amount for line in self.credit_lines if line.reference == OF_A_REFUND), Decimal())

    @property
    def discounted(self) -> bool:
        return any(line.reference != OF_A_REFUND for line in self.credit_lines)

    @property
    def agreed_total(self) -> int:
        """The same, in minor units."""
        return minor(self.before_refunds, self.currency)

    @property
    def payments(self) -> list[Payment]:
        return [payment for collection in self.payment_collections for payment in collection.payments]

    def as_told(self) -> PrimaryOrder:
        ref = self.known.get("fallback_ref")
        cart = self.known.get("fallback_cart") if ref else self.cart_link and self.cart_link.cart_id
        address = self.shipping_address
        deliveries = [method.shipping_option_id or "" for method in self.shipping_methods]
        return PrimaryOrder(
            id=self.id,
            number=str(self.display_id),
            ref=ref,
            cart_id=cart or "",
            currency=self.currency,
            lines=tuple(item.as_told(self.currency) for item in self.items),
            delivery=PrimaryDelivery(", ".join(deliveries), self.known.get("fallback_slot")),
            total=self.agreed_total,
            status=CANCELLED if self.cancelled else SHIPPED if self.shipped else self.status,
            email=self.email,
            phone=address.phone if address else self.known.get("fallback_phone"),
            shipping_address=address.as_told() if address else None,
            # We hold the payment of what we placed.
            amendment=self.amendment if ref else None,
            paid=True if ref else self.payment_status in PAID,
        )


class OfRef(Struct, frozen=True):
    """`cancelled`: no order comes for this ref any more."""

    order: MedusaOrder | None
    cancelled: bool


class ListAnswer(Struct, frozen=True):
    orders: tuple[MedusaOrder, ...]
    next: int | None = None

    def as_page(self) -> Page:
        return Page([order.as_told() for order in self.orders], None if self.next is None else str(self.next))


class Preview(Struct, frozen=True):
    total: Decimal


class Previewed(Struct, frozen=True):
    """What an open edit would make of the order."""

    order_preview: Preview


class Problem(Struct, frozen=True):
    type: str
    message: str = ""
    code: str | None = None
