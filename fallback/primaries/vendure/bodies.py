"""What is sent to Vendure of an order."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fallback.domain.order.order import Address, Customer, Order
from fallback.domain.placement.primary import AGREED, CONTACT
from fallback.primaries.people import known_customer, two_names


def draft_input(order: Order) -> dict[str, Any]:
    customer = known_customer(order)
    return {
        "ref": order.ref,
        "cart": order.cart_id,
        "currency": order.currency,
        "slot": order.delivery.slot.id if order.delivery.slot else None,
        "note": customer.note,
        **({"vatId": customer.vat_id} if customer.vat_id else {}),
        "lines": _lines(order),
    }


def _lines(order: Order) -> list[dict[str, Any]]:
    return [{"sku": line.sku, "quantity": line.quantity, "unitPrice": line.unit_price} for line in order.lines]


def place_input(order: Order) -> dict[str, Any]:
    customer = known_customer(order)
    billing = {"billing": _address(customer, customer.billing)} if customer.billing else {}
    return {
        **billing,
        **_account(customer),
        "ref": order.ref,
        "cart": order.cart_id,
        "customer": customer_input(order),
        "address": _address(customer, customer.address) if customer.address.somewhere else None,
        "delivery": order.delivery.id,
        "total": order.payment.amount,
        "reference": order.payment.intent,
        "state": str(order.payment.state),
    }


def change_input(order: Order, names: Collection[str]) -> dict[str, Any]:
    """Lines, address, delivery and total belong together: Vendure adds them up."""
    customer = known_customer(order)
    # Vendure keeps what is left out. The phone number stands in it too, and is the contact's.
    address = {"company": ""} | _address(customer, customer.address)
    del address["phoneNumber"]
    agreed = {
        "lines": _lines(order),
        "address": address if customer.address.somewhere else None,
        "delivery": order.delivery.id,
        "slot": order.delivery.slot.id if order.delivery.slot else None,
        "total": order.payment.amount,
        "reference": order.payment.intent,
    }
    return {
        "ref": order.ref,
        "number": order.placement.amendments,
        **(agreed if set(AGREED) & set(names) else {}),
        **({"contact": customer_input(order)} | _account(customer) if set(CONTACT) & set(names) else {}),
    }


def customer_input(order: Order) -> dict[str, Any]:
    """A guest, unless the shop knows the address. Vendure has two names for a person, we have one."""
    customer = known_customer(order)
    first, last = two_names(customer.name)
    return {
        "emailAddress": customer.email,
        "firstName": first,
        "lastName": last,
        "phoneNumber": customer.phone,
    }


def _account(customer: Customer) -> dict[str, str]:
    return {"customerId": customer.account} if customer.account else {}


def _address(customer: Customer, address: Address) -> dict[str, Any]:
    return {
        "fullName": address.name,
        **({"company": address.company} if address.company else {}),
        "streetLine1": address.line1,
        "streetLine2": address.line2 or "",
        "city": address.city,
        "province": address.region or "",
        "postalCode": address.postal_code or "",
        "countryCode": address.country,
        "phoneNumber": customer.phone or "",
    }
