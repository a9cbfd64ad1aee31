"""Placing an order in Vendure: a draft with its lines, which then becomes an order.

Both calls are the plugin's, each one transaction that locks the ref: the draft claims ref and cart, and the order has
whose it is, where to, the agreed total and its payment. Vendure has calls for each of these steps, but two workers who
make them at once undo each other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.primary import CartAlreadyOrdered
from fallback.primaries.graphql import Documents, shaped
from fallback.primaries.vendure.answers import Answer
from fallback.primaries.vendure.bodies import draft_input, place_input
from fallback.primaries.vendure.documents import DRAFT, PLACE
from fallback.primaries.vendure.session import Overtaken
from fallback.primaries.vendure.shapes import VendureOrder

# How often somebody may come between before the order waits for its next attempt.
ROUNDS = 5


class Placing:
    """One order's way into the shop. It begins with whatever of it is there."""

    def __init__(self, saga: Documents, order: Order) -> None:
        self._saga, self._order = saga, order

    def placed(self) -> VendureOrder:
        for _ in range(ROUNDS):
            try:
                return self._once()
            except Overtaken:  # if the order was cancelled, the next round hears of it
                continue
        raise OutcomeUnknown("the draft was changed again and again while the order was being placed")

    def _once(self) -> VendureOrder:
        there = self._answered(DRAFT, "fallbackDraft", draft_input(self._order))
        if there.half_made:
            there = self._answered(PLACE, "fallbackPlace", place_input(self._order))
        return there

    def _answered(self, document: str, name: str, input: Mapping[str, Any]) -> VendureOrder:
        answer = shaped(self._saga.write(document, {"input": input})[name], Answer)
        if answer.refusal == "cart_already_ordered" and answer.order:
            raise CartAlreadyOrdered(answer.order.as_told())
        if answer.refusal:
            raise Refused(answer.refusal, answer.detail or "")
        if answer.order is None:
            raise Overtaken
        return answer.order
