from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.handovers import ACCEPT_WITHIN, Packet, accept, hand_over
from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import next_word_by
from fallback.domain.order import Order, PaymentState
from fallback.domain.owners import Roster
from fallback.domain.said import read
from tests.builders import NOW, a_hold, a_payment, an_order

ROSTER = Roster("desk", agents=("Ann", "Bo"), teams={HoldCode.MISMATCH: "warehouse"})
ON_HOLD = an_order(holds=(a_hold(HoldCode.MISMATCH),), owner="Ann")


def handed(order: Order = ON_HOLD, **packet: Any) -> Order:
    return hand_over(order, Packet(**({"to": "Bo", "asked": "Where is it?"} | packet)), ROSTER, NOW, "Ann").order


def test_it_stays_with_its_owner_until_it_is_accepted() -> None:
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


def test_what_nobody_had_is_hers_who_hands_it_over_meanwhile() -> None:
    assert handed(replace(ON_HOLD, owner="")).owner == "Ann"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "Zoe"}, "to"),
        ({"to": "Ann"}, "to"),
        ({"asked": " "}, "asked"),
        ({"by": NOW}, "by"),
    ],
)
def test_a_packet_that_reaches_nobody_or_says_nothing_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        handed(**changes)
    assert refused.value.field == field


def test_it_goes_to_one_at_a_time_and_not_when_it_is_over() -> None:
    for order in (handed(), an_order(payment=a_payment(PaymentState.REFUNDED))):
        with pytest.raises(NotAllowedNow):
            handed(order)


@pytest.mark.parametrize("team", ["warehouse", "desk"])
def test_each_of_a_team_may_accept_what_goes_to_it_but_her_who_sent_it(team: str) -> None:
    order = handed(to=team)
    assert accept(order, ROSTER, NOW, "Cy").order.owner == "Cy"
    with pytest.raises(NotAllowedNow):
        accept(order, ROSTER, NOW, "Ann")


def test_nobody_accepts_what_goes_to_another_or_to_nobody() -> None:
    for order in (handed(), ON_HOLD):
        with pytest.raises(NotAllowedNow):
            accept(order, ROSTER, NOW, "Cy")
