"""Hand an order to the primary exactly once: look for it and for rivals, place, read back, capture."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import Call, Order, PlacementState, Queue
from fallback.domain.payment.gateway import GatewayOf
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import Duplicates, Health


def reconcile_order(
    ref: str,
    health: Health,
    *,
    ledger: Ledger,
    gateway_of: GatewayOf,
    payments: PaymentAttempts,
    placements: PlacementAttempts,
    clock: Clock,
) -> None:
    """Take the order as far as it goes now. `health` is what the primary said of itself at the start of the shift.

    Raises Conflict if somebody else wrote in the meantime; the order is due again then, as they left it.
    """

    def left(order: Order, *states: PlacementState) -> bool:
        return order.placement.state in states and step_due(order, Queue.PLACEMENT, clock()) is Step.RECONCILE

    order = ledger.load(ref)
    if left(order, PlacementState.PLACING, PlacementState.UNKNOWN):
        order = placements.ask_what_became_of_it(order)
    if left(order, PlacementState.HELD):
        order = placements.look_for_rivals(order, health.can)
    if left(order, PlacementState.HELD) and health.duplicates is Duplicates.NONE and not order.released:
        order = placements.hold(order, HoldCode.DUPLICATES_UNGUARDED)
    if left(order, PlacementState.HELD):
        order = placements.place(order, health.can)
    # Also when it was read back before, and only the capture is left: people at the shop write there meanwhile.
    if left(order, PlacementState.PLACED, PlacementState.VERIFIED):
        order = placements.read_back(order)
    intent = order.payment.intent
    if intent and left(order, PlacementState.VERIFIED):
        payments.make(order, Call.CAPTURE, lambda key: gateway_of(order).capture(intent, order.total, key))
