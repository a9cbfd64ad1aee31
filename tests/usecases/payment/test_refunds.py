"""Money is given back in parts: by whom, with whose word, exactly once, and never more than was taken."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import FallbackError, Invalid, NotAllowedNow, OutcomeUnknown, Refused, TryAgain
from fallback.domain.money import Money
from fallback.domain.order.grants import NO_INCIDENT, GrantKind, GrantRequest, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import WORD_TAKES, Headline
from fallback.domain.order.order import Event, NoticeKind, Order, Queue
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.payment.news import PaymentNews
from fallback.domain.payment.policy import GrantLimit, GrantLimits, OwnLimits, Roles
from fallback.domain.payment.refunds import refundable
from fallback.domain.support.accounts import Person, Role
from fallback.domain.support.late import Late
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.payment.approve_refund import approve_refund
from fallback.usecases.payment.grant_refund import grant_refund
from fallback.usecases.payment.take_goodwill import take_goodwill
from fallback.usecases.placement.answer_rival_question import Rival, answer_rival_question
from fallback.usecases.placement.release_hold import release_hold
from tests.fakes.gateway import VISA
from tests.usecases.world import TOTAL, World, an_authorized_order

MARA, OTTO = Person("mara", Role.AGENT), Person("otto", Role.AGENT)
LEA, ADA = Person("lea", Role.LEAD), Person("ada", Role.ADMIN)
WITHIN, ABOVE = 1_000, 2_000  # of goodwill, for an agent


def a_settled_order() -> World:
    world = World()
    world.a_customer_orders(VISA)
    world.time_passes(timedelta(minutes=5))
    assert world.is_settled()
    return world


def gives(world: World, person: Person = MARA, amount: int = WITHIN, **changes: Any) -> Order:
    """With what their page shows now, unless the customer looked at it before."""
    seen = changes.pop("seen", len(world.ledger.timeline(world.ref)))
    requested: dict[str, Any] = {"kind": GrantKind.GOODWILL, "reason": "waited", "refundable": refundable(world.order)}
    return grant_refund(world.container, world.ref, person, GrantRequest(amount=amount, **(requested | changes)), seen)


def decides(world: World, person: Person, agreed: bool = True, grant_id: int = 1) -> Order:
    return approve_refund(world.container, world.ref, grant_id, person, agreed, len(world.ledger.timeline(world.ref)))


def refund(amount: int) -> dict[str, Any]:
    return {"kind": GrantKind.REFUND, "reason": "price", "amount": amount}


def states(world: World) -> list[GrantState]:
    return [grant.state for grant in world.order.grants]


def code(refused: pytest.ExceptionInfo[Invalid]) -> str:
    return refused.value.code


# --- within their limit


def test_what_an_agent_grants_goes_back_to_the_card_and_the_customer_is_told() -> None:
    world = a_settled_order()
    gives(world, sentence="Sorry that it took so long.")
    assert world.captured == TOTAL
    world.time_passes()

    assert (world.captured, world.order.payment.refunded) == (TOTAL - WITHIN, WITHIN)
    assert states(world) == [GrantState.MADE]
    assert world.headline is Headline.SETTLED
    assert world.told[-2:] == ["refund_granted", "refunded"]
    assert world.mails.count(NoticeKind.MONEY_BACK) == 1
    assert world.order.notices[-1].said == 1
    assert refundable(world.order) == TOTAL - WITHIN


def test_all_of_it_can_go_back() -> None:
    world = a_settled_order()
    gives(world, **refund(TOTAL))
    world.time_passes()

    assert (world.headline, world.captured, states(world)) == (Headline.REFUNDED, 0, [GrantState.MADE])
    assert world.mails[-1] is NoticeKind.REFUNDED


def test_each_grant_is_made_once_with_a_key_of_its_own() -> None:
    world = a_settled_order()
    gives(world, amount=500)
    gives(world, amount=500)
    world.time_passes()

    assert world.captured == TOTAL - 1_000
    assert world.gateway.calls["refund"] == 2
    assert states(world) == [GrantState.MADE] * 2


def test_many_small_grants_are_no_poison() -> None:
    world = a_settled_order()
    for _ in range(10):
        gives(world, amount=100)
        world.time_passes()
    assert (world.captured, world.holds) == (TOTAL - 1_000, [])


# --- what is possible


def test_before_anything_was_captured_there_is_nothing_to_refund() -> None:
    world = an_authorized_order()
    with pytest.raises(NotAllowedNow):
        gives(world)


def test_an_order_that_is_being_undone_gives_everything_back_anyway() -> None:
    world = a_settled_order()
    gives(world)
    world.the_customer_cancels()
    with pytest.raises(NotAllowedNow):
        gives(world)
    world.time_passes()
    assert world.is_undone()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": 0}, "not_positive"),
        ({"amount": -100}, "not_positive"),
        (refund(TOTAL + 1), "too_much"),
        ({"refundable": TOTAL + 1}, "refundable_changed"),
        ({"reason": "price"}, "unknown_reason"),
    ],
)
def test_what_cannot_be_given_is_refused_and_changes_nothing(changes: dict[str, Any], said: str) -> None:
    world = a_settled_order()
    with pytest.raises(Invalid) as refused:
        gives(world, **changes)
    assert code(refused) == said
    assert world.order.grants == ()


def test_who_is_refused_reads_at_which_field_and_what_to_do() -> None:
    world = a_settled_order()
    with pytest.raises(Invalid) as no_reason:
        gives(world, reason="price")
    assert (no_reason.value.field, str(no_reason.value)) == ("reason", "Choose one of the reasons.")
    gives(world, amount=ABOVE)
    with pytest.raises(Invalid) as own:
        decides(world, MARA)
    assert (own.value.field, str(own.value)) == ("approval", "You cannot approve your own request.")
    with pytest.raises(Invalid) as above:
        decides(world, OTTO)
    assert (above.value.field, str(above.value)) == ("approval", "This is above your limit, too.")


def test_what_nobody_may_give_is_not_asked_for() -> None:
    world = a_settled_order()
    world.container.policy = replace(world.container.policy, limits=Roles())
    with pytest.raises(Invalid) as refused:
        gives(world)
    found = refused.value
    assert (found.field, found.code, str(found)) == ("amount", "above_every_limit", "This is above every limit.")


def test_what_was_refunded_in_stripes_dashboard_meanwhile_is_no_longer_there() -> None:
    world = a_settled_order()
    refunded_by_hand(world, 93)
    with pytest.raises(Invalid) as refused:
        gives(world, refundable=TOTAL)
    assert code(refused) == "refundable_changed"
    assert refundable(world.order) == 3_000


def refunded_by_hand(world: World, amount: int, key: str = "dashboard") -> None:
    world.gateway.refund(world.intent_id, Money(amount, "EUR"), key)
    world.stripe_says(PaymentNews.REFUNDED, key)
    world.time_passes(timedelta(minutes=1))


# --- two at once


def test_of_two_agents_who_refund_at_once_one_is_told() -> None:
    world = a_settled_order()
    seen = len(world.ledger.timeline(world.ref))
    gives(world, MARA, **refund(TOTAL), seen=seen)
    with pytest.raises(Late) as late:
        gives(world, OTTO, **refund(TOTAL), seen=seen, refundable=TOTAL)
    world.time_passes()

    assert late.value.events[-1].who == "mara"
    assert (world.captured, len(world.order.grants)) == (0, 1)


def test_the_same_form_sent_twice_is_one_refund() -> None:
    world = a_settled_order()
    seen = len(world.ledger.timeline(world.ref))
    gives(world, **refund(500), seen=seen)
    with pytest.raises(Invalid) as refused:
        gives(world, **refund(500), seen=seen, refundable=TOTAL)
    world.time_passes()

    assert code(refused) == "refundable_changed"
    assert world.captured == TOTAL - 500


def test_two_threads_make_one_grant() -> None:
    world = a_settled_order()
    seen, together, told = len(world.ledger.timeline(world.ref)), Barrier(2), []

    def agent(person: Person) -> None:
        together.wait()
        try:
            gives(world, person, **refund(TOTAL), seen=seen, refundable=TOTAL)
        except FallbackError as error:
            told.append(type(error))

    threads = [Thread(target=agent, args=(person,)) for person in (MARA, OTTO)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.time_passes()
    assert told == [Late]
    assert (world.captured, len(world.order.grants)) == (0, 1)


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


def test_what_nobody_agrees_to_can_be_given_otherwise() -> None:
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


def test_it_is_decided_once() -> None:
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


def test_what_is_granted_in_parts_counts_together() -> None:
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

    [incident] = world.incidents.newest()
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


# --- what breaks


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("error", [TryAgain("away"), OutcomeUnknown("lost"), OutcomeUnknown("500", key_spent=True)])
def test_an_answer_that_is_lost_is_found_and_nothing_goes_back_twice(error: FallbackError, after_effect: bool) -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", error, after_effect and isinstance(error, OutcomeUnknown))
    gives(world)
    world.time_passes()
    assert (world.captured, states(world), world.holds) == (TOTAL - WITHIN, [GrantState.MADE], [])
    assert world.mails.count(NoticeKind.MONEY_BACK) == 1


def test_what_stripe_refuses_waits_for_a_person_and_goes_on_with_another_key() -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", Refused("insufficient_balance"))
    gives(world)
    world.time_passes()
    assert world.holds == [HoldCode.PAYMENT_REFUSED]

    release_hold(world.container, world.ref, HoldCode.PAYMENT_REFUSED, "ada")
    world.time_passes()
    assert (world.captured, states(world)) == (TOTAL - WITHIN, [GrantState.MADE])


def test_a_refund_by_hand_while_ours_waits_is_not_taken_for_ours() -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", TryAgain("away"))
    gives(world)
    world.time_passes(timedelta(0), Queue.PAYMENT)
    refunded_by_hand(world, WITHIN)
    world.time_passes()
    assert (world.captured, states(world)) == (TOTAL - 2 * WITHIN, [GrantState.MADE])


def test_when_less_is_left_than_was_granted_the_rest_goes_back() -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", TryAgain("away"))
    gives(world)
    world.time_passes(timedelta(0), Queue.PAYMENT)
    refunded_by_hand(world, TOTAL - 500)
    world.time_passes()
    assert (world.captured, states(world)) == (0, [GrantState.MADE])
    assert world.headline is Headline.REFUNDED


def test_a_lost_grant_of_an_order_that_is_then_undone_leaves_nothing_behind() -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", OutcomeUnknown("lost"), after_effect=True)
    gives(world)
    world.time_passes(timedelta(0), Queue.PAYMENT)
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()
    assert states(world) == [GrantState.MADE]


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
    answer_rival_question(world.container, world.ref, Rival.APART, "customer")
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
    [incident] = world.incidents.newest()
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


def test_what_is_granted_in_standby_uses_no_limit_up_in_the_years() -> None:
    world, first, second = two_settled_orders(WITHIN, Mode.STANDBY)
    for ref in (first, second):
        gives(of(world, ref), MARA)
    assert states(of(world, first)) == states(of(world, second)) == [GrantState.GRANTED]
