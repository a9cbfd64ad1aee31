"""Refunds above a limit need approval, and the limit of an incident counts for all of its orders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.grants import NO_INCIDENT, GrantKind, GrantState
from fallback.domain.order.lifecycle import WORD_TAKES, Headline
from fallback.domain.order.order import Event
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.payment.policy import GrantLimit, GrantLimits, OwnLimits, Roles
from fallback.domain.payment.refunds import refundable
from fallback.domain.support.accounts import Person, Role
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.payment.take_goodwill import take_goodwill
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from tests.fakes.gateway import VISA
from tests.usecases.payment.refunding import (
    ABOVE,
    ADA,
    LEA,
    MARA,
    OTTO,
    WITHIN,
    a_settled_order,
    code,
    decides,
    gives,
    refund,
    refunded_by_hand,
    states,
)
from tests.usecases.world import TOTAL, World

# --- above the limit


def test_above_an_agents_limit_it_waits_for_somebody_else() -> None:
    world = a_settled_order()
    gives(world, amount=ABOVE)
    world.time_passes()
    assert (world.captured, states(world)) == (TOTAL, [GrantState.ASKED])
    assert refundable(world.order) == TOTAL - ABOVE

    decides(world, LEA)
    world.time_passes()
    assert (world.captured, states(world)) == (TOTAL - ABOVE, [GrantState.MADE])
    timeline = [(event.what, event.who) for event in world.ledger.timeline(world.ref)]
    assert ("refund_asked", "mara") in timeline
    assert ("refund_approved", "lea") in timeline
    assert world.order.grants[0].decided_by == "lea"


def test_the_amount_of_a_declined_refund_stays_refundable() -> None:
    world = a_settled_order()
    gives(world, amount=ABOVE)
    decides(world, LEA, agreed=False)
    world.time_passes()
    assert (world.captured, states(world)) == (TOTAL, [GrantState.DECLINED])
    assert refundable(world.order) == TOTAL


@pytest.mark.parametrize(
    ("asker", "decider", "said"),
    [
        (MARA, MARA, "own_request"),
        (MARA, Person("mara", Role.LEAD), "own_request"),
        (MARA, OTTO, "above_own_limit"),
        (MARA, Person("nora", Role.ONCALL), "above_own_limit"),
    ],
)
@pytest.mark.parametrize("agreed", [True, False])
def test_only_somebody_else_with_enough_rights_decides(asker: Person, decider: Person, said: str, agreed: bool) -> None:
    world = a_settled_order()
    gives(world, asker, amount=ABOVE)
    with pytest.raises(Invalid) as refused:
        decides(world, decider, agreed)
    assert code(refused) == said
    assert states(world) == [GrantState.ASKED]


def test_a_refund_is_approved_or_declined_once() -> None:
    world = a_settled_order()
    gives(world, amount=ABOVE)
    decides(world, LEA)
    with pytest.raises(NotAllowedNow):
        decides(world, ADA, agreed=False)
    world.time_passes()
    assert world.captured == TOTAL - ABOVE


def test_nothing_is_agreed_to_that_is_no_longer_there() -> None:
    world = a_settled_order()
    gives(world, amount=ABOVE)
    refunded_by_hand(world, 2_000)
    with pytest.raises(Invalid) as refused:
        decides(world, LEA)
    assert code(refused) == "too_much"
    decides(world, LEA, agreed=False)
    assert states(world) == [GrantState.DECLINED]


def test_nothing_is_agreed_to_for_an_order_that_is_undone() -> None:
    world = a_settled_order()
    gives(world, amount=ABOVE)
    world.the_customer_cancels()
    with pytest.raises(NotAllowedNow):
        decides(world, LEA)
    world.time_passes()
    assert world.is_undone()


def test_several_grants_count_together_against_the_limit() -> None:
    world = a_settled_order()
    gives(world, amount=1_000)
    gives(world, amount=501)
    assert states(world) == [GrantState.GRANTED, GrantState.ASKED]


# --- what it is booked to


def test_goodwill_is_booked_to_the_incident_in_which_the_order_came() -> None:
    world = World()
    began = world.now - timedelta(minutes=10)
    for mode, since in ((Mode.ACTIVE, began), (Mode.DRAINING, world.now - timedelta(minutes=1))):
        world.modes.switch(ModeState(mode, since, "ada", "payment page down"))
    world.a_customer_orders(VISA)
    world.time_passes(timedelta(minutes=5))
    world.modes.switch(ModeState(Mode.STANDBY, world.now, "ada", "it is back"))
    follow_mode(world.container)
    gives(world, amount=700)
    gives(world, **refund(300))

    [incident] = world.incidents.newest(9)
    assert incident.began == began
    assert {grant.incident for grant in world.order.grants} == {incident.id}
    assert world.ledger.booked(GrantKind.GOODWILL, incident.id, "EUR").amount == 700
    assert world.ledger.booked(GrantKind.REFUND, incident.id, "EUR").amount == 300


def test_what_comes_in_standby_belongs_to_no_incident() -> None:
    world = a_settled_order()
    gives(world, amount=ABOVE)
    assert world.order.grants[0].incident == NO_INCIDENT
    assert world.ledger.booked(GrantKind.GOODWILL, NO_INCIDENT, "EUR").amount == 0
    decides(world, LEA)
    assert world.ledger.booked(GrantKind.GOODWILL, NO_INCIDENT, "EUR").amount == ABOVE


# --- two orders of one incident


def two_settled_orders(limit: int, mode: Mode = Mode.ACTIVE) -> tuple[World, str, str]:
    """What an agent may give in goodwill for all orders of an incident is so much; a lead may give the double."""
    world = World()
    world.modes.switch(ModeState(mode, world.now, "ada", "payment page down"))
    follow_mode(world.container)
    world.a_customer_orders(VISA)
    world.time_passes(timedelta(minutes=5))
    first = world.ref
    world.a_customer_orders(VISA, cart_id="basket-2", key="another")
    world.time_passes(timedelta(minutes=5))
    answer_rival_question(world.container, world.ref, RivalAnswer.APART, "customer")
    world.time_passes(timedelta(minutes=5))
    limits = {"agent": a_limit(limit), "lead": a_limit(2 * limit)}
    world.container.policy = replace(world.container.policy, limits=Roles(**limits))
    return world, first, world.ref


def a_limit(per_incident: int) -> GrantLimits:
    return GrantLimits(goodwill=GrantLimit(per_order="any", per_incident={"EUR": per_incident}))


def of(world: World, ref: str) -> World:
    world.ref = ref
    return world


def test_two_who_grant_for_two_orders_do_not_both_take_what_is_left_of_the_incidents_limit() -> None:
    world, first, second = two_settled_orders(WITHIN)
    world.meanwhile("ledger", "booked", lambda: gives(of(world, second), OTTO))
    gives(of(world, first), MARA)
    assert states(of(world, first)) == [GrantState.ASKED]
    assert states(of(world, second)) == [GrantState.GRANTED]


def test_two_who_agree_for_two_orders_do_not_both_take_what_is_left_either() -> None:
    world, first, second = two_settled_orders(WITHIN)
    for ref in (first, second):
        gives(of(world, ref), MARA, amount=ABOVE)
    world.meanwhile("ledger", "booked", lambda: decides(of(world, second), Person("lou", Role.LEAD)))
    with pytest.raises(Invalid) as refused:
        decides(of(world, first), LEA)
    assert code(refused) == "above_own_limit"
    assert states(of(world, first)) == [GrantState.ASKED]
    [incident] = world.incidents.newest(9)
    assert world.ledger.booked(GrantKind.GOODWILL, incident.id, "EUR").amount == ABOVE


def test_two_customers_do_not_both_take_the_goodwill_that_is_left() -> None:
    world, first, second = two_settled_orders(WITHIN)
    own = OwnLimits(goodwill=GrantLimit(per_order={"EUR": WITHIN}, per_incident={"EUR": WITHIN}))
    world.container.policy = replace(world.container.policy, limits=Roles(customer=own))
    for ref in (first, second):
        order = world.ledger.load(ref)
        late = [
            Event(world.now, "asked_for_a_person", "customer"),
            Event(world.now - WORD_TAKES, "next_word", "worker"),
        ]
        world.ledger.commit(order, order, late)
    world.meanwhile("ledger", "booked", lambda: take_goodwill(world.container, second))
    with pytest.raises(NotAllowedNow) as refused:
        take_goodwill(world.container, first)
    assert (refused.value.state, refused.value.event) == (Headline.SETTLED, "goodwill")
    assert (states(of(world, first)), states(of(world, second))) == ([], [GrantState.GRANTED])


def test_grants_in_standby_do_not_count_against_the_limit_of_an_incident() -> None:
    world, first, second = two_settled_orders(WITHIN, Mode.STANDBY)
    for ref in (first, second):
        gives(of(world, ref), MARA)
    assert states(of(world, first)) == states(of(world, second)) == [GrantState.GRANTED]
