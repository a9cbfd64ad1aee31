"""Placing an order in Vendure: a draft with its lines, which then becomes an order.

Both calls are the plugin's, each one transaction that locks the ref: the draft claims ref and cart, and the order has
whose it is, where to, the agreed total and its payment. Vendure has calls for each of these steps, but two workers who
make them at once undo each other's.
"""

from __future__ import annotations

from fallback.domain.errors import OutcomeUnknown
from fallback.domain.order.order import Order
from fallback.primaries.graphql import Documents, shaped
from fallback.primaries.vendure.answers import Answer
from fallback.primaries.vendure.bodies import draft_input, place_input
from fallback.primaries.vendure.documents import DRAFT, PLACE
from fallback.primaries.vendure.session import Overtaken
from fallback.primaries.vendure.shapes import VendureOrder

# How often somebody may come between before the order waits for its next attempt.
ROUNDS = 5


def placed(saga: Documents, order: Order) -> VendureOrder:
    """It begins with whatever of the order is there."""
    for _ in range(ROUNDS):
        try:
            there = shaped(saga.write(DRAFT, {"input": draft_input(order)})["fallbackDraft"], Answer).there()
            if there.half_made:
                there = shaped(saga.write(PLACE, {"input": place_input(order)})["fallbackPlace"], Answer).there()
        except Overtaken:  # if the order was cancelled, the next round hears of it
            continue
        return there
    raise OutcomeUnknown("the draft was changed again and again while the order was being placed")
