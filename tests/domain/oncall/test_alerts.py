"""Which alerts on-call engineers get, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fallback.domain.checkout.journal import JournalSign
from fallback.domain.oncall.alert_rules import (
    AGAIN_AFTER,
    RECEIVER_AWAY_AFTER,
    REPLAYED_WITHIN,
    SLOW,
    STANDS_STILL_AFTER,
    all_is_well,
    look,
)
from fallback.domain.oncall.alerts import (
    Acknowledged,
    Acknowledgements,
    Alert,
    AlertLimits,
    AlertState,
    Memory,
    Notification,
    Snapshot,
    active,
)
from fallback.domain.oncall.drill import Drill, DrillOutcome
from fallback.domain.order.announcements import Away
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Queue
from fallback.domain.outage.failover import Advice, Why
from fallback.domain.outage.mode import Mode, ModeState
from tests.builders import NOW

LIMITS = AlertLimits(timedelta(hours=1), 20)
STANDBY = ModeState(Mode.STANDBY, NOW, "Omar", "all is well")
ACTIVE = ModeState(Mode.ACTIVE, NOW + timedelta(minutes=1), "Omar", "the payment page is down")
DRAINING = ModeState(Mode.DRAINING, NOW + timedelta(minutes=2), "Omar", "the shop is back")

AWAY = Away("desk.example.org", NOW - RECEIVER_AWAY_AFTER - timedelta(seconds=1), "gone", 9, NOW)
CAUSES: dict[Alert, dict[str, Any]] = {
    Alert.SWITCH_ADVISED: {"advice": Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})},
    Alert.DURABILITY_LOST: {"not_ready": ("Redis cannot write its append-only file.",)},
    Alert.WORK_STANDS_STILL: {"oldest_due": {Queue.PAYMENT: NOW - STANDS_STILL_AFTER - timedelta(seconds=1)}},
    Alert.ORDER_TOO_OLD: {"oldest_waiting": NOW - timedelta(minutes=61)},
    Alert.CAPTURE_DEADLINE: {"holds": {HoldCode.PAYMENT_EXPIRING: 1}},
    Alert.HOLDS_PILE_UP: {"holds": {HoldCode.MISMATCH: 12, HoldCode.OUT_OF_STOCK: 8}},
    Alert.PRIMARY_REGRESSED: {"holds": {HoldCode.PRIMARY_REGRESSED: 3}},
    Alert.CLOCKS_DISAGREE: {"clocks_off": {"web-1": 312}},
    Alert.PAYMENTS_DOUBTED: {"doubted": 2},
    Alert.ORDERS_DAMAGED: {"damaged": 2},
    Alert.STANDBY_DOES_NOT_BALANCE: {"differences": 3},
    Alert.EVENTS_NOT_DELIVERED: {"receivers_away": (AWAY,)},
    Alert.JOURNAL_WAITS: {"journals": {"web-1": JournalSign(3, NOW - REPLAYED_WITHIN - timedelta(seconds=1), 0)}},
    Alert.DRILL_FAILED: {
        "drill": Drill(id="drill-1", began=NOW, who="clock", outcome=DrillOutcome.FAILED, why="Late.")
    },
}


def a_snapshot(**facts: Any) -> Snapshot:
    quiet: dict[str, Any] = {
        "mode": STANDBY,
        "advice": None,
        "not_ready": (),
        "oldest_waiting": None,
        "oldest_due": {},
        "holds": {},
    }
    return Snapshot(**(quiet | facts))


class OnCall:
    """Somebody to whom all that is told is told."""

    def __init__(self, unanswered: timedelta | None = None) -> None:
        self.now = NOW
        self.limits = replace(LIMITS, unanswered=unanswered)
        self.memory = Memory()
        self.acknowledged: Acknowledgements = {}

    def sees(self, snapshot: Snapshot, *, after: timedelta = timedelta()) -> list[Notification]:
        self.now += after
        notifications, self.memory = look(snapshot, self.memory, self.limits, self.now, self.acknowledged)
        return list(notifications)

    def works_on(self, alert: Alert) -> None:
        self.acknowledged = {alert: Acknowledged("Ada", self.now, self.memory.lasting[alert].began)}


@pytest.mark.parametrize(("alert", "facts"), CAUSES.items())
def test_an_alert_is_sent_when_it_begins_then_every_hour_and_when_it_ends(alert: Alert, facts: dict[str, Any]) -> None:
    on_call, trouble = OnCall(), a_snapshot(**facts)
    [begun] = on_call.sees(trouble)
    assert (begun.alert, begun.state) == (alert, AlertState.BEGUN)
    again = SLOW.get(alert, AGAIN_AFTER)
    assert on_call.sees(trouble, after=again - timedelta(seconds=1)) == []
    [still] = on_call.sees(trouble, after=timedelta(seconds=1))
    assert (still.alert, still.state) == (alert, AlertState.STILL)
    [over] = on_call.sees(a_snapshot())
    assert (over.alert, over.state) == (alert, AlertState.OVER)
    assert on_call.sees(a_snapshot()) == []


def test_each_switch_is_told_with_who_and_why_and_what_was_before_we_looked_is_no_news() -> None:
    on_call = OnCall()
    assert on_call.sees(a_snapshot(mode=ACTIVE)) == []
    [told] = on_call.sees(a_snapshot(mode=DRAINING))
    assert (told.alert, told.state) == (Alert.MODE_CHANGED, AlertState.HAPPENED)
    assert told.text == f"The mode is draining since {DRAINING.since:%H:%M:%S} UTC, by Omar: the shop is back"
    assert on_call.sees(a_snapshot(mode=DRAINING), after=timedelta(days=1)) == []


def test_an_order_is_not_too_old_while_we_are_to_keep_it() -> None:
    waiting = NOW - timedelta(hours=5)
    assert OnCall().sees(a_snapshot(mode=ACTIVE, oldest_waiting=waiting)) == []
    [told] = OnCall().sees(a_snapshot(mode=DRAINING, oldest_waiting=waiting))
    assert told.alert is Alert.ORDER_TOO_OLD


def test_what_waits_for_its_turn_at_the_shop_does_not_stand_still() -> None:
    assert OnCall().sees(a_snapshot(oldest_due={Queue.PLACEMENT: NOW - timedelta(hours=3)})) == []


@given(st.lists(st.tuples(st.integers(1, 4000), st.sets(st.sampled_from(sorted(CAUSES))))))
def test_no_matter_begins_twice_before_it_is_over(moments: list[tuple[int, set[Alert]]]) -> None:
    on_call, going_on = OnCall(), set[Alert]()
    for seconds, matters in moments:
        facts: dict[str, Any] = {}
        for alert in matters:
            facts |= CAUSES[alert]
        for told in on_call.sees(a_snapshot(**facts), after=timedelta(seconds=seconds)):
            if told.state is AlertState.BEGUN:
                assert told.alert not in going_on
                going_on.add(told.alert)
            elif told.state is AlertState.OVER:
                going_on.remove(told.alert)
        assert going_on == set(on_call.memory.lasting)


# --- who works on it


UNANSWERED = timedelta(minutes=15)


def test_an_urgent_alert_that_nobody_acknowledges_is_escalated_once() -> None:
    on_call, trouble = OnCall(UNANSWERED), a_snapshot(not_ready=("Redis keeps nothing on disk.",))
    on_call.sees(trouble)
    assert on_call.sees(trouble, after=UNANSWERED - timedelta(seconds=1)) == []
    [escalated] = on_call.sees(trouble, after=timedelta(seconds=1))
    assert (escalated.alert, escalated.state) == (Alert.DURABILITY_LOST, AlertState.ESCALATED)
    assert on_call.sees(trouble, after=AGAIN_AFTER - timedelta(seconds=1)) == []
    assert [told.state for told in on_call.sees(trouble, after=timedelta(seconds=1))] == [AlertState.STILL]


def test_one_that_can_wait_until_the_morning_is_not_escalated() -> None:
    on_call, trouble = OnCall(UNANSWERED), a_snapshot(holds={HoldCode.MISMATCH: 20})
    on_call.sees(trouble)
    assert on_call.sees(trouble, after=UNANSWERED) == []


def test_an_alert_that_somebody_works_on_is_neither_repeated_nor_escalated_and_its_end_is_told() -> None:
    on_call, trouble = OnCall(UNANSWERED), a_snapshot(not_ready=("Redis keeps nothing on disk.",))
    on_call.sees(trouble)
    on_call.works_on(Alert.DURABILITY_LOST)
    assert on_call.sees(trouble, after=timedelta(hours=3)) == []
    assert [told.state for told in on_call.sees(a_snapshot())] == [AlertState.OVER]


def test_the_next_alert_of_the_kind_is_a_new_one() -> None:
    on_call, trouble = OnCall(UNANSWERED), a_snapshot(not_ready=("Redis keeps nothing on disk.",))
    on_call.sees(trouble)
    on_call.works_on(Alert.DURABILITY_LOST)
    on_call.sees(a_snapshot())
    assert [told.state for told in on_call.sees(trouble, after=timedelta(hours=1))] == [AlertState.BEGUN]
    assert [told.state for told in on_call.sees(trouble, after=UNANSWERED)] == [AlertState.ESCALATED]


def test_active_alerts_are_in_the_order_in_which_to_act_with_who_works_on_them() -> None:
    on_call = OnCall()
    on_call.sees(a_snapshot(doubted=1))
    on_call.sees(a_snapshot(doubted=1, differences=1), after=timedelta(minutes=1))
    on_call.sees(a_snapshot(doubted=1, differences=1, not_ready=("No AOF.",)), after=timedelta(minutes=1))
    on_call.works_on(Alert.PAYMENTS_DOUBTED)
    assert [
        (each.alert, each.acknowledged and each.acknowledged.who)
        for each in active(on_call.memory, on_call.acknowledged)
    ] == [
        (Alert.DURABILITY_LOST, None),
        (Alert.PAYMENTS_DOUBTED, "Ada"),
        (Alert.STANDBY_DOES_NOT_BALANCE, None),
    ]


# --- the words


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (
            {"advice": Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})},
            f"Recommended mode: active. {Advice(Mode.ACTIVE, Why.LOOKS, {'looks': 4}).sentence}",
        ),
        ({"not_ready": ("The disk is full.", "No AOF.")}, "No orders are accepted. The disk is full. No AOF."),
        (
            {"oldest_due": {Queue.PAYMENT: NOW - timedelta(hours=1), Queue.NOTICE: NOW - timedelta(hours=2)}},
            "Due work is not processed: payment since 09:00:00 UTC, notice since 08:00:00 UTC.",
        ),
        (
            {"oldest_waiting": NOW - timedelta(hours=2)},
            "The oldest order has waited for the shop since 21 Nov 08:00 UTC.",
        ),
        (
            {"holds": {HoldCode.PAYMENT_EXPIRING: 2}},
            "Authorizations that expire soon and are not captured: 2.",
        ),
        (
            {"holds": {HoldCode.PRIMARY_REGRESSED: 3}},
            "Orders that the shop confirmed and then lost: 3.",
        ),
        ({"holds": {HoldCode.MISMATCH: 21}}, "Orders on hold: 21; the limit is 20."),
        (
            {"drill": Drill(id="drill-1", began=NOW, who="clock", outcome=DrillOutcome.FAILED, why="Late.")},
            "The drill of 21 Nov 10:00 UTC failed. Late.",
        ),
        (
            {"receivers_away": (AWAY, replace(AWAY, host="stock", since=NOW))},
            "Events of orders are not delivered. desk.example.org takes none since 21 Nov 09:44 UTC: gone.",
        ),
        (
            {"receivers_away": (AWAY, replace(AWAY, host="stock"))},
            "Events of orders are not delivered. desk.example.org takes none since 21 Nov 09:44 UTC: gone. "
            "stock takes none since 21 Nov 09:44 UTC: gone.",
        ),
        (
            {"journals": {"web-2": JournalSign(0, None, 1), "web-1": JournalSign(3, NOW - timedelta(hours=1), 2)}},
            "Promised orders are in journals of web servers. web-1: 2 parts cannot be read. "
            "web-1: 3 not replayed, the oldest of 21 Nov 09:00 UTC. web-2: 1 parts cannot be read.",
        ),
        ({"doubted": 2}, "Payments disputed, under review or suspected of fraud: 2."),
        ({"damaged": 2}, "Orders whose record cannot be read, so that nobody works on them: 2."),
        (
            {"differences": 3},
            "Orders in standby do not balance. Differences on the last balance sheet: 3.",
        ),
        (
            {"clocks_off": {"web-2": -20, "web-1": 1}},
            "The clock of web-1 is 1 s ahead of Redis'. The clock of web-2 is 20 s behind Redis'. "
            "Redis' clock decides what is due; a host whose clock differs erases and ends nothing.",
        ),
        (
            {"stale_webhook": 400},
            "Webhooks of the payment provider are refused: their signature time is 400 s behind our clock.",
        ),
    ],
)
def test_what_is_told_is_a_sentence_with_its_figures(facts: dict[str, Any], text: str) -> None:
    [told] = OnCall().sees(a_snapshot(**facts))
    assert told.text == text


def test_a_value_at_its_limit_raises_no_alert() -> None:
    at_the_limit: list[dict[str, Any]] = [
        {"oldest_due": {Queue.PAYMENT: NOW - STANDS_STILL_AFTER}},
        {"oldest_waiting": NOW - LIMITS.order_age},
        {"holds": {HoldCode.MISMATCH: LIMITS.holds - 1}},
        {"receivers_away": (replace(AWAY, since=NOW - RECEIVER_AWAY_AFTER),)},
        {"journals": {"web-1": JournalSign(3, NOW - REPLAYED_WITHIN, 0)}},
    ]
    for facts in at_the_limit:
        assert OnCall().sees(a_snapshot(**facts)) == []
    assert OnCall().sees(a_snapshot(holds={HoldCode.MISMATCH: LIMITS.holds}))


def test_an_alert_keeps_the_time_at_which_it_began() -> None:
    on_call = OnCall()
    on_call.sees(a_snapshot(doubted=1))
    on_call.sees(a_snapshot(doubted=2), after=timedelta(days=1))
    [told] = on_call.memory.lasting.values()
    assert (told.began, told.said, told.text[-2:]) == (NOW, NOW + timedelta(days=1), "2.")


def test_only_urgent_alerts_count_against_all_is_well() -> None:
    assert all_is_well(a_snapshot(), LIMITS, NOW)
    assert all_is_well(a_snapshot(doubted=1, differences=1), LIMITS, NOW)
    assert not all_is_well(a_snapshot(doubted=1, not_ready=("No AOF.",)), LIMITS, NOW)
