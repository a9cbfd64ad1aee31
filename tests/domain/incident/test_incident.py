"""An incident follows its switches, and each event is recorded once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.incident import incident as incidents
from fallback.domain.incident.incident import Entry, Incident, IncidentEvent
from fallback.domain.incident.mode_log import follow
from fallback.domain.outage.mode import Mode, ModeState
from tests.builders import NOW, an_order
from tests.fakes.incidents import FakeIncidents
from tests.fakes.ledger import FakeLedger
from tests.refusals import refused

MINUTE = timedelta(minutes=1)
ACTIVE = ModeState(Mode.ACTIVE, NOW, "Omar", "The payment page is down")
DRAINING = ModeState(Mode.DRAINING, NOW + MINUTE, "Ada", "It is back")
STANDBY = ModeState(Mode.STANDBY, NOW + 2 * MINUTE, "fallback", "All is handed over")
SWITCHED = Entry(NOW, IncidentEvent.SWITCHED, "Omar", mode=Mode.ACTIVE)
BY_SWITCH = Incident(
    id="2026-11-21-100000", reason="The payment page is down", began=NOW, after=7, followed=NOW, timeline=(SWITCHED,)
)
BY_ORDER = replace(
    BY_SWITCH,
    reason="The shop failed requests of customers.",
    timeline=(Entry(NOW, IncidentEvent.FAILED, "fallback"),),
)


def test_it_begins_with_a_switch_or_with_the_order_of_a_customer_whom_the_shop_failed() -> None:
    assert incidents.by_switch(ACTIVE, 7) == BY_SWITCH
    assert incidents.by_order(NOW, 7) == BY_ORDER
    assert (BY_SWITCH.switched, BY_ORDER.switched) == (True, False)


def test_each_switch_is_a_line_of_it_and_standby_ends_it() -> None:
    drained = Entry(NOW + MINUTE, IncidentEvent.SWITCHED, "Ada", "It is back", Mode.DRAINING)
    draining = replace(BY_SWITCH, followed=NOW + MINUTE, timeline=(SWITCHED, drained))
    assert incidents.switched(BY_SWITCH, DRAINING, 9) == draining
    over = Entry(NOW + 2 * MINUTE, IncidentEvent.SWITCHED, "fallback", "All is handed over", Mode.STANDBY)
    at = NOW + 2 * MINUTE
    ended = replace(draining, followed=at, ended=at, upto=9, timeline=(SWITCHED, drained, over))
    assert incidents.switched(draining, STANDBY, 9) == ended
    assert incidents.switched(draining, STANDBY, 5).upto == 7
    assert ended.people == ("Omar", "Ada")


def test_a_switch_that_was_followed_before_says_nothing_new() -> None:
    assert incidents.switched(BY_SWITCH, ACTIVE, 9) is BY_SWITCH
    assert incidents.switched(BY_SWITCH, replace(STANDBY, since=NOW - MINUTE), 9) is BY_SWITCH


def test_who_switches_first_says_why() -> None:
    switched = incidents.switched(BY_ORDER, replace(ACTIVE, since=NOW + MINUTE), 9)
    assert (switched.reason, switched.followed) == ("The payment page is down", NOW + MINUTE)
    assert incidents.switched(BY_SWITCH, DRAINING, 9).reason == "The payment page is down"


def test_an_incident_without_a_switch_ends_when_the_shop_fails_no_more_customers() -> None:
    at = NOW + 30 * MINUTE
    quiet = Entry(at, IncidentEvent.QUIET, "fallback")
    ended = replace(BY_ORDER, ended=at, upto=8, followed=at, timeline=(*BY_ORDER.timeline, quiet))
    assert incidents.quiet(BY_ORDER, at, 8) == ended
    assert incidents.quiet(ended, at + MINUTE, 8) is ended
    assert incidents.quiet(BY_SWITCH, at, 8) is BY_SWITCH


def test_an_incident_is_closed_once() -> None:
    closed = incidents.closed(BY_SWITCH, "Ada", NOW)
    entry = Entry(NOW, IncidentEvent.CLOSED, "Ada")
    assert closed == replace(BY_SWITCH, closed=NOW, timeline=(SWITCHED, entry))
    assert incidents.closed(closed, "Omar", NOW + MINUTE) is closed


def test_a_line_is_written_once_by_a_person_too() -> None:
    noted = incidents.noted(BY_SWITCH, "Ada", " Called the shop\n", NOW)
    assert noted.timeline == (SWITCHED, Entry(NOW, IncidentEvent.NOTED, "Ada", "Called the shop"))
    assert incidents.noted(noted, "Ada", "Called the shop", NOW) is noted
    assert incidents.noted(BY_SWITCH, "Ada", "x" * 2_000, NOW) != BY_SWITCH


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        (" ", "empty", "Please write something."),
        ("\u200b", "empty", "Please write something."),
        ("x" * 2_001, "too_long", "At most 2000 characters."),
        ("4242 4242 4242 4242", "card_number", "Please leave card numbers out."),
    ],
)
def test_a_note_that_cannot_be_kept(text: str, code: str, detail: str) -> None:
    with refused("note", code, detail):
        incidents.noted(BY_SWITCH, "Ada", text, NOW)


# --- the mode's log


def test_the_log_of_the_mode_is_followed_from_where_it_was_left() -> None:
    ledger = FakeLedger()
    for _ in range(7):
        ledger.keep(an_order(received_at=NOW - MINUTE))
    kept = FakeIncidents(ledger)
    assert follow(kept, []) is None
    assert follow(kept, [replace(STANDBY, since=NOW - MINUTE)]) is None
    assert follow(kept, [ACTIVE]) == BY_SWITCH
    lasting = follow(kept, [DRAINING, ACTIVE])
    assert lasting
    assert [entry.mode for entry in lasting.timeline] == [Mode.ACTIVE, Mode.DRAINING]
    assert follow(kept, [DRAINING, ACTIVE]) == lasting
    assert follow(kept, [STANDBY, DRAINING, ACTIVE]) is None
    again = replace(ACTIVE, since=NOW + 5 * MINUTE)
    begun = follow(kept, [again, STANDBY, DRAINING, ACTIVE])
    assert begun
    assert (begun.id, begun.timeline[0].at) == ("2026-11-21-100500", NOW + 5 * MINUTE)
