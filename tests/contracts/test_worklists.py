"""The duty roster and the work of each person, in memory and in Redis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Event, PaymentState, Placement, PlacementState
from fallback.domain.support.accounts import Account, Person, Role
from fallback.ledger.order.worklists import Worklists
from fallback.ledger.support.roster import RedisDutyRoster
from tests.builders import NOW
from tests.fakes.duty import FakeDutyRoster
from tests.fakes.worklists import FakeWorklists
from tests.ledger.world import accepted

ANN, BO, LEA = Person("Ann", Role.AGENT), Person("Bo", Role.AGENT), Person("Lea", Role.LEAD)
TEAMS = {HoldCode.MISMATCH: "warehouse"}


Roll = Callable[..., RedisDutyRoster | FakeDutyRoster]


@pytest.fixture(params=["in memory", "on redis"])
def roll(request: pytest.FixtureRequest) -> Roll:
    """Who is on duty of these accounts."""

    def kept(accounts: Sequence[Account] = ()) -> RedisDutyRoster | FakeDutyRoster:
        if request.param == "in memory":
            return FakeDutyRoster("desk", TEAMS, lambda: accounts)
        return RedisDutyRoster(request.getfixturevalue("redis_server").client, "desk", TEAMS, lambda: accounts)

    return kept


@pytest.fixture
def duty(roll: Roll) -> RedisDutyRoster | FakeDutyRoster:
    return roll()


@pytest.fixture
def lists(house: Container) -> Worklists | FakeWorklists:
    return house.worklists


# --- duty


def test_an_agent_who_was_assigned_an_order_moves_to_the_end_of_the_turn(
    duty: RedisDutyRoster | FakeDutyRoster,
) -> None:
    for minute, person in enumerate((ANN, BO, LEA)):
        duty.begin(person, NOW + timedelta(minutes=minute))
    assert (duty.roster().agents, duty.roster().leads) == (("Ann", "Bo"), ("Lea",))
    duty.given("Ann", NOW + timedelta(hours=1))
    assert duty.roster().agents == ("Bo", "Ann")


def test_who_has_an_account_and_may_help_is_known_off_duty_too(roll: Roll) -> None:
    accounts = [
        *(Account("Ann", Role.AGENT), Account("Bo", Role.AGENT), Account("Lea", Role.LEAD), Account("Ida", Role.ADMIN)),
        *(Account("Omar", Role.ONCALL), Account("Gone", Role.AGENT, disabled=True)),
    ]
    duty = roll(accounts)
    duty.begin(ANN, NOW)
    roster = duty.roster()
    assert (roster.agents, roster.away_agents, roster.away_leads) == (("Ann",), ("Bo",), ("Lea", "Ida"))


def test_a_disabled_agent_on_duty_gets_no_orders(roll: Roll) -> None:
    accounts = [Account("Ann", Role.AGENT, disabled=True), Account("Bo", Role.AGENT)]
    duty = roll(accounts)
    duty.begin(ANN, NOW)
    duty.begin(BO, NOW)
    roster = duty.roster()
    assert (roster.agents, roster.away_agents) == (("Bo",), ())


def test_going_on_duty_twice_keeps_their_turn(duty: RedisDutyRoster | FakeDutyRoster) -> None:
    duty.begin(ANN, NOW)
    duty.begin(BO, NOW + timedelta(minutes=1))
    duty.begin(ANN, NOW + timedelta(minutes=2))
    assert duty.roster().agents == ("Ann", "Bo")


def test_an_assignment_does_not_put_an_agent_back_on_duty(
    duty: RedisDutyRoster | FakeDutyRoster,
) -> None:
    duty.begin(ANN, NOW)
    duty.end(ANN)
    duty.given("Ann", NOW)
    assert duty.roster().agents == ()
    assert duty.roster().names == ["warehouse", "desk"]


def test_an_agent_whose_role_changed_can_still_go_off_duty(duty: RedisDutyRoster | FakeDutyRoster) -> None:
    duty.begin(ANN, NOW)
    duty.end(Person("Ann", Role.LEAD))
    assert duty.roster().agents == ()


# --- what waits for whom


def test_their_orders_are_listed_by_when_the_customer_hears(house: Container, lists: Worklists | FakeWorklists) -> None:
    later, sooner, others = (accepted(house.ledger) for _ in range(3))
    house.ledger.commit(later, replace(later, owner="Ann", next_word_by=NOW + timedelta(hours=2)), [])
    house.ledger.commit(sooner, replace(sooner, owner="Ann", next_word_by=NOW + timedelta(hours=1)), [])
    house.ledger.commit(others, replace(others, owner="Bo"), [])
    assert [order.ref for order in lists.of("Ann").rows] == [sooner.ref, later.ref]
    assert lists.of("nobody").rows == []


def test_a_new_hold_is_its_desks(house: Container, lists: Worklists | FakeWorklists) -> None:
    order = accepted(house.ledger)
    house.ledger.commit(order, replace(order, holds=(new_hold(HoldCode.POISON, "desk", NOW),)), [])
    assert [each.ref for each in lists.of("desk").rows] == [order.ref]


def test_a_pending_handover_is_listed_for_its_recipient(house: Container, lists: Worklists | FakeWorklists) -> None:
    order = accepted(house.ledger)
    handover = Handover(to="Bo", by="Ann", accept_by=NOW, asked=1)
    sent = house.ledger.commit(order, replace(order, owner="Ann", handover=handover), [])
    assert [each.ref for each in lists.handed_to(["warehouse", "Bo"]).rows] == [order.ref]
    house.ledger.commit(sent, replace(sent, handover=None, owner="Bo"), [])
    assert lists.handed_to(["warehouse", "Bo"]).rows == []
    assert [each.ref for each in lists.of("Bo").rows] == [order.ref]
    assert lists.of("Ann").rows == []


def test_calls_are_listed_by_their_time(house: Container, lists: Worklists | FakeWorklists) -> None:
    later, sooner = accepted(house.ledger), accepted(house.ledger)
    house.ledger.commit(later, replace(later, callback=Callback(1, NOW + timedelta(hours=2))), [])
    kept = house.ledger.commit(sooner, replace(sooner, callback=Callback(1, NOW)), [])
    assert [order.ref for order in lists.calls().rows] == [sooner.ref, later.ref]
    house.ledger.commit(kept, replace(kept, callback=None), [])
    assert [order.ref for order in lists.calls().rows] == [later.ref]


# --- what the customer helped with


def test_what_a_customer_finished_is_found_by_who_helped_them(
    house: Container, lists: Worklists | FakeWorklists
) -> None:
    orders = [accepted(house.ledger) for _ in range(3)]
    for minute, order in enumerate(orders):
        link = Event(NOW + timedelta(minutes=minute), "payment_link_sent", "Ann")
        house.ledger.commit(
            order, order, [link, Event(link.at, "noted", "Bo"), Event(link.at, "card_given", "customer")]
        )
    for order in orders[:2]:
        there = house.ledger.load(order.ref)
        ended = replace(there.payment, state=PaymentState.CAPTURED)
        house.ledger.commit(
            there, replace(there, payment=ended, placement=Placement(state=PlacementState.VERIFIED)), []
        )
    found, _ = lists.finished_with("Ann", NOW)
    assert [(order.ref, finish.helped) for order, finish in found] == [(each.ref, ("Ann",)) for each in orders[1::-1]]
    assert lists.finished_with("Bo", NOW)[0] == []
    assert [order.ref for order, _ in lists.finished_with("Ann", NOW + timedelta(minutes=1))[0]] == [orders[1].ref]


def test_agents_on_duty_take_turns(duty: RedisDutyRoster | FakeDutyRoster) -> None:
    names = tuple(f"Agent {letter}" for letter in "ABCDE")
    for minute, name in enumerate(names):
        duty.begin(Person(name, Role.AGENT), NOW + timedelta(minutes=minute))
    assert duty.roster().agents == names


def test_one_that_a_customer_finished_is_found(house: Container, lists: Worklists | FakeWorklists) -> None:
    order = accepted(house.ledger)
    helped = [Event(NOW, "payment_link_sent", "Ann"), Event(NOW, "card_given", "customer")]
    over = Placement(state=PlacementState.VERIFIED)
    paid = replace(order.payment, state=PaymentState.CAPTURED)
    house.ledger.commit(order, replace(order, payment=paid, placement=over), helped)
    assert [found.ref for found, _ in lists.finished_with("Ann", NOW)[0]] == [order.ref]
    assert lists.of("nobody").rows == []
