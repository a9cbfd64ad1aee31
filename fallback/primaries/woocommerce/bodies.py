"""Our order in the fields of WooCommerce's REST API (v3), with the cart and the agreed sums beside them."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from decimal import Decimal
from typing import Any

from fallback.domain.order.cart import Slot
from fallback.domain.order.order import Address, Customer, Order
from fallback.domain.order.reporting import report_number
from fallback.primaries.amounts import major, shared_out
from fallback.primaries.people import known_customer, two_names


def order_body(order: Order) -> dict[str, Any]:
    customer = known_customer(order)
    return {
        "cart_id": order.cart_id,
        "currency": order.currency,
        **_what_is_bought(order),
        "shipping": _address(customer.address),
        "billing": {**_address(customer.billing or customer.address), **_contact(customer)},
        "customer_note": customer.note or "",
        "transaction_id": order.payment.intent or "",
        **({"customer_id": customer.account} if customer.account else {}),
        **({"vat_id": customer.vat_id} if customer.vat_id else {}),
    }


def amendment_body(order: Order, names: Collection[str]) -> dict[str, Any]:
    """Lines, delivery and total belong together: WooCommerce adds them up."""
    customer = known_customer(order)
    body: dict[str, Any] = {"amendment": order.placement.amendments}
    if {"lines", "delivery", "total"} & set(names):
        body |= _what_is_bought(order)
    if "shipping_address" in names:
        body |= {
            "shipping": _address(customer.address),
            "billing": _address(customer.billing or customer.address),
        }
    if "contact" in names:
        body["billing"] = body.get("billing", {}) | _contact(customer)
    return body


def payment_body(order: Order) -> dict[str, Any]:
    payment = order.payment
    return {
        "number": report_number(order),
        "state": str(payment.state),
        "transaction_id": payment.intent or "",
        "refunded": major(payment.refunded, order.currency),
    }


def _what_is_bought(order: Order) -> dict[str, Any]:
    def sum_of(amount: int) -> Decimal:
        return major(amount, order.currency)

    sums = [line.quantity * line.unit_price for line in order.lines]
    less = shared_out(sum(discount.amount for discount in order.discounts), sums)
    delivery, slot = order.delivery, order.delivery.slot
    return {
        "line_items": [
            {
                "sku": line.sku,
                "name": line.title,
                "quantity": line.quantity,
                "subtotal": sum_of(full),
                "total": sum_of(full - off),
            }
            for line, full, off in zip(order.lines, sums, less, strict=True)
        ],
        "coupon_lines": [{"code": each.title, "discount": sum_of(each.amount)} for each in order.discounts],
        "shipping_lines": [
            {"method_id": delivery.id, "method_title": delivery.title, "total": sum_of(delivery.price)}
            | ({"slot": slot.id, "slot_title": _window(slot)} if slot else {})
        ],
        "prices_include_tax": order.tax.included,
        "cart_tax": sum_of(order.tax.amount),
        "total": sum_of(order.payment.amount),
    }


def _window(slot: Slot) -> str:
    """In the local time of the slot's own zone, for the people who pack."""
    return f"{slot.starts:%Y-%m-%d %H:%M} to {slot.ends:%H:%M}"


def _address(address: Address) -> dict[str, str]:
    first, last = two_names(address.name)
    return {
        "first_name": first,
        "last_name": last,
        "address_1": address.line1,
        "address_2": address.line2 or "",
        "city": address.city,
        "state": address.region or "",
        "postcode": address.postal_code or "",
        "country": address.country,
        **({"company": address.company} if address.company else {}),
    }


def _contact(customer: Customer) -> dict[str, str]:
    first, last = two_names(customer.name)
    return {
        "first_name": first,
        "last_name": last,
        "email": with_ascii_domain(customer.email),
        "phone": customer.phone or "",
    }


def with_ascii_domain(email: str) -> str:
    """WordPress knows no other domains (RFC 5890)."""
    mailbox, at, domain = email.rpartition("@")
    with suppress(UnicodeError):
        return f"{mailbox}{at}{domain.encode('idna').decode()}"
    return email


def with_readable_domain(email: str) -> str:
    mailbox, at, domain = email.rpartition("@")
    with suppress(UnicodeError):
        return f"{mailbox}{at}{domain.encode().decode('idna')}"
    return email
