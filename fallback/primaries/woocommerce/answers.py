"""What the plugin answers: an order as WooCommerce's REST API shows it, or WordPress' own form of an error."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.json import Decoder

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Address
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryDelivery, PrimaryLine, PrimaryOrder
from fallback.domain.placement.primary import CartAlreadyOrdered
from fallback.primaries.amounts import minor
from fallback.primaries.pages import Page
from fallback.primaries.people import one_name
from fallback.primaries.transport import HttpAnswer, busy
from fallback.primaries.woocommerce.bodies import with_readable_domain

T = TypeVar("T")

# Virtual goods only: such an order has no delivery.
NO_DELIVERY = "none"
WORDS = {
    "cancelled": CANCELLED,
    "refunded": CANCELLED,
    "trash": CANCELLED,
    "completed": SHIPPED,
}
PAID = frozenset({"processing", "completed"})
UNPAID = frozenset({"pending", "failed"})


class WooAddress(Struct, frozen=True):
    first_name: str = ""
    last_name: str = ""
    address_1: str = ""
    address_2: str = ""
    company: str | None = None
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    email: str | None = None
    phone: str | None = None


class WooLine(Struct, frozen=True):
    """`fallback_price_now`: what one cost in the shop when it placed our order."""

    sku: str
    quantity: float
    subtotal: Decimal
    subtotal_tax: Decimal
    fallback_price_now: Decimal | None = None


class WooDelivery(Struct, frozen=True):
    """`fallback_rate`, `fallback_slot`: what the plugin keeps of the delivery that the customer chose."""

    method_id: str | None
    instance_id: str | None
    fallback_rate: str | None
    fallback_slot: str | None


class WooOrder(Struct, frozen=True):
    id: int
    number: str
    status: str
    currency: str
    total: Decimal
    prices_include_tax: bool
    date_paid_gmt: str | None
    billing: WooAddress
    shipping: WooAddress
    line_items: tuple[WooLine, ...]
    shipping_lines: tuple[WooDelivery, ...]


class Entry(Struct, frozen=True):
    """`order` is None for a ref that was cancelled before its order came."""

    ref: str | None
    order: WooOrder | None
    cart_id: str | None = None
    amendment: int = 0


class ListAnswer(Struct, frozen=True):
    orders: tuple[Entry, ...]
    next: int | None

    def as_page(self) -> Page:
        orders = [as_primary_order(entry, entry.order) for entry in self.orders if entry.order]
        return Page(orders, None if self.next is None else str(self.next))


class HealthAnswer(Struct, frozen=True):
    status: str


class ErrorLine(Struct, frozen=True):
    sku: str
    available: int


class ErrorData(Struct, frozen=True):
    """`order`: the rival of 'cart_already_ordered'. `params`: what is wrong with a field, by its name."""

    order: Entry | None = None
    lines: tuple[ErrorLine, ...] = ()
    params: Any = None


class WooError(Struct, frozen=True):
    code: str
    message: str
    data: ErrorData | None = None


READ_ENTRY = Decoder(Entry, strict=False)
READ_LIST = Decoder(ListAnswer, strict=False)
READ_HEALTH = Decoder(HealthAnswer)
READ_ERROR = Decoder(WooError, strict=False)


def understood(answer: HttpAnswer, shape: Decoder[T]) -> T:
    """The answer, or the error that it stands for. What the plugin did not write itself proves nothing."""
    if answer.status in (200, 201):
        return answer.decoded(shape)
    if answer.status == 429:
        raise busy(answer)
    if answer.media_type != "application/json":
        raise OutcomeUnknown(f"the shop answers {answer.status} {answer.media_type}")
    raise _error(answer, answer.decoded(READ_ERROR))


def _error(answer: HttpAnswer, error: WooError) -> Exception:
    """A wrong key and a plugin that is not active are faults of the shop's settings, not of an order."""
    said = f"{error.code}: {error.message}"
    if answer.status in (401, 403):
        return NotAuthorized(f"the shop does not accept our key ({said})")
    if error.code == "rest_no_route":
        return TryAgain("the plugin Fallback Checkout is not active in the shop")
    if error.code == "busy":
        return TryAgain(f"the shop is busy ({error.message})", answer.retry_after)
    if not 400 <= answer.status < 500:
        return OutcomeUnknown(f"the shop answers {answer.status} ({said})")
    facts = error.data or ErrorData()
    if error.code == "cart_already_ordered" and facts.order and facts.order.order:
        return CartAlreadyOrdered(as_primary_order(facts.order, facts.order.order))
    if facts.params:
        return Refused("invalid", f"{error.message}: {facts.params}")
    lines = "; ".join(f"{line.sku}: {line.available} available" for line in facts.lines)
    return Refused(error.code, lines or error.message)


def as_primary_order(entry: Entry, order: WooOrder) -> PrimaryOrder:
    return PrimaryOrder(
        id=str(order.id),
        number=order.number,
        cart_id=entry.cart_id or "",
        currency=order.currency,
        lines=tuple(_line(line, order) for line in order.line_items),
        delivery=_delivery(order),
        total=minor(order.total, order.currency),
        status=WORDS.get(order.status, order.status),
        ref=entry.ref,
        email=with_readable_domain(order.billing.email) if order.billing.email else None,
        phone=order.billing.phone or None,
        shipping_address=_address(order.shipping if order.shipping.address_1 else order.billing),
        paid=_paid(entry, order),
        amendment=entry.amendment,
    )


def _paid(entry: Entry, order: WooOrder) -> bool | None:
    """`on-hold` may wait for a bank transfer, or have an authorized card: WooCommerce does not say which."""
    if entry.ref or order.date_paid_gmt or order.status in PAID:
        return True
    return False if order.status in UNPAID else None


def _line(line: WooLine, order: WooOrder) -> PrimaryLine:
    """Prices as the cart had them: before discounts, with tax or without."""
    whole = line.subtotal + (line.subtotal_tax if order.prices_include_tax else 0)
    quantity, now = int(line.quantity), line.fallback_price_now
    price = minor(whole / (quantity or 1), order.currency)
    return PrimaryLine(line.sku, quantity, price, None if now is None else minor(now, order.currency))


def _delivery(order: WooOrder) -> PrimaryDelivery:
    """The rate's name as the cart had it, unless a person chose another delivery since."""
    if not order.shipping_lines:
        return PrimaryDelivery(NO_DELIVERY)
    line = order.shipping_lines[0]
    method = ":".join(part for part in (line.method_id, line.instance_id) if part and part != "0")
    rate = line.fallback_rate or method
    same = rate == method or rate.startswith(f"{method}:")
    return PrimaryDelivery(rate if same else method, line.fallback_slot)


def _address(there: WooAddress) -> Address:
    return Address(
        name=one_name(there.first_name, there.last_name),
        line1=there.address_1,
        city=there.city,
        postal_code=there.postcode,
        country=there.country,
        line2=there.address_2 or None,
        region=there.state or None,
        company=there.company,
    )
