"""What became of the money, told to Vendure: the state as a field of the order, what went back as refunds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order, PaymentState
from fallback.domain.order.reporting import report_number
from fallback.domain.placement.primary import OUTDATED
from fallback.primaries.graphql import Documents
from fallback.primaries.vendure.answers import succeeded
from fallback.primaries.vendure.documents import NOTE_PAYMENT, REFUND, SETTLE_REFUND
from fallback.primaries.vendure.reading import with_ref
from fallback.primaries.vendure.shapes import VendureOrder

REASON = "Returned to the customer by Fallback Checkout"


class Payments:
    """Safe to repeat: what is booked is read first, and only the difference is booked."""

    def __init__(self, saga: Documents, order: Order) -> None:
        self._saga, self._order = saga, order

    def tell(self) -> None:
        """An order that is not there has nothing to hear."""
        there = self._there()
        if there is None:
            return
        number = report_number(self._order)
        fields, state = there.custom_fields, str(self._order.payment.state)
        if number < (fields.fallback_report or 0):
            raise Refused(OUTDATED, f"report {fields.fallback_report} came before")
        if (fields.fallback_payment, fields.fallback_report) != (state, number):
            note = {"id": there.id, "customFields": {"fallbackPayment": state, "fallbackReport": number}}
            self._saga.write(NOTE_PAYMENT, {"input": note})
        self._return(there, sum(payment.left for payment in there.payments or ()) - kept(self._order))
        if returned := self._there():
            settle_refunds(returned, self._order, self._saga.write)

    def _return(self, there: VendureOrder, amount: int) -> None:
        for payment in there.payments or ():
            part = min(amount, payment.left)
            if part > 0:
                # Only `amount` counts; Vendure stores the others, and takes none of them as missing.
                older = {"lines": [], "shipping": 0, "adjustment": 0}
                refund = {"paymentId": payment.id, "amount": part, "reason": REASON, **older}
                succeeded(self._saga.write(REFUND, {"input": refund})["refundOrder"])
                amount -= part

    def _there(self) -> VendureOrder | None:
        return with_ref(self._saga.read, self._order.ref)


def settle_refunds(there: VendureOrder, order: Order, write: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
    """A manual payment's refund waits until somebody says that the money went; before, it does not count."""
    for refund in (refund for payment in there.payments or () for refund in payment.refunds):
        if refund.state == "Pending":
            settled = {"id": refund.id, "transactionId": order.payment.intent or order.ref}
            succeeded(write(SETTLE_REFUND, {"input": settled})["settleRefund"])


def kept(order: Order) -> int:
    """What of the customer's money is reserved or taken, in minor units."""
    payment = order.payment
    if payment.state in (PaymentState.VOIDED, PaymentState.REFUNDED):
        return 0
    if payment.state is PaymentState.CAPTURED:
        return payment.captured - payment.refunded
    return payment.amount
