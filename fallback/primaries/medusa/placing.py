"""Placing an order in Medusa: a draft, which the plugin makes unique for ref and cart, becomes an order.

Each step begins with what Medusa has, so whoever comes after a crash or a lost answer goes on. Until the draft is an
order, nobody ships it, and `find` does not see it.
"""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.money import Money
from fallback.domain.order.order import Order
from fallback.domain.placement.primary import CartAlreadyOrdered
from fallback.primaries.medusa.admin import (
    CONFLICT,
    OUT_OF_STOCK,
    READ_ANYTHING,
    READ_LIST,
    READ_OF_REF,
    Requests,
    of_ref,
)
from fallback.primaries.medusa.bodies import credit_body, draft_body
from fallback.primaries.medusa.shapes import MedusaOrder, OfRef

A_WEEK = timedelta(days=7)


class Placing:
    """One order's way into the shop. It begins with whatever of it is there."""

    def __init__(self, saga: Requests, order: Order) -> None:
        self._saga, self._order = saga, order

    def placed(self) -> MedusaOrder:
        there = self._draft()
        if there.is_draft_order:
            self._make_total_as_agreed(there)
            there = self._converted(there)
        return there

    def _draft(self) -> MedusaOrder:
        body = draft_body(self._order, self._saga.channel)
        try:
            return self._standing(self._saga.write("PUT", self._path, body, READ_OF_REF))
        except Refused as refusal:
            if refusal.code == OUT_OF_STOCK:
                raise self._what_is_missing() from refusal
            if refusal.code != CONFLICT:
                raise
        return self._after_conflict()

    def _after_conflict(self) -> MedusaOrder:
        """Somebody was first: with this ref, or with its cart."""
        there = self._read()
        if there.order or there.cancelled:
            return self._standing(there)
        since = (self._order.received_at - A_WEEK).isoformat()
        page = self._saga.read("fallback/orders", READ_LIST, {"cart_id": self._order.cart_id, "since": since})
        for rival in page.orders:
            if not rival.cancelled:
                raise CartAlreadyOrdered(rival.as_told())
        raise TryAgain("the cart is being ordered in the shop at this moment")

    def _standing(self, there: OfRef) -> MedusaOrder:
        """What was cancelled while it was being placed does not stand."""
        if there.cancelled:
            if there.order and not there.order.cancelled:
                self._saga.remove(there.order)
            raise Refused("cancelled", f"{self._order.ref} was cancelled in the shop")
        if there.order is None:
            raise OutcomeUnknown("the draft was removed while the order was being placed")
        return there.order

    def _make_total_as_agreed(self, draft: MedusaOrder) -> None:
        """Any difference but discounts is no order of ours."""
        agreed = self._order.payment.amount
        if draft.agreed_total > agreed and self._order.discounts and not draft.credit_lines:
            self._saga.write("POST", f"orders/{draft.id}/credit-lines", credit_body(self._order, draft.total))
            draft = self._standing(self._read())
        if draft.agreed_total != agreed and draft.is_draft_order:
            self._saga.remove(draft)
            there = Money(draft.agreed_total, draft.currency)
            raise Refused("price_changed", f"Medusa makes it {there}, and {self._order.total} was agreed")

    def _converted(self, draft: MedusaOrder) -> MedusaOrder:
        refusal = None
        try:
            self._saga.write("POST", f"draft-orders/{draft.id}/convert-to-order")
        except Refused as refused:
            refusal = refused
        there = self._standing(self._read())
        if not there.is_draft_order:
            return there
        if refusal and refusal.code == OUT_OF_STOCK:
            self._saga.remove(there)
            raise self._what_is_missing()
        raise OutcomeUnknown(f"the draft did not become an order: {refusal or 'Medusa gives no reason'}")

    def _what_is_missing(self) -> Refused:
        """Medusa does not say which product it has not enough of."""
        skus = {f"sku[{index}]": line.sku for index, line in enumerate(self._order.lines)}
        query = {"fields": "sku,inventory_quantity,manage_inventory,allow_backorder", **skus}
        variants = self._saga.read("product-variants", READ_ANYTHING, query)["variants"]
        counted = {
            v["sku"]: v["inventory_quantity"] for v in variants if v["manage_inventory"] and not v["allow_backorder"]
        }
        wanted = {sku: sum(line.quantity for line in self._order.lines if line.sku == sku) for sku in counted}
        short = [f"{sku}: {counted[sku]} available" for sku in counted if counted[sku] < wanted[sku]]
        return Refused("out_of_stock", "; ".join(short or sorted(counted)))

    def _read(self) -> OfRef:
        return self._saga.read(self._path, READ_OF_REF)

    @property
    def _path(self) -> str:
        return of_ref(self._order.ref)
