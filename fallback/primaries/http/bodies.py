"""What our side sends, in the words of the contract (ops/docs/reference/primary-contract.md)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC
from typing import Any

import msgspec

from fallback.domain.order.order import Address, Order
from fallback.domain.order.reporting import report_number
from fallback.domain.order.texts_by_people import read
from fallback.domain.placement.primary import AGREED
from fallback.primaries.people import known_customer


def order_body(order: Order) -> dict[str, Any]:
    """What `PUT orders/{ref}` sends. Amounts in minor units, times in UTC (RFC 3339)."""
    customer = known_customer(order)
    slot, address = order.delivery.slot, customer.address
    body = {
        "ref": order.ref,
        "cart_id": order.cart_id,
        "currency": order.currency,
        "lines": [
            {"sku": line.sku, "title": line.title, "quantity": line.quantity, "unit_price": line.unit_price}
            for line in order.lines
        ],
        "discounts": list(order.discounts),
        "tax": order.tax,
        "delivery": {
            "id": order.delivery.id,
            "title": order.delivery.title,
            "price": order.delivery.price,
            "slot": slot and {"id": slot.id, "starts": slot.starts.astimezone(UTC), "ends": slot.ends.astimezone(UTC)},
        },
        "total": order.payment.amount,
        "contact": {"name": customer.name, "email": customer.email, "phone": customer.phone},
        "shipping_address": _address(address) if address.somewhere else None,
        "billing_address": _address(customer.billing) if customer.billing else None,
        "vat_id": customer.vat_id,
        "note": customer.note,
        "locale": order.locale,
        "received_at": order.received_at.astimezone(UTC),
        "payment": {"provider": "stripe", "reference": order.payment.intent, "state": order.payment.state},
    }
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return plain | ({"customer_id": customer.account} if customer.account else {})


def _address(address: Address) -> dict[str, Any]:
    return {field: getattr(address, field) for field in address.__struct_fields__}


def payment_body(order: Order) -> dict[str, Any]:
    """What `PUT orders/{ref}/payment` sends: how the payment stands, whole. Amounts in minor units."""
    payment = order.payment
    return {
        "number": report_number(order),
        "provider": "stripe",
        "reference": payment.intent,
        "state": str(payment.state),
        "currency": order.currency,
        "authorized": payment.authorized,
        "captured": payment.captured,
        "refunded": payment.refunded,
    }


def withdrawal_body(order: Order) -> dict[str, Any]:
    """What `PUT orders/{ref}/withdrawal` sends: all that the customer stated of what it has, the oldest first."""
    statements = order.withdrawal.of_the_shop if order.withdrawal else ()
    body = {
        "number": len(statements),
        "statements": [
            {
                "received_at": each.at.astimezone(UTC),
                "name": read(order, each.name),
                "email": read(order, each.email),
                "lines": [{"sku": line.sku, "title": line.title, "quantity": line.quantity} for line in each.lines],
            }
            for each in statements
        ],
    }
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return plain


def amendment_body(order: Order, names: Collection[str] = AGREED) -> dict[str, Any]:
    """What `PATCH orders/{ref}` sends: each of these, whole, as it shall be then, and the number of the change."""
    body = order_body(order)
    number = order.placement.amendments
    return {name: body[name] for name in names} | ({"amendment": number} if number else {})
