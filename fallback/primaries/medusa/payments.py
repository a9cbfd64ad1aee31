"""What became of the money, told to Medusa: a captured amount is a payment there, what went back its refunds.

Before the capture Medusa shows the order as not paid, with our note that the money is reserved: its Admin API books no
authorization.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.order.reporting import report_number, stands
from fallback.domain.placement.primary import OUTDATED
from fallback.primaries.amounts import major
from fallback.primaries.medusa.admin import READ_OF_REF, Requests, of_ref
from fallback.primaries.medusa.shapes import MedusaOrder

OPEN = "not_paid"


class Payments:
    """Safe to repeat: what is booked is read first, and only the difference is booked."""

    def __init__(self, saga: Requests, order: Order) -> None:
        self._saga, self._order = saga, order
        self._stands = stands(order)

    def tell(self) -> None:
        """Nothing is booked of an order that Medusa does not have, or has cancelled: it gave the money back then."""
        there = self._there()
        if there is None:
            return
        self._note(there)
        if there.cancelled:
            return
        taken = sum((payment.amount for payment in there.payments if payment.captured_at), Decimal())
        if self._major(self._stands.captured) > taken:
            self._take(there, self._major(self._stands.captured) - taken)
            there = self._there() or there
        returned = sum((payment.amount - payment.left for payment in there.payments), Decimal())
        self._return(there, self._major(self._stands.refunded) - returned)

    def _note(self, there: MedusaOrder) -> None:
        number, last = report_number(self._order), int(there.known.get("fallback_report") or 0)
        if number < last:
            raise Refused(OUTDATED, f"report {last} came before {number}")
        note = {"fallback_payment": self._stands.state, "fallback_report": number}
        if any(there.known.get(name) != value for name, value in note.items()):
            self._saga.write("POST", f"orders/{there.id}", {"metadata": there.known | note})

    def _take(self, there: MedusaOrder, amount: Decimal) -> None:
        """By Medusa's manual provider, in a collection of this amount; one that an attempt left is used."""
        left = [each.id for each in there.payment_collections if each.status == OPEN and each.amount == amount]
        if left:
            id = left[0]
        else:
            made: Any = self._saga.write("POST", "payment-collections", {"order_id": there.id, "amount": amount})
            id = made["payment_collection"]["id"]
        self._saga.write("POST", f"payment-collections/{id}/mark-as-paid", {"order_id": there.id})

    def _return(self, there: MedusaOrder, amount: Decimal) -> None:
        for payment in there.payments:
            part = min(amount, payment.left)
            if part > 0:
                note = f"{self._order.ref} {self._stands.reference or ''}"
                self._saga.write("POST", f"payments/{payment.id}/refund", {"amount": part, "note": note})
                amount -= part

    def _major(self, amount: int) -> Decimal:
        return major(amount, self._order.currency)

    def _there(self) -> MedusaOrder | None:
        there = self._saga.read(of_ref(self._order.ref), READ_OF_REF).order
        return None if there is None or there.is_draft_order else there
