"""What is sent to Saleor of an order. Amounts are decimals in major units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fallback.domain.order.order import Address, Customer, Order, PaymentState
from fallback.primaries.amounts import major, shared_out
from fallback.primaries.people import known_customer, two_names

if TYPE_CHECKING:
    from fallback.primaries.saleor import Settings

PROVIDER = "Fallback Checkout"
MOST_OF_A_NOTE = 255
# How the global id of a warehouse begins: 'Warehouse:' in base64.
WAREHOUSE = "V2FyZWhvdXNlO"
# Whether the agreed prices have the tax in them: the value of an order's "fallback_tax".
INCLUDED, ADDED = "included", "added"


def order_input(order: Order, variants: Mapping[str, str], settings: Settings, now: datetime) -> dict[str, Any]:
    """OrderBulkCreateInput. `variants`: their ids by SKU. Prices are as agreed, whatever the catalogue says today."""
    customer, currency = known_customer(order), order.currency
    address = address_input(customer, customer.address)
    created = min(order.received_at, now).isoformat()
    lines, delivery_tax = _lines(order, variants, settings, created)
    return {
        "externalReference": order.ref,
        "channel": settings.primary_channel,
        "createdAt": created,
        # Nothing is shipped before the shop's own people or apps see it as paid.
        "status": "UNFULFILLED",
        # One of them: Saleor refuses both.
        "user": {"id": customer.account} if customer.account else {"email": customer.email},
        "billingAddress": address_input(customer, customer.billing or customer.address),
        "shippingAddress": address if customer.address.somewhere else None,
        "currency": currency,
        "metadata": [
            {"key": "fallback_cart", "value": order.cart_id},
            {"key": "fallback_tax", "value": INCLUDED if order.tax.included else ADDED},
            *([{"key": "fallback_email", "value": customer.email}] if customer.account else []),
            *([{"key": "vat_id", "value": customer.vat_id}] if customer.vat_id else []),
        ],
        "privateMetadata": [{"key": "fallback_slot", "value": order.delivery.slot.id}] if order.delivery.slot else [],
        "customerNote": (customer.note or "")[:MOST_OF_A_NOTE],
        "languageCode": order.locale.partition("-")[0].upper(),
        "lines": lines,
        "deliveryMethod": _way(order, settings) | {"shippingPrice": _taxed(order, order.delivery.price, delivery_tax)},
        "transactions": [
            {
                "name": PROVIDER,
                "pspReference": order.payment.intent,
                "amountAuthorized": {"amount": major(order.payment.amount, currency), "currency": currency},
            }
        ],
    }


def _way(order: Order, settings: Settings) -> dict[str, str]:
    """By a shipping method, or from a warehouse at which the customer collects it."""
    if order.delivery.id.startswith(WAREHOUSE):
        return {"warehouseId": order.delivery.id, "warehouseName": order.delivery.title}
    return {
        "shippingMethodId": order.delivery.id,
        "shippingMethodName": order.delivery.title,
        "shippingTaxClassId": settings.primary_tax_class,
    }


def _lines(
    order: Order, variants: Mapping[str, str], settings: Settings, created: str
) -> tuple[list[dict[str, Any]], int]:
    """The discount is shared out over the lines, and the tax over them and the delivery, whose share comes second.

    Saleor's total is the sum of them.
    """
    full = [line.quantity * line.unit_price for line in order.lines]
    less = shared_out(sum(discount.amount for discount in order.discounts), full)
    paid = [whole - off for whole, off in zip(full, less, strict=True)]
    *taxes, delivery_tax = shared_out(order.tax.amount, [*paid, order.delivery.price])
    lines = [
        {
            "variantId": variants[line.sku],
            # Saleor copies no SKU from a variant that is named by its id.
            "metadata": [{"key": "fallback_sku", "value": line.sku}],
            "variantName": line.title,
            "productName": line.title,
            "createdAt": created,
            "isShippingRequired": True,
            "isGiftCard": False,
            "quantity": line.quantity,
            "undiscountedTotalPrice": _taxed(order, whole, tax),
            "totalPrice": _taxed(order, agreed, tax),
            "warehouse": settings.primary_warehouse,
            "taxClassId": settings.primary_tax_class,
        }
        for line, whole, agreed, tax in zip(order.lines, full, paid, taxes, strict=True)
    ]
    return lines, delivery_tax


def _taxed(order: Order, amount: int, tax: int) -> dict[str, Decimal]:
    net = amount - tax if order.tax.included else amount
    return {"gross": major(net + tax, order.currency), "net": major(net, order.currency)}


def transaction_input(order: Order) -> dict[str, Any]:
    """TransactionUpdateInput: how the payment stands, whole."""
    payment = order.payment
    authorized = payment.amount if payment.state is PaymentState.AUTHORIZED else 0
    voided = payment.authorized if payment.state is PaymentState.VOIDED else 0
    amounts = {
        "amountAuthorized": authorized,
        "amountCharged": payment.captured - payment.refunded,
        "amountRefunded": payment.refunded,
        "amountCanceled": voided,
    }
    return {
        name: {"amount": major(amount, order.currency), "currency": order.currency} for name, amount in amounts.items()
    }


def address_input(customer: Customer, address: Address) -> dict[str, Any]:
    """Saleor has two names for a person, we have one; and it would refuse postcodes that its rules do not know."""
    first, last = two_names(address.name)
    return {
        "firstName": first,
        "lastName": last,
        "streetAddress1": address.line1,
        "streetAddress2": address.line2 or "",
        "city": address.city,
        "countryArea": address.region or "",
        "postalCode": address.postal_code or "",
        "country": address.country,
        "phone": customer.phone or "",
        "skipValidation": True,
        **({"companyName": address.company} if address.company else {}),
    }
