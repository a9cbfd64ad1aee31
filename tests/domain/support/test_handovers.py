from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import next_word_by
from fallback.domain.order.order import Event, Order, PaymentState
from fallback.domain.order.texts_by_people import read
from fallback.domain.support.handovers import ACCEPT_WITHIN, Packet, accept, hand_over
from fallback.domain.support.owners import Roster
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.refusals import not_now, refused

ROSTER = Roster("desk", agents=("Ann", "Bo"), teams={HoldCode.MISMATCH: "warehouse"})
ON_HOLD = an_order(holds=(a_hold(HoldCode.MISMATCH),), owner="Ann")


def handed(order: Order = ON_HOLD, **packet: Any) -> Order:
    return hand_over(order, Packet(**({"to": "Bo", "asked": "Where is it?"} | packet)), ROSTER, NOW, "Ann").order


def test_a_handover_changes_the_owner_only_when_it_is_accepted() -> None:
    order = handed()
    assert order.owner == "Ann"
    assert order.handover
    assert order.handover.accept_by == NOW + ACCEPT_WITHIN
    accepted = accept(order, ROSTER, NOW, "Bo").order
    assert (accepted.owner, accepted.handover) == ("Bo", None)


def test_the_packet_keeps_what_was_asked_tried_and_promised() -> None:
    order = handed(tried="Rang the shop", promised="A new one", by=NOW + timedelta(hours=1))
    assert order.handover
    ids = (order.handover.asked, order.handover.tried, order.handover.promised)
    assert [read(order, text) for text in ids] == ["Where is it?", "Rang the shop", "A new one"]
    assert next_word_by(order) == NOW + timedelta(hours=1)


def test_handing_over_an_order_without_an_owner_makes_the_sender_its_owner() -> None:
    assert handed(replace(ON_HOLD, owner="")).owner == "Ann"


@pytest.mark.parametrize("to", ["Zoe", "Ann"])
def test_a_handover_needs_another_person_or_team_on_duty(to: str) -> None:
    with refused("to", "nobody", "Please choose another person or team."):
        handed(to=to)


def test_a_handover_without_a_request_text_is_refused() -> None:
    with refused("asked", "empty", "Please write something."):
        handed(asked=" ")


def test_the_next_word_is_promised_for_a_time_to_come() -> None:
    with refused("by", "past", "This time is in the past."):
        handed(by=NOW)


@pytest.mark.parametrize("field", ["tried", "promised"])
def test_a_text_that_cannot_be_kept_is_refused_by_its_name(field: str) -> None:
    with refused(field, "card_number", "Please leave card numbers out."):
        handed(**{field: "4242 4242 4242 4242"})


def test_an_order_cannot_be_handed_over_to_two_recipients() -> None:
    with not_now("handed_over", "hand_over"):
        handed(handed())


def test_an_order_that_is_over_cannot_be_handed_over() -> None:
    with not_now("over", "hand_over"):
        handed(an_order(payment=a_payment(PaymentState.REFUNDED)))


def test_the_timeline_says_to_whom_it_went_with_what_was_asked_and_who_has_it_now() -> None:
    there = hand_over(ON_HOLD, Packet("Bo", "Where is it?"), ROSTER, NOW, "Ann")
    assert there.events == (Event(NOW, "handed_over", "Ann", {"to": "Bo", "said": 1}),)
    assert accept(there.order, ROSTER, NOW, "Bo").events == (Event(NOW, "handover_accepted", "Bo", {"owner": "Bo"}),)


@pytest.mark.parametrize("team", ["warehouse", "desk"])
def test_each_of_a_team_may_accept_what_goes_to_it_but_the_sender(team: str) -> None:
    order = handed(to=team)
    assert accept(order, ROSTER, NOW, "Cy").order.owner == "Cy"
    with not_now("not_handed_over", "accept"):
        accept(order, ROSTER, NOW, "Ann")


def test_nobody_accepts_what_goes_to_another_or_to_nobody() -> None:
    for order in (handed(), ON_HOLD):
        with not_now("not_handed_over", "accept"):
            accept(order, ROSTER, NOW, "Cy")
