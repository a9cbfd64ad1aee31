"""A refund above an agent's limit is assigned to a person who may approve it, and escalated like every hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.grants import GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, next_word_by
from fallback.domain.order.order import Queue
from fallback.domain.support.accounts import Person
from fallback.domain.support.owners import Roster, one_step_up, owner_by_rule, who_may
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.payment.refunding import (
    ABOVE,
    ADA,
    LEA,
    MARA,
    OTTO,
    a_settled_order,
    decides,
    gives,
    refund,
    states,
)
from tests.usecases.payment.refunding import refunded_by_hand as by_hand
from tests.usecases.world import TOTAL, World

SOON = timedelta(minutes=1)


def asked(*on_duty: Person, asker: Person = MARA) -> World:
    """An agent asks for more than agents may give."""
    world = a_settled_order()
    for person in on_duty:
        world.duty.begin(person, world.clock())
    gives(world, asker, amount=ABOVE)
    world.time_passes(SOON, Queue.NOTICE)
    return world


def test_a_refund_request_is_assigned_to_a_lead_with_a_deadline() -> None:
    world = asked(OTTO, LEA)
    assert (world.order.owner, world.holds) == ("lea", [HoldCode.REFUND_ASKED])
    assert next_word_by(world.order) - world.order.holds[0].since == timedelta(hours=8)
    assert world.headline is Headline.SETTLED
    assert world.told[-3:] == ["refund_asked", "on_hold", "owner_given"]


def test_a_refund_request_that_nobody_decides_is_escalated() -> None:
    world = asked(LEA, ADA)
    first = world.order.owner
    world.time_passes(timedelta(hours=9), Queue.NOTICE)
    assert {first, world.order.owner} == {"lea", "ada"}
    assert "escalated" in world.told


@pytest.mark.parametrize("agreed", [True, False])
def test_a_decision_about_a_refund_ends_its_hold(agreed: bool) -> None:
    world = asked(LEA)
    decides(world, LEA, agreed)
    world.time_passes()
    assert (world.holds, world.headline) == ([], Headline.SETTLED)
    assert states(world) == [GrantState.MADE if agreed else GrantState.DECLINED]


def test_the_hold_for_approval_ends_with_the_last_decision() -> None:
    world = a_settled_order()
    for person in (MARA, OTTO):
        gives(world, person, amount=1_501)
    for grant_id, holds in ((1, [HoldCode.REFUND_ASKED]), (2, [])):
        decides(world, LEA, grant_id=grant_id, agreed=False)
        assert world.holds == holds


def test_a_refund_request_is_not_released_without_a_decision() -> None:
    world = asked(LEA)
    with pytest.raises(NotAllowedNow):
        release_hold(world.container, world.ref, HoldCode.REFUND_ASKED, "Ann")
    assert world.holds == [HoldCode.REFUND_ASKED]


def test_an_order_that_is_undone_asks_nobody_any_more() -> None:
    world = asked(LEA)
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()
    assert world.holds == []


def test_an_order_whose_money_went_back_by_hand_asks_nobody_either() -> None:
    world = asked(LEA)
    by_hand(world, TOTAL)
    assert (world.headline, world.holds) == (Headline.REFUNDED, [])


def test_a_refund_within_the_limit_waits_for_no_approval() -> None:
    world = a_settled_order()
    gives(world, MARA, **refund(500))
    assert world.holds == []


def test_nobody_is_asked_about_their_own_request_while_there_is_somebody_else() -> None:
    world = asked(LEA)
    roster = Roster("desk", ("otto",), ("mara", "lea"), away_leads=("ada",))
    able = who_may(world.order, roster)
    assert (owner_by_rule(world.order, able), one_step_up("lea", able)) == ("lea", "ada")
    alone = Roster("desk", ("otto",), ("mara",))
    assert who_may(world.order, alone) == alone


def test_where_no_lead_is_on_duty_a_lead_off_duty_has_it() -> None:
    world = asked()
    able = who_may(world.order, Roster("desk", ("otto",), away_agents=("ben",), away_leads=("ada",)))
    assert owner_by_rule(world.order, able) == "ada"
