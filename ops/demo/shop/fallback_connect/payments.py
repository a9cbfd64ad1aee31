"""What Fallback did with the money of an order, in Oscar's own payment sources: the dashboard shows it."""

from django.db import transaction
from oscar.core.loading import get_model

from . import problems
from .answers import order_answer
from .contract import PaymentNow
from .models import Purchase
from .money import from_minor

Order = get_model("order", "Order")


def note(ref: str, payment: PaymentNow) -> Purchase:
    """The payment as it stands, whole, so the same report again changes nothing. Raises not_found, outdated."""
    with transaction.atomic():
        purchase = Purchase.objects.select_for_update().filter(ref=ref, order__isnull=False).first()
        if purchase is None:
            raise problems.not_found(ref)
        purchase.order = Order.objects.get(pk=purchase.order_id)
        if payment.number < purchase.payment_report:
            raise problems.outdated(order_answer(purchase))
        currency = purchase.order.currency
        purchase.order.sources.update(
            amount_debited=from_minor(payment.captured, currency),
            amount_refunded=from_minor(payment.refunded, currency),
            reference=payment.reference or "",
            label=payment.state,
        )
        purchase.payment_report = payment.number
        purchase.save()
        return purchase
