"""What is done when a word to the customer comes due."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from msgspec.structs import replace

from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.handover_and_callback import Handover
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.lifecycle import AGAIN, WITHOUT_WORD, WORD_TAKES, next_word_by, promised, word_due
from fallback.domain.order.order import Change, Event, NoticeKind, Order, PaymentState, PlacementState
from fallback.domain.payment.cards import give
from fallback.domain.placement import unpaid
from fallback.domain.support.owner_mail import known_to
from fallback.domain.support.owners import Roster
from fallback.domain.support.promises import keep
from tests.builders import NOW, a_hold, a_payment, an_order

ROSTER = Roster("desk", agents=("Ann", "Bo"), leads=("Lea",))
WEEK = timedelta(days=7)
RECEIVED = Event(NOW, "received", "customer")
HELD = Event(NOW, "on_hold", "worker")
ON_HOLD = an_order(holds=(a_hold(HoldCode.MISMATCH),))
OWNED = known_to(replace(ON_HOLD, owner="Ann"), "Ann")
PROMISED = ON_HOLD.holds[0].next_word_by


def kept(order: Order, at: datetime, *timeline: Event, roster: Roster = ROSTER) -> Change:
    told = (RECEIVED, *timeline)
    return unpaid.ended(order, told, at, WEEK) or keep(order, told, roster, at, WEEK)


def told(change: Change) -> list[tuple[str, dict[str, str | int]]]:
    return [(event.what, event.data) for event in change.events]


# --- an owner


def test_an_order_on_hold_gets_its_owner_at_once_and_the_word_stays_as_promised() -> None:
    assert word_due(ON_HOLD) == NOW
    change = kept(ON_HOLD, NOW, HELD)
    assert told(change) == [("owner_given", {"owner": "Ann"})]
    assert (change.order.owner, next_word_by(change.order)) == ("Ann", PROMISED)
    assert [(notice.kind, notice.owner) for notice in change.order.notices] == [(NoticeKind.OWNER, "Ann")]
    assert word_due(change.order) == PROMISED - WORD_TAKES


def test_what_the_customer_is_asked_is_theirs_until_the_word_is_due_and_then_somebodys() -> None:
    order = an_order(holds=(new_hold(HoldCode.POSSIBLE_RIVAL, CUSTOMER, NOW, "100077"),))
    due = word_due(order)
    assert due == order.holds[0].next_word_by - WORD_TAKES
    change = kept(order, due, Event(NOW, "rival_asked", "worker"))
    assert told(change) == [("owner_given", {"owner": "Ann"}), ("next_word", {})]


def test_an_order_that_waits_too_long_without_a_hold_gets_both_and_nobody_is_passed_over() -> None:
    order = an_order()
    assert promised(order) is None
    due = word_due(order)
    assert due == NOW + WITHOUT_WORD - WORD_TAKES
    change = kept(order, due)
    assert told(change) == [("owner_given", {"owner": "Ann"}), ("next_word", {})]
    assert promised(change.order) == NOW + WITHOUT_WORD + AGAIN


def test_who_paid_late_what_the_customer_ordered_long_ago_waits_since_then() -> None:
    paid_at = NOW + timedelta(days=3)
    change = kept(an_order(), paid_at, Event(paid_at, "authorized", "stripe"))
    assert told(change) == []
    assert next_word_by(change.order) == paid_at + WITHOUT_WORD


# --- the word


def test_a_promised_update_is_sent_once_in_time_and_the_next_one_is_promised() -> None:
    change = kept(OWNED, PROMISED - WORD_TAKES, HELD, Event(NOW, "noted", "Ann"))
    assert [notice.kind for notice in change.order.notices] == [NoticeKind.NEXT_WORD]
    assert told(change) == [("next_word", {})]
    assert next_word_by(change.order) == PROMISED + AGAIN
    assert word_due(change.order) == PROMISED + AGAIN - WORD_TAKES


def test_no_update_is_sent_before_it_is_due() -> None:
    assert kept(OWNED, PROMISED - WORD_TAKES - timedelta(seconds=1), HELD) == Change(OWNED, ())


def test_after_an_outage_the_next_word_is_promised_from_now_on() -> None:
    late = PROMISED + timedelta(days=2)
    assert next_word_by(kept(OWNED, late, HELD).order) == late + AGAIN


def test_a_customer_who_is_waited_for_is_asked_again_and_somebody_looks_after_the_order() -> None:
    order = an_order(payment=a_payment(PaymentState.NONE))
    assert word_due(order) == NOW + WITHOUT_WORD - WORD_TAKES
    change = kept(order, word_due(order))
    assert told(change) == [("owner_given", {"owner": "Ann"}), ("asked_again", {})]
    assert [notice.kind for notice in change.order.notices] == [NoticeKind.PAYMENT_NEEDED]
    assert promised(change.order) is None


def test_the_customer_is_asked_ever_more_seldom() -> None:
    order, asked_at, timeline = an_order(payment=a_payment(PaymentState.NONE)), [], []
    for _ in range(4):
        asked_at.append(word_due(order))
        change = kept(order, word_due(order), *timeline)
        order, timeline = change.order, [*timeline, *change.events]
    pauses = [later - earlier for earlier, later in pairwise(asked_at)]
    assert pauses[0] == AGAIN
    assert all(later > earlier for earlier, later in pairwise(pauses))
    assert [round(pause / timedelta(hours=1)) for pause in pauses] == [24, 32, 64]


def test_once_the_customer_has_paid_they_are_owed_a_word_as_anybody() -> None:
    order, paid_at = an_order(payment=a_payment(PaymentState.NONE)), NOW + timedelta(days=9)
    asked = kept(order, word_due(order)).order
    paid = give(asked, "pm_card_visa", paid_at, "customer")
    assert paid.order.payment.ask_again_at is None
    assert next_word_by(kept(paid.order, paid_at, *paid.events).order) == paid_at + WITHOUT_WORD


def test_what_a_person_has_promised_holds_while_the_customer_is_waited_for() -> None:
    promised_by = NOW + timedelta(hours=2)
    order = an_order(payment=a_payment(PaymentState.NONE), next_word_by=promised_by)
    assert word_due(order) == promised_by - WORD_TAKES
    assert next_word_by(kept(order, promised_by).order) == promised_by + AGAIN


# --- when it is over


def test_an_order_that_is_over_has_no_promise_to_keep() -> None:
    settled = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
    handover = Handover(to="Bo", by="Ann", accept_by=NOW, asked=1)
    assert word_due(an_order(owner="Ann", next_word_by=NOW, handover=handover, **settled)) is None


def test_a_question_outlives_the_purchase() -> None:
    settled = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
    asked = an_order(holds=(a_hold(HoldCode.ASKED_FOR_A_PERSON),), **settled)
    assert word_due(asked) == NOW
    assert promised(asked) == NOW + timedelta(hours=8)


# --- one step up


def test_overdue_without_a_persons_act_goes_to_a_lead_by_name() -> None:
    change = kept(OWNED, PROMISED, HELD)
    assert ("escalated", {"owner": "Lea"}) in told(change)
    assert change.order.owner == "Lea"


def test_an_order_on_which_nobody_ever_acted_goes_to_a_lead_as_well() -> None:
    assert kept(OWNED, PROMISED).order.owner == "Lea"


def test_each_missed_promise_escalates_one_step() -> None:
    order, owners, timeline = OWNED, [], [HELD]
    for _ in range(3):
        change = kept(order, next_word_by(order), *timeline)
        order = change.order
        timeline += change.events
        owners.append(order.owner)
    assert owners == ["Lea", "Ann", "Lea"]


def test_an_owner_whose_order_was_handled_in_time_keeps_it() -> None:
    for who in ("Ann", "Bo"):
        assert kept(OWNED, PROMISED, HELD, Event(NOW, "noted", who)).order.owner == "Ann"
        told_by_mail = Event(NOW, "notice_sent", "worker")
        assert kept(OWNED, PROMISED, HELD, Event(NOW, "noted", who), told_by_mail).order.owner == "Ann"


def test_what_was_done_about_an_earlier_promise_does_not_count() -> None:
    earlier = (Event(NOW, "noted", "Ann"), Event(NOW, "next_word", "worker"), Event(NOW, "asked", "customer"))
    assert kept(OWNED, PROMISED, HELD, *earlier).order.owner == "Lea"


# --- a hand-over


def test_a_handover_that_nobody_accepts_returns_to_the_owner() -> None:
    accept_by = NOW + timedelta(minutes=30)
    handover = Handover(to="Bo", by="Ann", accept_by=accept_by, asked=1)
    order = replace(OWNED, handover=handover)
    assert word_due(order) == accept_by
    assert kept(order, accept_by - timedelta(seconds=1), HELD).order.handover == handover
    change = kept(order, accept_by, HELD)
    assert change.events == (Event(accept_by, "handover_returned", "worker", {"to": "Bo", "owner": "Ann"}),)
    assert (change.order.owner, change.order.handover) == ("Ann", None)


def test_what_nobody_accepted_in_time_is_told_beside_what_else_is_due() -> None:
    handover = Handover(to="Bo", by="Ann", accept_by=PROMISED, asked=1)
    change = kept(replace(OWNED, handover=handover), PROMISED, HELD)
    assert [event.what for event in change.events] == ["handover_returned", "escalated", "next_word"]
    change = kept(replace(ON_HOLD, handover=handover), PROMISED, HELD)
    assert [event.what for event in change.events] == ["handover_returned", "owner_given", "next_word"]
