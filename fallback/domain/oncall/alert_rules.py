"""Which alerts a snapshot raises: what is notified once, repeated while it lasts, escalated, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from fallback.domain.oncall.alerts import (
    URGENT,
    Acknowledged,
    Acknowledgements,
    Alert,
    AlertLimits,
    AlertState,
    Memory,
    Notification,
    Raised,
    Snapshot,
    Told,
    notification,
    working_on,
)
from fallback.domain.oncall.drill import DrillOutcome
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Queue
from fallback.domain.outage.mode import ModeState, hands_over

# A shift handles due work within seconds; after this time no worker is running, or the other side is down.
STANDS_STILL_AFTER = timedelta(minutes=2)
# Web servers replay their journal within seconds.
REPLAYED_WITHIN = timedelta(minutes=5)
AGAIN_AFTER = timedelta(hours=1)
# Longer than a receiver of order events needs for a restart.
RECEIVER_AWAY_AFTER = timedelta(minutes=15)
# A bank takes weeks over a dispute, standby is counted once a day, and nothing else is affected meanwhile.
SLOW = {Alert.PAYMENTS_DOUBTED: timedelta(days=1), Alert.STANDBY_DOES_NOT_BALANCE: timedelta(days=1)}

_NOBODY: Acknowledgements = {}


def look(
    snapshot: Snapshot, memory: Memory, limits: AlertLimits, now: datetime, acknowledged: Acknowledgements = _NOBODY
) -> Raised:
    """What is to be notified now. `memory`: as the last call returned it.

    An alert that somebody works on is not repeated. An urgent one that nobody acknowledges is escalated, once.
    """
    notifications: list[Notification] = []
    if memory.mode is not None and snapshot.mode.since != memory.mode:
        notifications.append(_happened(snapshot.mode))
    lasting: dict[Alert, Told] = {}
    burning = dict(_rules(snapshot, limits, now))
    for alert, text in burning.items():
        before = memory.lasting.get(alert)
        state = _next(alert, before, working_on(alert, before, acknowledged), limits, now)
        if before and state is None:
            lasting[alert] = before
        elif state:
            escalated = state is AlertState.ESCALATED or (before is not None and before.escalated)
            lasting[alert] = Told(before.began if before else now, now, text, escalated)
            notifications.append(notification(alert, state, text, now))
    over = (alert for alert in memory.lasting if alert not in burning)
    notifications += [notification(alert, AlertState.OVER, memory.lasting[alert].text, now) for alert in over]
    return Raised(tuple(notifications), Memory(snapshot.mode.since, lasting))


def _next(
    alert: Alert, before: Told | None, taken: Acknowledged | None, limits: AlertLimits, now: datetime
) -> AlertState | None:
    """What is to be notified of an active alert; None: nothing now."""
    if before is None:
        return AlertState.BEGUN
    if taken:
        return None
    if alert in URGENT and limits.unanswered and not before.escalated and now - before.began >= limits.unanswered:
        return AlertState.ESCALATED
    return AlertState.STILL if now - before.said >= SLOW.get(alert, AGAIN_AFTER) else None


def all_is_well(snapshot: Snapshot, limits: AlertLimits, now: datetime) -> bool:
    """No alert is active."""
    return all(alert in SLOW for alert, _ in _rules(snapshot, limits, now))


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
    if snapshot.damaged:
        yield (
            Alert.ORDERS_DAMAGED,
            f"Orders whose record cannot be read, so that nobody works on them: {snapshot.damaged}.",
        )
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
    if kept := list(_journals(snapshot, now)):
        yield Alert.JOURNAL_WAITS, f"Promised orders are in journals of web servers. {' '.join(kept)}"
    if off := clocks(snapshot):
        yield Alert.CLOCKS_DISAGREE, " ".join(off)


def _journals(snapshot: Snapshot, now: datetime) -> Iterator[str]:
    for machine, sign in sorted(snapshot.journals.items()):
        if sign.unread:
            yield f"{machine}: {sign.unread} parts cannot be read."
        if sign.oldest and now - sign.oldest > REPLAYED_WITHIN:
            yield f"{machine}: {sign.entries} not replayed, the oldest of {sign.oldest:%d %b %H:%M} UTC."


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
