"""What we send to Medusa."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fallback.domain.order.order import Address, Customer, Order
from fallback.primaries.amounts import major
from fallback.primaries.people import known_customer, two_names

LONGEST_REFERENCE = 200


def draft_body(order: Order, channel: str) -> dict[str, Any]:
    """`fallback_payment` is a note for people: the money is reserved, and Medusa books it when it is captured."""
    customer = known_customer(order)
    billed_to = customer.billing or customer.address
    body = {
        "cart_id": order.cart_id,
        "email": customer.email,
        "currency_code": order.currency.lower(),
        "locale": order.locale,
        "items": [
            {
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": major(line.unit_price, order.currency),
                "is_tax_inclusive": order.tax.included,
            }
            for line in order.lines
        ],
        "shipping_methods": [delivery_body(order) | {"is_tax_inclusive": True}],
        "metadata": noted(order)
        | {"fallback_payment": str(order.payment.state), "fallback_intent": order.payment.intent},
    }
    return body | {
        **({"customer_id": customer.account} if customer.account else {}),
        **({"shipping_address": address_body(customer, customer.address)} if customer.address.somewhere else {}),
        **({"billing_address": address_body(customer, billed_to)} if billed_to.somewhere else {}),
        **({"sales_channel_id": channel} if channel else {}),
    }


def noted(order: Order) -> dict[str, Any]:
    """What Medusa has no fields for: it keeps a phone number in an address only."""
    slot, customer = order.delivery.slot, known_customer(order)
    return {
        "fallback_slot": slot and slot.id,
        "fallback_slot_time": slot and f"{slot.starts.isoformat()} - {slot.ends.isoformat()}",
        "fallback_note": customer.note,
        "fallback_vat_id": customer.vat_id,
        "fallback_phone": None if customer.address.somewhere else customer.phone,
    }


def delivery_body(order: Order) -> dict[str, Any]:
    price = major(order.delivery.price, order.currency)
    return {"shipping_option_id": order.delivery.id, "name": order.delivery.title, "amount": price}


def credit_body(order: Order, total: Decimal) -> dict[str, Any]:
    """Discounts are one credit line: today's promotions are not asked. `total`: what Medusa makes of the order."""
    titles = ", ".join(discount.title for discount in order.discounts)
    exact = total - major(order.payment.amount, order.currency)
    return {"amount": exact, "reference": titles[:LONGEST_REFERENCE], "reference_id": order.ref}


def address_body(customer: Customer, address: Address) -> dict[str, str]:
    first, last = two_names(address.name)
    return {
        "first_name": first,
        "last_name": last,
        "address_1": address.line1,
        "address_2": address.line2 or "",
        "city": address.city,
        "postal_code": address.postal_code or "",
        "province": address.region or "",
        "country_code": address.country.lower(),
        "phone": customer.phone or "",
        **({"company": address.company} if address.company else {}),
    }
