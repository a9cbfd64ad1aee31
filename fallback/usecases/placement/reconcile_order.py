"""Hand an order over to the primary exactly once: look for it and for rivals, place, read back, capture."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Call, Order, PlacementState, Queue
from fallback.domain.payment.gateway import GatewayOf
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import Duplicates, Health
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def payment_attempts(self) -> PaymentAttempts: ...

    @property
    def placement_attempts(self) -> PlacementAttempts: ...

    @property
    def watched_gateway_of(self) -> GatewayOf: ...


def reconcile_order(deps: Deps, order: Order, health: Health) -> None:
    """Take the order as far as it goes now. `health` is what the primary reported at the start of the shift.

    Raises Conflict if another write came in the meantime; the order is due again then, with what was written.
    """

    def left(order: Order, *states: PlacementState) -> bool:
        return order.placement.state in states and step_due(order, Queue.PLACEMENT, deps.clock()) is Step.RECONCILE

    if left(order, PlacementState.PLACING, PlacementState.UNKNOWN):
        order = deps.placement_attempts.ask_what_became_of_it(order)
    if left(order, PlacementState.WAITING):
        order = deps.placement_attempts.look_for_rivals(order, health.can)
    if left(order, PlacementState.WAITING) and health.duplicates is Duplicates.NONE and not order.released:
        order = deps.placement_attempts.hold(order, HoldCode.DUPLICATES_UNGUARDED)
    if left(order, PlacementState.WAITING):
        order = deps.placement_attempts.place(order, health.can)
    # Also if it was read back before and only the capture is left: people at the shop may have changed it meanwhile.
    if left(order, PlacementState.PLACED, PlacementState.VERIFIED):
        order = deps.placement_attempts.read_back(order)
    intent = order.payment.intent
    if intent and left(order, PlacementState.VERIFIED):
        deps.payment_attempts.make(
            order, Call.CAPTURE, lambda key: deps.watched_gateway_of(order).capture(intent, order.total, key)
        )
