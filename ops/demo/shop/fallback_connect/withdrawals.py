"""What customers withdrew from, as notes of the order in Oscar's dashboard: the shop's people take it from there."""

from django.db import transaction
from oscar.core.loading import get_model

from . import problems
from .answers import order_answer
from .contract import WithdrawalNow
from .models import Purchase

Order = get_model("order", "Order")

# One note for each statement: their count is the number of the last report.
KIND = "Withdrawal"


def note(ref: str, withdrawal: WithdrawalNow) -> Purchase:
    """All statements so far, so the same report again changes nothing. Raises not_found, outdated."""
    with transaction.atomic():
        purchase = Purchase.objects.select_for_update().filter(ref=ref, order__isnull=False).first()
        if purchase is None:
            raise problems.not_found(ref)
        purchase.order = Order.objects.get(pk=purchase.order_id)
        known = purchase.order.notes.filter(note_type=KIND).count()
        if withdrawal.number < known:
            raise problems.outdated(order_answer(purchase))
        for statement in withdrawal.statements[known:]:
            goods = ", ".join(f"{line.quantity} x {line.title} ({line.sku})" for line in statement.lines)
            message = f"{statement.name} withdrew from the contract on {statement.received_at}: {goods}"
            purchase.order.notes.create(note_type=KIND, message=message)
        return purchase
