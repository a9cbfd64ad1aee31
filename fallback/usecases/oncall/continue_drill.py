"""Advance a drill by one step from its recorded state: the process that did it before may have died at any point."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from fallback.domain.clock import Clock
from fallback.domain.errors import Damaged, OutcomeUnknown, Refused, TryAgain, UnknownOrder
from fallback.domain.oncall.drill import (
    DRILL,
    NO_STANDBY,
    Drill,
    DrillOutcome,
    Drills,
    FrontDoor,
    TestCard,
    ended,
    expecting,
    given_up,
    is_late,
    looked_at,
    to_be_cancelled,
    unreadable,
)
from fallback.domain.oncall.drill_cart import DrillOrder
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.record import record
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.ports import Modes
from fallback.domain.placement import placement
from fallback.domain.placement.primary import Primary
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def drill_card(self) -> TestCard: ...

    @property
    def drill_order(self) -> DrillOrder | None: ...

    @property
    def drills(self) -> Drills: ...

    @property
    def front_door(self) -> FrontDoor: ...

    @property
    def modes(self) -> Modes: ...

    @property
    def primary(self) -> Primary: ...


def continue_drill(deps: Deps, drill: Drill) -> Drill:
    """The drill afterwards. Raises Conflict if another process advanced it, and TryAgain while the ledger is away."""
    now, standby = deps.clock(), deps.modes.read().mode is Mode.STANDBY
    ref = drill.ref or deps.ledger.ref_of_cart(drill.id)
    if ref:
        after = _followed(replace(drill, ref=ref), standby, deps.ledger, deps.primary, deps.clock)
    elif drill.outcome is not DrillOutcome.RUNNING:
        after = expecting(drill, now)
    elif not standby:
        after = ended(drill, DrillOutcome.INTERRUPTED, now, NO_STANDBY, left=True)
    else:
        after = _sent(drill, deps.drill_order, deps.drill_card, deps.front_door, now)
    if after != drill:
        deps.drills.keep(after, instead_of=drill)
    return after


def _sent(drill: Drill, buys: DrillOrder | None, test_card: TestCard, front_door: FrontDoor, now: datetime) -> Drill:
    """Records the card before it sends the order: after a crash it sends the same body and gets the same response."""
    if buys is None:
        return ended(drill, DrillOutcome.FAILED, now, "FALLBACK_DRILL_CART is no longer set.")
    try:
        if drill.paid and not drill.card:
            return replace(drill, card=test_card())
        return replace(drill, ref=front_door.order(buys.body(drill.id, drill.began, drill.card), drill.id), why="")
    except Refused as error:
        return ended(drill, DrillOutcome.FAILED, now, f"The order was refused: {error.code} ({error}).")
    except (TryAgain, OutcomeUnknown) as error:
        said = str(error)
        return given_up(drill, now, said, left=True) if is_late(drill, now) else replace(drill, why=said)


def _followed(drill: Drill, standby: bool, ledger: Ledger, primary: Primary, clock: Clock) -> Drill:
    try:
        order = ledger.load(drill.ref)
        if to_be_cancelled(drill, order):
            order = record(ledger, order, lambda order: placement.ask_to_cancel(order, clock(), DRILL))
        timeline = ledger.timeline(drill.ref)
    except UnknownOrder:
        return ended(drill, DrillOutcome.FAILED, clock(), "The ledger has lost the drill's order.")
    except Damaged as error:
        return unreadable(drill, clock(), str(error))
    return looked_at(drill, order, timeline, standby, clock(), lambda: _matter_with(primary))


def _matter_with(primary: Primary) -> str:
    try:
        primary.health()
    except (TryAgain, OutcomeUnknown, Refused) as error:
        return str(error)
    return ""
