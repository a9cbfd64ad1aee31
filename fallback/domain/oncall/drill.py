"""The drill: an order of our own goes the whole way in standby, so that the line works on the day it is needed.

A small machine over one record. Each look at its order takes it one step on, and who looks after a crash goes on from
what is recorded. It fails when a step takes too long or nobody but a person could go on; what it left is undone then.
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

# Who acts in the timelines of its orders.
DRILL = "drill"
# A step takes seconds while all is well; a few tries and a worker that starts again are within this time.
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


# The line of the timeline that says it.
_SAID_BY = {
    "received": DrillStep.ACCEPTED,
    "authorized": DrillStep.AUTHORIZED,
    "placed": DrillStep.PLACED,
    "verified": DrillStep.READ_BACK,
    "captured": DrillStep.CAPTURED,
    "cancelled": DrillStep.CANCELLED,
    "refunded": DrillStep.REFUNDED,
}
# A settled order is not over yet: here it has to be cancelled too.
UNDONE = ENDED - {Headline.SETTLED}
# Without a test key of the payment provider nothing is paid, and what is not paid is not placed.
UNPAID = (DrillStep.ACCEPTED, DrillStep.CANCELLED)


class DrillOutcome(StrEnum):
    """`interrupted`: an outage came between; that says nothing about the line."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Reached(Struct, frozen=True):
    step: DrillStep
    at: datetime


class Drill(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`id` is its cart's and its idempotency key. `paid`: a card goes with it. `card`: that which was made for it.

    `left`: it is over, and what it left is not undone yet.
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
    """Nothing was begun; the text says why and what to do."""


class Drills(Protocol):
    """The last drills. Each call may raise TryAgain."""

    def newest(self) -> list[Drill]:
        """Newest first."""

    def begin(self, drill: Drill) -> None:
        """Raises CannotDrill while another is running."""

    def keep(self, drill: Drill, instead_of: Drill) -> None:
        """Raises Conflict unless that is how it stands."""


class FrontDoor(Protocol):
    """Where customers come in: PUBLIC_URL, with all that stands in front of us."""

    def order(self, body: bytes, key: str) -> str:
        """POST /v1/orders; the ref. Raises TryAgain, OutcomeUnknown or Refused."""


# Makes a card of the payment provider's test mode. Raises TryAgain.
TestCard = Callable[[], str]


def begin(who: str, paid: bool, now: datetime) -> Drill:
    return Drill(id=f"drill-{token_hex(8)}", began=now, who=who, paid=paid)


def last_result(drills: Sequence[Drill]) -> Drill | None:
    """The newest that says something about the line."""
    return next((drill for drill in drills if drill.outcome in (DrillOutcome.PASSED, DrillOutcome.FAILED)), None)


def is_due(drills: Sequence[Drill], every: timedelta, now: datetime) -> bool:
    """Not while one is running. One that an outage interrupted is made up for once that is over."""
    if any(drill.outcome is DrillOutcome.RUNNING for drill in drills):
        return False
    done = [drill.began for drill in drills if drill.outcome is not DrillOutcome.INTERRUPTED]
    return not done or now - done[0] >= every


def is_late(drill: Drill, now: datetime) -> bool:
    since = drill.steps[-1].at if drill.steps else drill.began
    return drill.outcome is DrillOutcome.RUNNING and now - since > STEP_TAKES


def to_be_cancelled(drill: Drill, order: Order) -> bool:
    """Once it has come as far as it goes, or when it is over before that."""
    if order.cancel_asked or order.placement.state in GIVEN_UP or headline(order) in UNDONE:
        return False
    return drill.next in (DrillStep.CANCELLED, None) or drill.outcome is not DrillOutcome.RUNNING


def looked_at(drill: Drill, order: Order, timeline: Sequence[Event], standby: bool, now: datetime) -> Drill:
    """What its order says of it now. An outcome stays; later only what it left is looked after."""
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
        what = f"The shop cannot cancel: cancel {number} there, then run: fallback orders release {order.ref} by_hand"
        return ended(drill, DrillOutcome.PASSED, now, what, left=True)
    if trouble := _trouble(order, over):
        return ended(drill, DrillOutcome.FAILED, now, trouble, left=not over)
    return given_up(drill, now, left=not over) if is_late(drill, now) else drill


def given_up(drill: Drill, now: datetime, said: str = "", left: bool = False) -> Drill:
    """It waited too long for its next step. `said`: what the other side said of it."""
    what = f"Not {_words(drill.next or DrillStep.REFUNDED)} within {STEP_TAKES.total_seconds():.0f} s"
    return ended(drill, DrillOutcome.FAILED, now, f"{what}: {said}." if said else f"{what}.", left)


def expecting(drill: Drill, now: datetime) -> Drill:
    """Its order was sent, and may come in although nobody heard so: it must not be left to the shop."""
    return structs.replace(drill, left=drill.ended is not None and now - drill.ended < STEP_TAKES)


def ended(drill: Drill, outcome: DrillOutcome, now: datetime, why: str = "", left: bool = False) -> Drill:
    return structs.replace(drill, outcome=outcome, ended=now, why=why, left=left)


def _reached(timeline: Sequence[Event]) -> tuple[Reached, ...]:
    return tuple(Reached(_SAID_BY[event.what], event.at) for event in timeline if event.what in _SAID_BY)


def _is_cancelled_by_hand(drill: Drill, order: Order) -> bool:
    """The line works as far as it goes: what the shop does not serve, a person does there."""
    return drill.next is DrillStep.CANCELLED and any(hold.code is HoldCode.BY_HAND for hold in order.holds)


def _trouble(order: Order, over: bool) -> str:
    """What only a person could mend; empty if there is nothing of the kind."""
    if order.holds:
        return f"It was put on hold: {', '.join(hold.code for hold in order.holds)}."
    if order.payment.state is PaymentState.ACTION_REQUIRED:
        code = order.payment.decline.code if order.payment.decline else "the bank asks for the customer"
        return f"The test card was not taken: {code}."
    return f"It ended as {headline(order)} before its time." if over else ""


def _words(step: DrillStep) -> str:
    return step.replace("_", " ")
