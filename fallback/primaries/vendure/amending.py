"""Changing an order in Vendure: into 'Modifying', modify it, settle the difference, and back to 'PaymentSettled'.

The number of the change is written by the same call that changes the order. So whoever goes on after a crash sees in
the order how far it came: its state, and that number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED, SHIPPED
from fallback.domain.placement.primary import NOT_FOUND, OUTDATED
from fallback.primaries.graphql import Documents
from fallback.primaries.vendure.answers import succeeded
from fallback.primaries.vendure.bodies import address_input
from fallback.primaries.vendure.documents import METHODS, MODIFY, PAY, TRANSITION, VARIANTS
from fallback.primaries.vendure.payments import settle_refunds
from fallback.primaries.vendure.reading import with_ref
from fallback.primaries.vendure.shapes import MODIFYING, MORE_TO_PAY, PAID, UNDER_CHANGE, VendureOrder

AGREED = "Agreed with the customer"
PAYMENT = "fallback-checkout"


class Amending:
    def __init__(self, saga: Documents, order: Order) -> None:
        self._saga, self._order = saga, order

    def amended(self) -> VendureOrder:
        there = self._there()
        number, last = self._order.placement.amendments, there.custom_fields.fallback_amendment or 0
        if number < last:
            raise Refused(OUTDATED, f"change {last} was made already")
        # Without a number each one is carried out.
        if number > last or not number:
            there = self._changed(there)
        return self._settled(there)

    def _there(self) -> VendureOrder:
        there = with_ref(self._saga.read, self._order.ref)
        if there is None:
            raise Refused(NOT_FOUND, self._order.ref)
        status = there.as_told().status
        if status == CANCELLED:
            raise Refused("cancelled", there.code)
        if status == SHIPPED:
            raise Refused("already_shipped", there.code)
        return there

    def _changed(self, there: VendureOrder) -> VendureOrder:
        if there.state == MORE_TO_PAY:  # what an older change cost was not settled yet
            there = self._settled(there)
        if there.state != MODIFYING:
            self._move(there, MODIFYING)
        try:
            self._modify(there)
        except Refused:
            self._move(there, PAID)
            raise
        return self._there()

    def _modify(self, there: VendureOrder) -> None:
        """Vendure says what the change would cost, and is then told what was agreed: the difference is a surcharge."""
        wanted = self._modification(there)
        cost = int(self._modified({**wanted, "dryRun": True})["totalWithTax"])
        difference = self._order.payment.amount - cost
        if difference:
            wanted["surcharges"] = [{"description": AGREED, "price": difference, "priceIncludesTax": True}]
        wanted["refunds"] = _refunds(there, there.total_with_tax - self._order.payment.amount)
        self._modified({**wanted, "dryRun": False})

    def _modified(self, input: Mapping[str, Any]) -> dict[str, Any]:
        result = self._saga.write(MODIFY, {"input": input})["modifyOrder"]
        if result.get("errorCode") == "INSUFFICIENT_STOCK_ERROR":
            skus = ", ".join(sorted({line.sku for line in self._order.lines}))
            raise Refused("out_of_stock", f"{skus}: {result['quantityAvailable']} more available of one of these")
        return succeeded(result)

    def _modification(self, there: VendureOrder) -> dict[str, Any]:
        order = self._order
        slot = order.delivery.slot.id if order.delivery.slot else None
        wanted = {
            "orderId": there.id,
            **self._lines(there),
            "updateShippingAddress": address_input(order),
            "customFields": {"fallbackSlot": slot, "fallbackAmendment": order.placement.amendments},
            # Promotions of today are not what the customer agreed to.
            "options": {"freezePromotions": True, "recalculateShipping": False},
        }
        delivery = there.as_told().delivery
        if delivery is None or delivery.id != order.delivery.id:
            wanted["shippingMethodIds"] = [_method(self._saga.read(METHODS, {"order": there.id}), order)]
        return wanted

    def _lines(self, there: VendureOrder) -> dict[str, Any]:
        wanted: Counter[tuple[str, int]] = Counter()
        for line in self._order.lines:
            wanted[line.sku, line.unit_price] += line.quantity
        adjusted = []
        for kept in there.lines:
            quantity = wanted.pop((kept.product_variant.sku, there.price(kept)), 0)
            if quantity != kept.quantity:
                adjusted.append({"orderLineId": kept.id, "quantity": quantity})
        variants = self._variants({sku for sku, _ in wanted})
        added = [
            {"productVariantId": variants[sku], "quantity": quantity, "customFields": {"fallbackPrice": price}}
            for (sku, price), quantity in wanted.items()
        ]
        return {"adjustOrderLines": adjusted, "addItems": added}

    def _variants(self, skus: set[str]) -> dict[str, str]:
        if not skus:
            return {}
        answer = self._saga.read(VARIANTS, {"options": {"filter": {"sku": {"in": sorted(skus)}}}})
        found = {each["sku"]: str(each["id"]) for each in answer["productVariants"]["items"]}
        if missing := skus - found.keys():
            raise Refused("invalid", f"{', '.join(sorted(missing))}: there is no such product variant")
        return found

    def _settled(self, there: VendureOrder) -> VendureOrder:
        """What costs more is paid, and the order stands again."""
        if there.state not in UNDER_CHANGE:
            return there
        settle_refunds(there, self._order, self._saga.write)
        if there.owed > 0:
            if there.state == MODIFYING:
                self._move(there, MORE_TO_PAY)
            payment = {
                "orderId": there.id,
                "method": PAYMENT,
                "transactionId": self._order.payment.intent,
                "metadata": {"provider": "stripe", "ref": self._order.ref},
            }
            succeeded(self._saga.write(PAY, {"input": payment})["addManualPaymentToOrder"])
        self._move(there, PAID)
        return self._there()

    def _move(self, there: VendureOrder, state: str) -> None:
        succeeded(self._saga.write(TRANSITION, {"order": there.id, "state": state})["transitionOrderToState"])


def _refunds(there: VendureOrder, less: int) -> list[dict[str, Any]]:
    """How much of each payment goes back, for an order that costs `less`."""
    refunds = []
    for payment in there.payments or ():
        amount = min(less, payment.left)
        if amount > 0:
            refunds.append({"paymentId": payment.id, "amount": amount, "reason": AGREED})
            less -= amount
    return refunds


def _method(answer: Mapping[str, Any], order: Order) -> str:
    """The shipping method whose code is the delivery's id in the cart."""
    offered = {each["code"]: str(each["id"]) for each in answer["eligibleShippingMethodsForDraftOrder"]}
    if order.delivery.id not in offered:
        words = ", ".join(offered) or "none"
        raise Refused("invalid", f"the shop does not deliver this by '{order.delivery.id}', but by: {words}")
    return offered[order.delivery.id]
