"""Convert an order of this shop into the format of the contract."""

from typing import Any

from django.conf import settings

from .models import Purchase
from .money import to_minor


def order_answer(purchase: Purchase) -> dict[str, Any]:
    order = purchase.order
    option, _, slot = order.shipping_code.partition("/")
    return {
        "id": str(order.pk),
        "number": order.number,
        "ref": purchase.ref,
        "cart_id": purchase.cart_id,
        "amendment": purchase.amendment,
        "currency": order.currency,
        "lines": [
            {
                "sku": line.partner_sku,
                "quantity": line.quantity,
                "unit_price": to_minor(line.unit_price_incl_tax, order.currency),
                **_price_now(line, order),
            }
            for line in order.lines.all()
        ],
        "delivery": {"id": option, "slot": slot or None},
        "shipping_address": _address_answer(order.shipping_address),
        "total": to_minor(order.total_incl_tax, order.currency),
        "status": order.status.lower(),
        # An order on invoice is shipped before it is paid, so it counts as paid.
        "paid": order.status not in settings.FALLBACK_UNPAID_STATUSES,
        "placed_at": order.date_placed.isoformat(),
        # The contact that the customer entered for this order takes precedence over their account.
        "email": order.guest_email or order.email,
        "phone": str(order.shipping_address.phone_number or "") or None if order.shipping_address else None,
    }


def cancellation_answer(purchase: Purchase) -> dict[str, Any]:
    """The order, or if there was none, that its ref is cancelled."""
    return order_answer(purchase) if purchase.order else {"ref": purchase.ref, "status": "cancelled"}


def _price_now(line, order) -> dict[str, int]:
    """What we sell it for today, where the order has another price, which the customer agreed to."""
    today = line.stockrecord.price if line.stockrecord else line.unit_price_incl_tax
    return {"price_now": to_minor(today, order.currency)} if today != line.unit_price_incl_tax else {}


def _address_answer(address) -> dict[str, str | None] | None:
    if address is None:
        return None
    return {
        "name": f"{address.first_name} {address.last_name}".strip(),
        "line1": address.line1,
        "line2": address.line2 or None,
        "city": address.line4,
        "postal_code": address.postcode,
        "region": address.state or None,
        "country": address.country_id,
    }
