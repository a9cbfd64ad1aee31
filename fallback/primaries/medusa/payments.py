"""What became of the money, told to Medusa: a captured amount is a payment there, what went back its refunds.

Before the capture Medusa shows the order as not paid, with our note that the money is reserved: its Admin API books no
authorization.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.order.reporting import stands
from fallback.domain.placement.primary import OUTDATED
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.medusa.admin import READ_ANYTHING, READ_OF_REF, Admin, of_ref
from fallback.primaries.medusa.amounts import major
from fallback.primaries.medusa.shapes import MedusaOrder

OPEN = "not_paid"


class Payments:
    """Safe to repeat: what is booked is read first, and only the difference is booked."""

    def __init__(self, admin: Admin, calls: Calls, order: Order) -> None:
        self._admin, self._order = admin, order
        self._stands = stands(order)
        self._saga = Saga(calls)

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
        report = self._order.placement.report
        number, last = report.number if report else 0, int(there.known.get("fallback_report") or 0)
        if number < last:
            raise Refused(OUTDATED, f"report {last} came before {number}")
        note = {"fallback_payment": self._stands.state, "fallback_report": number}
        if any(there.known.get(name) != value for name, value in note.items()):
            self._write(f"orders/{there.id}", {"metadata": there.known | note})

    def _take(self, there: MedusaOrder, amount: Decimal) -> None:
        """By Medusa's manual provider, in a collection of this amount; one that an attempt left is used."""
        left = [each.id for each in there.payment_collections if each.status == OPEN and each.amount == amount]
        if left:
            id = left[0]
        else:
            made = self._write("payment-collections", {"order_id": there.id, "amount": amount})
            id = made["payment_collection"]["id"]
        self._write(f"payment-collections/{id}/mark-as-paid", {"order_id": there.id})

    def _return(self, there: MedusaOrder, amount: Decimal) -> None:
        for payment in there.payments:
            part = min(amount, payment.left)
            if part > 0:
                note = f"{self._order.ref} {self._stands.reference or ''}"
                self._write(f"payments/{payment.id}/refund", {"amount": part, "note": note})
                amount -= part

    def _major(self, amount: int) -> Decimal:
        return major(amount, self._order.currency)

    def _there(self) -> MedusaOrder | None:
        path = of_ref(self._order.ref)
        there = self._saga.read(lambda left: self._admin.call("GET", path, READ_OF_REF, within=left)).order
        return None if there is None or there.is_draft_order else there

    def _write(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._saga.write(lambda: self._admin.call("POST", path, READ_ANYTHING, body))
