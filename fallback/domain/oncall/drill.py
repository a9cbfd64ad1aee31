"""The drill: an order of our own goes through the whole order pipeline in standby, to show that it works.

A small state machine over one record. Each look at its order advances it by one step, and after a crash any process
continues from the record. It fails if a step takes too long or only a person could continue; what it left is then
undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex
from typing import Protocol

from msgspec import Struct, structs

from fallback.domain.errors import FallbackError
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import ENDED, GIVEN_UP, Headline, headline
from fallback.domain.order.order import Event, Order, PaymentState

# The actor in the timelines of its orders.
DRILL = "drill"
# A step takes seconds normally; this includes a few retries and the restart of a worker.
STEP_TAKES = timedelta(minutes=2)


NO_STANDBY = "The mode is no longer standby."


class DrillStep(StrEnum):
    ACCEPTED = "accepted"
    AUTHORIZED = "authorized"
    PLACED = "placed"
    READ_BACK = "read_back"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


# The timeline event that proves each step.
_SAID_BY = {
    "received": DrillStep.ACCEPTED,
    "authorized": DrillStep.AUTHORIZED,
    "placed": DrillStep.PLACED,
    "verified": DrillStep.READ_BACK,
    "captured": DrillStep.CAPTURED,
    "cancelled": DrillStep.CANCELLED,
    "refunded": DrillStep.REFUNDED,
}
# A settled order is not over yet: a drill has to cancel it too.
UNDONE = ENDED - {Headline.SETTLED}
AT_THE_SHOP = frozenset({DrillStep.PLACED, DrillStep.READ_BACK, DrillStep.CANCELLED})
# Without a test key of the payment provider nothing is paid, and an unpaid order is not placed.
UNPAID = (DrillStep.ACCEPTED, DrillStep.CANCELLED)


class DrillOutcome(StrEnum):
    """`interrupted`: an outage came in between; that says nothing about the order pipeline."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Reached(Struct, frozen=True):
    step: DrillStep
    at: datetime


class Drill(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`id` is also its cart's id and its idempotency key. `paid`: a card is sent with it. `card`: the card made for it.

    `why`: of its outcome; while it runs, why it has not gone on yet. `left`: it is over, but its order is not cancelled
    yet.
    """

    id: str
    began: datetime
    who: str
    paid: bool = True
    card: str = ""
    ref: str = ""
    steps: tuple[Reached, ...] = ()
    outcome: DrillOutcome = DrillOutcome.RUNNING
    why: str = ""
    ended: datetime | None = None
    left: bool = False

    @property
    def plan(self) -> tuple[DrillStep, ...]:
        return tuple(DrillStep) if self.paid else UNPAID

    @property
    def not_exercised(self) -> tuple[DrillStep, ...]:
        return tuple(step for step in DrillStep if step not in self.plan)

    @property
    def next(self) -> DrillStep | None:
        done = {reached.step for reached in self.steps}
        return next((step for step in self.plan if step not in done), None)

    @property
    def goes_on(self) -> bool:
        return self.outcome is DrillOutcome.RUNNING or self.left


class CannotDrill(FallbackError):
    """No drill was begun; the text says why and what to do."""


class Drills(Protocol):
    """The last drills. Each call may raise TryAgain."""

    def newest(self) -> list[Drill]:
        """Newest first."""

    def begin(self, drill: Drill) -> None:
        """Raises CannotDrill while another is running."""

    def keep(self, drill: Drill, instead_of: Drill) -> None:
        """Raises Conflict unless `instead_of` is the present state."""


class FrontDoor(Protocol):
    """The customers' entrance: PUBLIC_URL, with every proxy in front of us."""

    def order(self, body: bytes, key: str) -> str:
        """POST /v1/orders; returns the ref. Raises TryAgain, OutcomeUnknown or Refused."""


# Makes a card of the payment provider's test mode. Raises TryAgain.
TestCard = Callable[[], str]


def begin(who: str, paid: bool, now: datetime) -> Drill:
    return Drill(id=f"drill-{token_hex(8)}", began=now, who=who, paid=paid)


def last_result(drills: Sequence[Drill]) -> Drill | None:
    """The newest that says something about the order pipeline."""
    return next((drill for drill in drills if drill.outcome in (DrillOutcome.PASSED, DrillOutcome.FAILED)), None)


def is_due(drills: Sequence[Drill], every: timedelta, now: datetime) -> bool:
    """Not while one is running. A drill that an outage interrupted is repeated once the outage is over."""
    if any(drill.outcome is DrillOutcome.RUNNING for drill in drills):
        return False
    done = [drill.began for drill in drills if drill.outcome is not DrillOutcome.INTERRUPTED]
    return not done or now - done[0] >= every


def is_late(drill: Drill, now: datetime) -> bool:
    since = drill.steps[-1].at if drill.steps else drill.began
    return drill.outcome is DrillOutcome.RUNNING and now - since > STEP_TAKES


def to_be_cancelled(drill: Drill, order: Order) -> bool:
    """Once the drill's order has come as far as it can, or the drill is over before that."""
    if order.cancel_asked or order.placement.state in GIVEN_UP or headline(order) in UNDONE:
        return False
    return drill.next in (DrillStep.CANCELLED, None) or drill.outcome is not DrillOutcome.RUNNING


def looked_at(
    drill: Drill,
    order: Order,
    timeline: Sequence[Event],
    standby: bool,
    now: datetime,
    ask_shop: Callable[[], str] = lambda: "",
) -> Drill:
    """Advance by what its order shows now. An outcome is final; afterwards only what the drill left is handled.

    `ask_shop`: what is the matter with it, empty if nothing is; asked when it lets a step wait too long.
    """
    over = headline(order) in UNDONE
    if drill.outcome is not DrillOutcome.RUNNING:
        return structs.replace(drill, steps=_reached(timeline), left=not over)
    drill = structs.replace(drill, steps=_reached(timeline))
    if over and drill.next is None:
        return ended(drill, DrillOutcome.PASSED, now)
    if not standby:
        return ended(drill, DrillOutcome.INTERRUPTED, now, NO_STANDBY, left=not over)
    if _is_cancelled_by_hand(drill, order):
        number = order.placement.number
        release = f"fallback orders release {order.ref} by_hand"
        what = f"The shop cannot cancel by API: cancel {number} there, then run: {release}"
        return ended(drill, DrillOutcome.PASSED, now, what, left=True)
    if trouble := _trouble(order, over):
        return ended(drill, DrillOutcome.FAILED, now, trouble, left=not over)
    return given_up(drill, now, _why(drill, order, now, ask_shop), left=not over) if is_late(drill, now) else drill


def given_up(drill: Drill, now: datetime, said: str = "", left: bool = False) -> Drill:
    """It waited too long for its next step. `said`: the error that the other side reported."""
    what = f"Not {_words(drill.next or DrillStep.REFUNDED)} within {STEP_TAKES.total_seconds():.0f} s"
    return ended(drill, DrillOutcome.FAILED, now, f"{what}: {said}." if said else f"{what}.", left)


def unreadable(drill: Drill, now: datetime, said: str) -> Drill:
    """Its order is undone once a person has restored it."""
    if drill.outcome is not DrillOutcome.RUNNING:
        return drill
    return ended(drill, DrillOutcome.FAILED, now, f"{said[:1].upper()}{said[1:].rstrip('.')}.", left=True)


def expecting(drill: Drill, now: datetime) -> Drill:
    """Its order was sent and may be accepted although no response came: it must not reach the shop and stay there."""
    return structs.replace(drill, left=drill.ended is not None and now - drill.ended < STEP_TAKES)


def ended(drill: Drill, outcome: DrillOutcome, now: datetime, why: str = "", left: bool = False) -> Drill:
    return structs.replace(drill, outcome=outcome, ended=now, why=why, left=left)


def _reached(timeline: Sequence[Event]) -> tuple[Reached, ...]:
    return tuple(Reached(_SAID_BY[event.what], event.at) for event in timeline if event.what in _SAID_BY)


def _is_cancelled_by_hand(drill: Drill, order: Order) -> bool:
    """The order pipeline works as far as it goes: a person does in the shop what the shop does not serve."""
    return drill.next is DrillStep.CANCELLED and any(hold.code is HoldCode.BY_HAND for hold in order.holds)


def _trouble(order: Order, over: bool) -> str:
    """A problem that only a person could solve; empty if there is none."""
    if order.holds:
        holds = (
            f"{hold.code} ({hold.detail})" if hold.detail not in ("", hold.code) else hold.code for hold in order.holds
        )
        return f"The order was put on hold: {', '.join(holds)}."
    if order.payment.state is PaymentState.ACTION_REQUIRED:
        code = order.payment.decline.code if order.payment.decline else "the bank asks for the customer"
        return f"The test card was declined: {code}."
    return f"The order ended early as {headline(order)}." if over else ""


def _why(drill: Drill, order: Order, now: datetime, ask_shop: Callable[[], str]) -> str:
    """What a step that is late waits for."""
    at_the_shop = drill.next in AT_THE_SHOP
    if at_the_shop and (said := ask_shop()):
        return said
    who, due_at = (
        ("the shop", order.placement.due_at) if at_the_shop else ("the payment provider", order.payment.due_at)
    )
    if due_at and due_at > now:
        return f"{who} gave no answer, and is asked again"
    return "no worker has come that far; `fallback doctor` says whether one runs"


def _words(step: DrillStep) -> str:
    return step.replace("_", " ")
