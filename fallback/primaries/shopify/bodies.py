"""What is sent to Shopify of an order. Amounts are decimals in major units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from fallback.domain.order.order import Address, Customer, Order
from fallback.domain.order.reporting import report_number
from fallback.primaries.amounts import major
from fallback.primaries.people import known_customer, two_names
from fallback.primaries.shopify.documents import NAMESPACE

GATEWAY = "Fallback Checkout"
LONGEST_CODE = 255
# What follows the country in ISO 3166-2.
LONGEST_REGION_CODE = 3


def order_input(order: Order, variants: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """OrderCreateOrderInput. Prices are as agreed, whatever the catalogue says today."""
    customer, currency = known_customer(order), order.currency
    address, billing = address_input(customer, customer.address), customer.billing or customer.address
    slot = order.delivery.slot
    body: dict[str, Any] = {
        "sourceIdentifier": order.ref,
        "metafields": [{"namespace": NAMESPACE, "key": "ref", "type": "id", "value": order.ref}],
        "customAttributes": [
            {"key": "fallback_cart", "value": order.cart_id},
            *([{"key": "fallback_slot", "value": slot.id}] if slot else []),
            *([{"key": "vat_id", "value": customer.vat_id}] if customer.vat_id else []),
        ],
        "tags": [cart_tag(order.cart_id)],
        "processedAt": min(order.received_at, now).isoformat(),
        "currency": currency,
        "email": customer.email,
        "note": customer.note or "",
        "shippingAddress": address if customer.address.somewhere else None,
        "billingAddress": address_input(customer, billing) if billing.somewhere else None,
        "lineItems": [
            {
                "variantId": variants[line.sku],
                "quantity": line.quantity,
                "priceSet": _money(line.unit_price, currency),
            }
            for line in order.lines
        ],
        "shippingLines": [
            {
                "code": order.delivery.id,
                "title": order.delivery.title,
                "priceSet": _money(order.delivery.price, currency),
            }
        ],
        "taxesIncluded": order.tax.included,
        "taxLines": _tax_lines(order),
        "transactions": [
            {
                "kind": "AUTHORIZATION",
                "status": "SUCCESS",
                "gateway": GATEWAY,
                "authorizationCode": order.payment.intent or "",
                "amountSet": _money(order.payment.amount, currency),
            }
        ],
    }
    if customer.account:
        body["customer"] = {"toAssociate": {"id": customer_id(customer.account)}}
    return {**body, "discountCode": _discount(order)} if order.discounts else body


def customer_id(account: str) -> str:
    """The cart token may name an account as the Admin API does, or by the number in that."""
    return f"gid://shopify/Customer/{account}" if account.isdecimal() else account


def _discount(order: Order) -> dict[str, Any]:
    """An order has one code at most, so all discounts of the cart become one sum."""
    code = ", ".join(discount.title for discount in order.discounts)[:LONGEST_CODE]
    amount = sum(discount.amount for discount in order.discounts)
    return {"itemFixedDiscountCode": {"code": code, "amountSet": _money(amount, order.currency)}}


def _tax_lines(order: Order) -> list[dict[str, Any]]:
    """One line for the whole order. Its rate is told only: the amount counts."""
    if not order.tax.amount:
        return []
    rest = order.payment.amount - order.tax.amount
    rate = (Decimal(order.tax.amount) / rest).quantize(Decimal("0.0001")) if rest > 0 else Decimal(0)
    return [{"title": "Tax", "rate": str(rate), "priceSet": _money(order.tax.amount, order.currency)}]


def _money(amount: int, currency: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": major(amount, currency), "currencyCode": currency}}


def address_input(customer: Customer, address: Address) -> dict[str, Any]:
    """Shopify has two names for a person, we have one. The region is the code of its ISO 3166-2 subdivision, or a name.

    The telephone stands in the address: that of an order itself is refused unless it is valid and nobody else's.
    """
    first, last = two_names(address.name)
    region = address.region or ""
    given = {
        "firstName": first,
        "lastName": last,
        "company": address.company,
        "address1": address.line1,
        "address2": address.line2,
        "city": address.city,
        ("provinceCode" if len(region) <= LONGEST_REGION_CODE else "province"): region,
        "zip": address.postal_code,
        "countryCode": address.country,
        "phone": customer.phone,
    }
    return {name: value for name, value in given.items() if value}


def cart_tag(cart_id: str) -> str:
    """By which an order is found by its cart. A tag has 40 characters at most and ignores letter case."""
    return f"fallback-{sha256(cart_id.encode()).hexdigest()[:24]}"


def payment_fields(id: str, order: Order) -> list[dict[str, str]]:
    """MetafieldsSetInput: how the payment stands, whole, and the number of this report."""
    payment, currency = order.payment, order.currency
    stands = {
        "state": payment.state.value,
        "captured": major(payment.captured, currency),
        "refunded": major(payment.refunded, currency),
        "currency": currency,
        "reference": payment.intent or "",
    }
    fields = (
        ("report", "number_integer", str(report_number(order))),
        ("payment", "json", msgspec.json.encode(stands).decode()),
    )
    return [
        {"ownerId": id, "namespace": NAMESPACE, "key": key, "type": kind, "value": value} for key, kind, value in fields
    ]
