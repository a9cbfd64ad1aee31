"""Alerts: what on-call engineers are notified of, when a condition begins, again while it lasts, and when it ends.

The rules read one snapshot of the whole installation; pure functions here also decide what is notified once and what is
repeated. The texts contain no customer and no order, so they may go to any chat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from msgspec import Struct

from fallback.domain.checkout.journal import JournalSign
from fallback.domain.oncall.drill import Drill
from fallback.domain.order.announcements import Away
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Queue
from fallback.domain.outage.failover import Advice
from fallback.domain.outage.mode import ModeState


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
    JOURNAL_WAITS = "journal_waits"
    ORDERS_DAMAGED = "orders_damaged"


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
    Alert.JOURNAL_WAITS: "journal",
    Alert.ORDERS_DAMAGED: "orders-damaged",
}
# These cost orders or money if nobody wakes up; the others can wait until the morning.
URGENT = frozenset(
    {
        Alert.SWITCH_ADVISED,
        Alert.DURABILITY_LOST,
        Alert.LEDGER_AWAY,
        Alert.JOURNAL_WAITS,
        Alert.CAPTURE_DEADLINE,
        Alert.PRIMARY_REGRESSED,
    }
)


class AlertLimits(Struct, frozen=True):
    """`order_age`: how long an order may wait during a drain. `holds`: how many orders may be on hold.

    `unanswered`: how long an urgent alert may go without an acknowledgement before it is escalated; None: for good.
    """

    order_age: timedelta
    holds: int
    unanswered: timedelta | None = None


class Snapshot(Struct, frozen=True):
    """The state of the whole installation at one moment.

    `advice`: a switch that the evidence calls for and that is left to a person. `not_ready`: why no order can be
    accepted safely, a sentence each. `oldest_waiting`: when the oldest order that waits for the shop was received.
    `oldest_due`: for each queue, since when its longest waiting order has been due. `drill`: the last one that passed
    or failed. `clocks_off`: computers whose clock differs from Redis', and by how many seconds it is ahead.
    `stale_webhook`: how many seconds a refused webhook of the payment provider was behind our clock. `doubted`:
    payments that are disputed, under review or suspected of fraud. `differences`: those on the last balance sheet of
    standby. `receivers_away`: receivers of order events that take none. `journals`: by machine, what is not replayed.
    `damaged`: orders whose record cannot be read, as far as they are known.
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
    journals: Mapping[str, JournalSign] = {}
    damaged: int = 0


class AlertState(StrEnum):
    HAPPENED = "happened"
    BEGUN = "begun"
    STILL = "still"
    ESCALATED = "escalated"
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
    """An active alert: when it began, and the last notification about it and its time.

    `escalated`: nobody acknowledged it in time, and the escalation channels were notified.
    """

    began: datetime
    said: datetime
    text: str
    escalated: bool = False

    @property
    def tag(self) -> str:
        """Identifies one alert of a kind, for a caller who means only this one."""
        return f"{self.began.timestamp():.6f}"


class Acknowledged(Struct, frozen=True):
    """`who` works on the alert that began then."""

    who: str
    at: datetime
    began: datetime


Acknowledgements = Mapping[Alert, Acknowledged]


class ActiveAlert(Struct, frozen=True):
    """`acknowledged`: by whom; None: nobody works on it."""

    alert: Alert
    told: Told
    acknowledged: Acknowledged | None

    @property
    def urgent(self) -> bool:
        return self.alert in URGENT


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

    def remember(self, memory: Memory, due: Sequence[Due], now: datetime) -> None:
        """All or nothing: the memory, and the notifications, due now."""

    def acknowledged(self) -> Acknowledgements: ...

    def acknowledge(self, alert: Alert, acknowledged: Acknowledged) -> Acknowledged | None:
        """Whoever was first, also for a second person at the same moment. None: the alert that began then is over."""

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


def notification(alert: Alert, state: AlertState, text: str, now: datetime) -> Notification:
    return Notification(f"{alert}.{state}.{now:%Y%m%dT%H%M%S%f}", alert, state, text, now)


def active(memory: Memory, acknowledged: Acknowledgements) -> list[ActiveAlert]:
    """Urgent ones first, then the oldest."""
    found = [ActiveAlert(alert, told, working_on(alert, told, acknowledged)) for alert, told in memory.lasting.items()]
    return sorted(found, key=lambda each: (not each.urgent, each.told.began))


def working_on(alert: Alert, told: Told | None, acknowledged: Acknowledgements) -> Acknowledged | None:
    """Who acknowledged this alert, not an earlier one of its kind."""
    found = acknowledged.get(alert)
    return found if told and found and found.began == told.began else None
