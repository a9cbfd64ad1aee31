"""Changing an order in Medusa: lines and delivery by one order edit, confirmed at the agreed total; then the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from fallback.domain.errors import Refused
from fallback.domain.money import Money
from fallback.domain.order.cart import Line
from fallback.domain.order.order import Order
from fallback.domain.placement.primary import NOT_FOUND, OUTDATED
from fallback.primaries.amounts import major, minor
from fallback.primaries.medusa.admin import OUT_OF_STOCK, READ_ANYTHING, READ_OF_REF, READ_PREVIEW, Requests, of_ref
from fallback.primaries.medusa.bodies import address_body, credit_body, delivery_body, noted
from fallback.primaries.medusa.shapes import Item, MedusaOrder
from fallback.primaries.people import known_customer

# Marks an edit as ours, which a later attempt may throw away; one that an agent has open is theirs.
MARK = "Fallback Checkout"


class Amending:
    """One change. Each step sets what shall be, so after a crash or a lost answer all of them may be done again."""

    def __init__(self, saga: Requests, order: Order, names: Collection[str]) -> None:
        self._saga, self._order, self._names = saga, order, names

    def amended(self) -> MedusaOrder:
        there = self._changeable()
        number, last = self._order.placement.amendments, there.amendment
        if number and number < last:
            raise Refused(OUTDATED, f"change {last} came before {number}")
        if number and number == last:
            return there
        if {"lines", "delivery", "total"} & set(self._names) and self._differs(there):
            self._edit(there)
        self._saga.write("POST", f"orders/{there.id}", self._details(there))
        return self._changeable()

    def _changeable(self) -> MedusaOrder:
        there = self._saga.read(of_ref(self._order.ref), READ_OF_REF).order
        if there is None or there.is_draft_order:
            raise Refused(NOT_FOUND, self._order.ref)
        if there.cancelled:
            raise Refused("cancelled", str(there.display_id))
        if there.shipped:
            raise Refused("already_shipped", str(there.display_id))
        return there

    def _differs(self, there: MedusaOrder) -> bool:
        changes = self._lines_to_change(there) != ({}, []) or self._delivery_differs(there)
        return changes or there.agreed_total != self._order.payment.amount

    def _delivery_differs(self, there: MedusaOrder) -> bool:
        wanted = (self._order.delivery.id, self._order.delivery.price)
        return [(each.shipping_option_id, minor(each.amount, there.currency)) for each in there.shipping_methods] != [
            wanted
        ]

    def _lines_to_change(self, there: MedusaOrder) -> tuple[dict[str, tuple[int, int]], list[Line]]:
        """By the id of each item that is to change: its quantity and price; and the lines that are new."""
        items = {item.id: item for item in there.items}
        change: dict[str, tuple[int, int]] = {}
        new: list[Line] = []
        for line in self._order.lines:
            same = [item for item in items.values() if item.variant_sku == line.sku]
            same.sort(key=lambda item: minor(item.unit_price, there.currency) != line.unit_price)
            if not same:
                new.append(line)
                continue
            del items[same[0].id]
            if _as_told(same[0], there) != (line.quantity, line.unit_price):
                change[same[0].id] = (line.quantity, line.unit_price)
        return change | {id: (0, minor(item.unit_price, there.currency)) for id, item in items.items()}, new

    def _edit(self, there: MedusaOrder) -> None:
        self._begin(there)
        change, new = self._lines_to_change(there)
        edit, preview = f"order-edits/{there.id}", there.total
        for id, (quantity, price) in change.items():
            body = {"quantity": quantity, "unit_price": self._major(price)}
            preview = self._previewed("POST", f"{edit}/items/item/{id}", body)
        if new:
            variants = self._variants(new)
            items = [
                {
                    "variant_id": variants[line.sku],
                    "quantity": line.quantity,
                    "unit_price": self._major(line.unit_price),
                }
                for line in new
            ]
            preview = self._previewed("POST", f"{edit}/items", {"items": items})
        if self._delivery_differs(there):
            preview = self._previewed("PUT", f"{of_ref(self._order.ref)}/edit/delivery", delivery_body(self._order))
        self._confirm(there, preview)

    def _begin(self, there: MedusaOrder) -> None:
        fields = {"fields": "id,status,change_type,internal_note"}
        changes = self._saga.read(f"orders/{there.id}/changes", READ_ANYTHING, fields)
        for change in changes["order_changes"]:
            if change["status"] not in ("pending", "requested"):
                continue
            if change["internal_note"] != MARK:
                raise Refused("edit_open", f"{there.display_id}: an edit is open in Medusa; confirm or cancel it first")
            self._saga.write("DELETE", f"{of_ref(self._order.ref)}/edit")
        self._saga.write("POST", "order-edits", {"order_id": there.id, "internal_note": MARK})

    def _previewed(self, method: str, path: str, body: Mapping[str, Any]) -> Decimal:
        try:
            return self._saga.write(method, path, body, READ_PREVIEW).order_preview.total
        except Refused as refusal:
            if refusal.code == OUT_OF_STOCK:
                raise Refused("out_of_stock", refusal.args[0]) from refusal
            raise

    def _confirm(self, there: MedusaOrder, preview: Decimal) -> None:
        """A discount may be another one now. Any other difference is no change of ours."""
        returned, agreed = there.before_refunds - there.total, self._order.payment.amount
        if minor(preview + returned, there.currency) != agreed and (self._order.discounts or there.discounted):
            path = f"{of_ref(self._order.ref)}/edit/discount"
            preview = self._previewed("PUT", path, credit_body(self._order, preview + returned))
        if minor(preview + returned, there.currency) != agreed:
            self._saga.write("DELETE", f"{of_ref(self._order.ref)}/edit")
            makes = Money(minor(preview + returned, there.currency), there.currency)
            raise Refused("price_changed", f"Medusa makes it {makes}, and {self._order.total} was agreed")
        self._saga.write("POST", f"order-edits/{there.id}/confirm", {})

    def _variants(self, lines: Collection[Line]) -> dict[str, str]:
        skus = {f"sku[{index}]": line.sku for index, line in enumerate(lines)}
        found = self._saga.read("product-variants", READ_ANYTHING, {"fields": "id,sku", **skus})["variants"]
        variants = {each["sku"]: each["id"] for each in found}
        for line in lines:
            if line.sku not in variants:
                raise Refused("invalid", f"No product has the SKU {line.sku}")
        return variants

    def _details(self, there: MedusaOrder) -> dict[str, Any]:
        """Address, contact details and what we note, with the number of the change: that it was made whole."""
        customer = known_customer(self._order)
        address = address_body(customer, customer.address)
        phone = address.pop("phone")
        somewhere = customer.address.somewhere
        kept = noted(self._order) if {"delivery", "contact"} & set(self._names) else {}
        body: dict[str, Any] = {
            "metadata": there.known
            | kept
            | {"fallback_amendment": max(self._order.placement.amendments, there.amendment)}
        }
        if "shipping_address" in self._names and somewhere:
            body["shipping_address"] = address
        if "contact" in self._names:
            body["email"] = customer.email
        if "contact" in self._names and somewhere:
            body["shipping_address"] = body.get("shipping_address", {}) | {"phone": phone}
        return body

    def _major(self, amount: int) -> Decimal:
        return major(amount, self._order.currency)


def _as_told(item: Item, there: MedusaOrder) -> tuple[int, int]:
    return int(item.quantity), minor(item.unit_price, there.currency)
