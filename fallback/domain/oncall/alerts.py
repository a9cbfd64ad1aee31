"""Alerts: what on-call engineers are notified of, when a condition begins, again while it lasts, and when it ends.

The rules read one snapshot of the whole installation; pure functions here also decide what is notified once and what is
repeated. The texts contain no customer and no order, so they may go to any chat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from msgspec import Struct

from fallback.domain.oncall.drill import Drill, DrillOutcome
from fallback.domain.order.announcements import Away
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Queue
from fallback.domain.outage.failover import Advice
from fallback.domain.outage.mode import ModeState, hands_over


class Alert(StrEnum):
    MODE_CHANGED = "mode_changed"
    SWITCH_ADVISED = "switch_advised"
    DURABILITY_LOST = "durability_lost"
    LEDGER_AWAY = "ledger_away"
    WORK_STANDS_STILL = "work_stands_still"
    ORDER_TOO_OLD = "order_too_old"
    CAPTURE_DEADLINE = "capture_deadline"
    HOLDS_PILE_UP = "holds_pile_up"
    PRIMARY_REGRESSED = "primary_regressed"
    DRILL_FAILED = "drill_failed"
    CLOCKS_DISAGREE = "clocks_disagree"
    PAYMENTS_DOUBTED = "payments_doubted"
    STANDBY_DOES_NOT_BALANCE = "standby_does_not_balance"
    EVENTS_NOT_DELIVERED = "events_not_delivered"


# The runbook of each alert, a page under ops/runbooks/.
RUNBOOKS = {
    Alert.MODE_CHANGED: "fail-over",
    Alert.SWITCH_ADVISED: "fail-over",
    Alert.DURABILITY_LOST: "redis-lost-or-full",
    Alert.LEDGER_AWAY: "redis-lost-or-full",
    Alert.WORK_STANDS_STILL: "order-stuck",
    Alert.ORDER_TOO_OLD: "drain-and-return",
    Alert.CAPTURE_DEADLINE: "drain-and-return",
    Alert.HOLDS_PILE_UP: "order-stuck",
    Alert.PRIMARY_REGRESSED: "primary-regressed",
    Alert.DRILL_FAILED: "drill-failed",
    Alert.CLOCKS_DISAGREE: "clocks-disagree",
    Alert.PAYMENTS_DOUBTED: "payments-doubted",
    Alert.STANDBY_DOES_NOT_BALANCE: "standby-does-not-balance",
    Alert.EVENTS_NOT_DELIVERED: "events-not-delivered",
}
# These cost orders or money if nobody wakes up; the others can wait until the morning.
URGENT = frozenset(
    {
        Alert.SWITCH_ADVISED,
        Alert.DURABILITY_LOST,
        Alert.LEDGER_AWAY,
        Alert.CAPTURE_DEADLINE,
        Alert.PRIMARY_REGRESSED,
    }
)

# A shift handles due work within seconds; after this time no worker is running, or the other side is down.
STANDS_STILL_AFTER = timedelta(minutes=2)
AGAIN_AFTER = timedelta(hours=1)
# Longer than a receiver of order events needs for a restart.
RECEIVER_AWAY_AFTER = timedelta(minutes=15)
# A bank takes weeks over a dispute, standby is counted once a day, and nothing else is affected meanwhile.
SLOW = {Alert.PAYMENTS_DOUBTED: timedelta(days=1), Alert.STANDBY_DOES_NOT_BALANCE: timedelta(days=1)}


class AlertLimits(Struct, frozen=True):
    """`order_age`: how long an order may wait during a drain. `holds`: how many orders may be on hold."""

    order_age: timedelta
    holds: int


class Snapshot(Struct, frozen=True):
    """The state of the whole installation at one moment.

    `advice`: a switch that the evidence calls for and that is left to a person. `not_ready`: why no order can be
    accepted safely, a sentence each. `oldest_waiting`: when the oldest order that waits for the shop was received.
    `oldest_due`: for each queue, since when its longest waiting order has been due. `drill`: the last one that passed
    or failed. `clocks_off`: computers whose clock differs from Redis', and by how many seconds it is ahead.
    `stale_webhook`: how many seconds a refused webhook of the payment provider was behind our clock. `doubted`:
    payments that are disputed, under review or suspected of fraud. `differences`: those on the last balance sheet of
    standby. `receivers_away`: receivers of order events that take none.
    """

    mode: ModeState
    advice: Advice | None
    not_ready: tuple[str, ...]
    oldest_waiting: datetime | None
    oldest_due: Mapping[Queue, datetime]
    holds: Mapping[HoldCode, int]
    drill: Drill | None = None
    clocks_off: Mapping[str, int] = {}
    stale_webhook: int | None = None
    doubted: int = 0
    differences: int = 0
    receivers_away: tuple[Away, ...] = ()


class AlertState(StrEnum):
    HAPPENED = "happened"
    BEGUN = "begun"
    STILL = "still"
    OVER = "over"


class Notification(Struct, frozen=True):
    """A message to every alert channel.

    `id` is the same for each attempt, so that a recipient can drop a repetition.
    """

    id: str
    alert: Alert
    state: AlertState
    text: str
    at: datetime

    @property
    def runbook(self) -> str:
        return RUNBOOKS[self.alert]

    @property
    def urgent(self) -> bool:
        return self.alert in URGENT


class Told(Struct, frozen=True):
    """An active alert: when it began, and the last notification about it and its time."""

    began: datetime
    said: datetime
    text: str


class Memory(Struct, frozen=True):
    """What was notified before. `mode`: the last switch that was notified; None: no snapshot so far."""

    mode: datetime | None = None
    lasting: Mapping[Alert, Told] = {}


class Raised(NamedTuple):
    notifications: tuple[Notification, ...]
    memory: Memory


class Due(NamedTuple):
    """A notification that is due for a channel. `to`: the name of the channel; `tries`: the attempts so far."""

    notification: Notification
    to: str
    tries: int


class Overview(Protocol):
    """The source of the snapshot. May raise TryAgain."""

    def see(self, now: datetime) -> Snapshot: ...


class Outbox(Protocol):
    """What was notified before, and what is still to be sent. Each call may raise TryAgain."""

    def memory(self) -> Memory: ...

    def remember(self, said: Raised, to: Sequence[str], now: datetime) -> None:
        """All or nothing: the memory, and each notification for each of the channels, due now."""

    def due(self, now: datetime, most: int) -> list[Due]:
        """Oldest first."""

    def sent(self, due: Due) -> None: ...

    def put_off(self, due: Due, until: datetime) -> Due:
        """Count one more attempt; it is due again at `until`."""


class AlertChannel(Protocol):
    """One alert channel. `name` identifies it without the secrets that its URL may contain."""

    name: str

    def tell(self, notification: Notification) -> None:
        """Raises TryAgain or Refused."""


def look(snapshot: Snapshot, memory: Memory, limits: AlertLimits, now: datetime) -> Raised:
    """What is to be notified now. `memory`: as the last call returned it."""
    notifications: list[Notification] = []
    if memory.mode is not None and snapshot.mode.since != memory.mode:
        notifications.append(_happened(snapshot.mode))
    lasting: dict[Alert, Told] = {}
    burning = dict(_rules(snapshot, limits, now))
    for alert, text in burning.items():
        before = memory.lasting.get(alert)
        if before and now - before.said < SLOW.get(alert, AGAIN_AFTER):
            lasting[alert] = before
            continue
        began = before.began if before else now
        lasting[alert] = Told(began, now, text)
        notifications.append(notification(alert, AlertState.STILL if before else AlertState.BEGUN, text, now))
    over = (alert for alert in memory.lasting if alert not in burning)
    notifications += [notification(alert, AlertState.OVER, memory.lasting[alert].text, now) for alert in over]
    return Raised(tuple(notifications), Memory(snapshot.mode.since, lasting))


def all_is_well(snapshot: Snapshot, limits: AlertLimits, now: datetime) -> bool:
    """No alert is active."""
    return all(alert in SLOW for alert, _ in _rules(snapshot, limits, now))


def notification(alert: Alert, state: AlertState, text: str, now: datetime) -> Notification:
    return Notification(f"{alert}.{state}.{now:%Y%m%dT%H%M%S%f}", alert, state, text, now)


def _happened(mode: ModeState) -> Notification:
    text = f"The mode is {mode.mode} since {mode.since:%H:%M:%S} UTC, by {mode.who}: {mode.reason}"
    return notification(Alert.MODE_CHANGED, AlertState.HAPPENED, text, mode.since)


def _rules(snapshot: Snapshot, limits: AlertLimits, now: datetime) -> Iterator[tuple[Alert, str]]:
    """The active conditions, each with a sentence."""
    if snapshot.advice:
        yield Alert.SWITCH_ADVISED, f"Recommended mode: {snapshot.advice.mode}. {snapshot.advice.sentence}"
    if snapshot.not_ready:
        yield Alert.DURABILITY_LOST, f"No orders are accepted. {' '.join(snapshot.not_ready)}"
    # Orders that wait for their turn in the drain have a rule of their own.
    idle = [
        f"{queue} since {since:%H:%M:%S} UTC"
        for queue, since in snapshot.oldest_due.items()
        if queue is not Queue.PLACEMENT and now - since > STANDS_STILL_AFTER
    ]
    if idle:
        yield Alert.WORK_STANDS_STILL, f"Due work is not processed: {', '.join(idle)}."
    waits = snapshot.oldest_waiting
    if waits and hands_over(snapshot.mode.mode) and now - waits > limits.order_age:
        yield Alert.ORDER_TOO_OLD, f"The oldest order has waited for the shop since {waits:%d %b %H:%M} UTC."
    if expiring := snapshot.holds.get(HoldCode.PAYMENT_EXPIRING):
        yield Alert.CAPTURE_DEADLINE, f"Authorizations that expire soon and are not captured: {expiring}."
    if lost := snapshot.holds.get(HoldCode.PRIMARY_REGRESSED):
        yield Alert.PRIMARY_REGRESSED, f"Orders that the shop confirmed and then lost: {lost}."
    if (held := sum(snapshot.holds.values())) >= limits.holds:
        yield Alert.HOLDS_PILE_UP, f"Orders on hold: {held}; the limit is {limits.holds}."
    if snapshot.drill and snapshot.drill.outcome is DrillOutcome.FAILED:
        yield Alert.DRILL_FAILED, f"The drill of {snapshot.drill.began:%d %b %H:%M} UTC failed. {snapshot.drill.why}"
    if snapshot.doubted:
        yield (
            Alert.PAYMENTS_DOUBTED,
            f"Payments disputed, under review or suspected of fraud: {snapshot.doubted}.",
        )
    if snapshot.differences:
        yield (
            Alert.STANDBY_DOES_NOT_BALANCE,
            f"Orders in standby do not balance. Differences on the last balance sheet: {snapshot.differences}.",
        )
    if away := [each for each in snapshot.receivers_away if now - each.since > RECEIVER_AWAY_AFTER]:
        said = " ".join(f"{each.host} takes none since {each.since:%d %b %H:%M} UTC: {each.why}." for each in away)
        yield Alert.EVENTS_NOT_DELIVERED, f"Events of orders are not delivered. {said}"
    if off := clocks(snapshot):
        yield Alert.CLOCKS_DISAGREE, " ".join(off)


def clocks(snapshot: Snapshot) -> list[str]:
    """Problems with clocks, a sentence each."""
    said = [f"The clock of {host} is {_apart(ahead)} Redis'." for host, ahead in sorted(snapshot.clocks_off.items())]
    if said:
        said.append("Redis' clock decides what is due; a host whose clock differs erases and ends nothing.")
    if snapshot.stale_webhook is not None:
        apart = _apart(-snapshot.stale_webhook)
        said.append(f"Webhooks of the payment provider are refused: their signature time is {apart} our clock.")
    return said


def _apart(ahead: int) -> str:
    return f"{abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'}"
