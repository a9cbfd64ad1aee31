"""Missed promises, and reminders to customers whose answer is needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import AGAIN, WORD_TAKES
from fallback.domain.order.order import Event, Order, PaymentState, PlacementState
from fallback.domain.placement import unpaid
from fallback.domain.support.owner_mail import known_to
from fallback.domain.support.owners import Roster
from fallback.domain.support.promises import keep, quiet_since, was_late
from tests.builders import NOW, a_hold, a_payment, an_order

ROSTER = Roster("desk", agents=("Ann",))
WEEK, SECOND = timedelta(days=7), timedelta(seconds=1)
MISSED = NOW + WORD_TAKES


def at(moment: Any, what: str, who: str = "worker") -> Event:
    return Event(moment, what, who)


HELD, WORD = at(NOW, "on_hold"), at(NOW, "next_word")


@pytest.mark.parametrize(
    ("timeline", "now", "late"),
    [
        ((HELD, WORD), MISSED, True),
        ((HELD, WORD), MISSED - SECOND, False),
        ((at(NOW, "asked_for_a_person", "customer"), WORD), MISSED, True),
        ((WORD,), MISSED, False),
        ((HELD,), MISSED + WEEK, False),
        ((HELD, WORD, at(NOW, "noted", "Ann")), MISSED, False),
        ((HELD, WORD, at(MISSED, "noted", "Ann")), MISSED, True),
        ((HELD, WORD, at(MISSED - SECOND, "noted", "Ann")), MISSED, False),
        ((HELD, WORD, at(NOW, "changed", "customer")), MISSED, True),
        ((HELD, WORD, at(NOW, "captured", "stripe")), MISSED, True),
        ((HELD, WORD, at(NOW, "noted", "Ann"), WORD), MISSED, False),
        ((HELD, at(NOW, "noted", "Ann"), HELD, WORD), MISSED, True),
        ((HELD, WORD, at(NOW + WEEK, "next_word")), MISSED, True),
        ((HELD, WORD, at(NOW + SECOND, "next_word")), MISSED, True),
    ],
)
def test_late_is_a_word_that_was_promised_while_a_person_was_waited_for(
    timeline: tuple[Event, ...], now: Any, late: bool
) -> None:
    assert was_late(timeline, now) is late


def test_waiting_counts_from_the_last_event_that_changed_the_order() -> None:
    order = an_order()
    moved = at(NOW + SECOND, "authorized", "stripe")
    assert quiet_since(order, []) == order.received_at
    waiting = [at(NOW + WEEK, what) for what in ("notice_sent", "next_word", "owner_given", "escalated")]
    assert quiet_since(order, [moved, *waiting]) == NOW + SECOND


# --- asked again


def asked_again(order: Order, now: Any = NOW + AGAIN, *timeline: Event) -> Order:
    change = keep(known_to(replace(order, owner="Ann"), "Ann"), timeline, ROSTER, now, WEEK)
    assert ("asked_again", "worker") in [(event.what, event.who) for event in change.events]
    return change.order


@pytest.mark.parametrize(
    ("order", "pay_by"),
    [
        ({}, NOW + WEEK),
        ({"placement": PlacementState.VERIFIED}, NOW + 2 * AGAIN),
        ({"placement": PlacementState.VERIFIED, "pay_by": NOW + 3 * AGAIN}, NOW + 3 * AGAIN),
    ],
)
def test_what_the_shop_has_is_paid_sooner(order: dict[str, Any], pay_by: Any) -> None:
    about = dict(order)
    payment = a_payment(PaymentState.ACTION_REQUIRED, due_at=NOW, pay_by=about.pop("pay_by", None), ask_again_at=NOW)
    after = asked_again(an_order(payment=payment, **about))
    assert (after.payment.pay_by, after.payment.due_at) == (pay_by, NOW)


def test_a_bank_that_was_asked_is_looked_at_when_the_time_is_over() -> None:
    payment = a_payment(PaymentState.ACTION_REQUIRED, next_action_url="https://bank.example")
    after = asked_again(an_order(payment=payment))
    assert after.payment.due_at == after.payment.pay_by == NOW + WEEK


def test_an_overdue_unpaid_order_gets_one_more_day_to_pay() -> None:
    after = asked_again(an_order(payment=a_payment(PaymentState.NONE)), NOW + 3 * WEEK)
    assert after.payment.pay_by == NOW + 3 * WEEK + AGAIN


def test_a_hold_on_a_refunded_order_sends_the_customer_no_update() -> None:
    settled = an_order(
        payment=a_payment(PaymentState.REFUNDED),
        placement=PlacementState.VERIFIED,
        holds=(replace(a_hold(HoldCode.BY_HAND), told="Ann"),),
        owner="Ann",
    )
    change = keep(settled, [at(NOW, "noted", "Ann")], ROSTER, NOW + AGAIN, WEEK)
    assert change.events == ()
    assert change.order.holds[0].next_word_by == NOW + 2 * AGAIN


# --- an end


UNPAID = an_order(payment=a_payment(PaymentState.NONE, pay_by=NOW + WEEK))
REMINDED = (at(NOW, "asked_again"), at(NOW + SECOND, "asked_again"))


@pytest.mark.parametrize(
    ("timeline", "now", "ends"),
    [
        (REMINDED, NOW + WEEK, True),
        (REMINDED, NOW + WEEK - SECOND, False),
        (REMINDED[:1], NOW + WEEK, False),
        ((at(NOW, "card_given", "customer"), *REMINDED), NOW + WEEK, True),
        ((*REMINDED, at(NOW + 2 * SECOND, "card_given", "customer")), NOW + 2 * WEEK, False),
        ((at(NOW + SECOND, "card_given", "customer"), *REMINDED), NOW + WEEK + SECOND, False),
        # The last thing that anybody did was less than a week ago.
        ((at(NOW + SECOND, "card_given", "customer"), *REMINDED[1:], *REMINDED[1:]), NOW + WEEK, False),
    ],
)
def test_an_order_that_nobody_pays_ends_after_two_reminders(timeline: tuple[Event, ...], now: Any, ends: bool) -> None:
    change = unpaid.ended(UNPAID, timeline, now, WEEK)
    assert bool(change) is ends
    if change:
        assert [(event.what, event.who) for event in change.events[:2]] == [
            ("unpaid", "worker"),
            ("cancel_asked", "worker"),
        ]
        assert change.order.next_word_by == now + timedelta(hours=8)


@pytest.mark.parametrize(
    ("order", "by"),
    [
        (an_order(payment=a_payment(PaymentState.NONE)), NOW + WEEK),
        (an_order(payment=a_payment(PaymentState.NONE, pay_by=NOW + AGAIN)), NOW + AGAIN),
        (an_order(payment=a_payment(PaymentState.NONE), holds=(a_hold(HoldCode.ASKED_FOR_A_PERSON),)), None),
        (an_order(), None),
        (an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED), None),
        (an_order(payment=a_payment(PaymentState.REFUNDED)), None),
    ],
    ids=["to pay later", "reminded", "with a question", "authorized", "settled", "refunded by hand"],
)
def test_a_customer_reads_by_when_to_pay_only_while_we_wait_for_them(order: Order, by: Any) -> None:
    assert unpaid.ends_by(order, (), WEEK) == by
