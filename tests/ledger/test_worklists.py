"""Who is on duty and what waits for whom, in Redis."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.errands import Callback, Handover
from fallback.domain.holds import HoldCode, new_hold
from fallback.domain.order import Event, PaymentState, Placement, PlacementState
from fallback.domain.people import Account, Person, Role
from fallback.ledger.duty import Duties
from fallback.ledger.redis_ledger import RedisLedger
from fallback.ledger.worklists import Worklists
from tests.builders import NOW
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.world import accepted
from tests.redis_server import RedisServer

ANN, BO, LEA = Person("Ann", Role.AGENT), Person("Bo", Role.AGENT), Person("Lea", Role.LEAD)
TEAMS = {HoldCode.MISMATCH: "warehouse"}


def duties(server: RedisServer) -> Duties:
    return Duties(server.client, "desk", TEAMS)


# --- duty


def test_whoever_was_given_an_order_comes_last_in_turn(redis_server: RedisServer) -> None:
    duty = duties(redis_server)
    for minute, person in enumerate((ANN, BO, LEA)):
        duty.begin(person, NOW + timedelta(minutes=minute))
    assert (duty.roster().agents, duty.roster().leads) == (("Ann", "Bo"), ("Lea",))
    duty.given("Ann", NOW + timedelta(hours=1))
    assert duty.roster().agents == ("Bo", "Ann")


def test_who_has_an_account_and_may_help_is_known_off_duty_too(redis_server: RedisServer) -> None:
    accounts = [
        *(Account("Ann", Role.AGENT), Account("Bo", Role.AGENT), Account("Lea", Role.LEAD), Account("Ida", Role.ADMIN)),
        *(Account("Omar", Role.ONCALL), Account("Gone", Role.AGENT, disabled=True)),
    ]
    duty = Duties(redis_server.client, "desk", TEAMS, lambda: accounts)
    duty.begin(ANN, NOW)
    roster = duty.roster()
    assert (roster.agents, roster.away_agents, roster.away_leads) == (("Ann",), ("Bo",), ("Lea", "Ida"))


def test_going_on_duty_twice_keeps_her_turn(redis_server: RedisServer) -> None:
    duty = duties(redis_server)
    duty.begin(ANN, NOW)
    duty.begin(BO, NOW + timedelta(minutes=1))
    duty.begin(ANN, NOW + timedelta(minutes=2))
    assert duty.roster().agents == ("Ann", "Bo")


def test_who_has_gone_is_not_brought_back_by_what_she_was_given_last(redis_server: RedisServer) -> None:
    duty = duties(redis_server)
    duty.begin(ANN, NOW)
    duty.end(ANN)
    duty.given("Ann", NOW)
    assert duty.roster().agents == ()
    assert duty.roster().names == ["warehouse", "desk"]


def test_who_has_another_role_by_now_goes_off_duty_all_the_same(redis_server: RedisServer) -> None:
    duty = duties(redis_server)
    duty.begin(ANN, NOW)
    duty.end(Person("Ann", Role.LEAD))
    assert duty.roster().agents == ()


# --- what waits for whom


def test_her_orders_are_listed_by_when_the_customer_hears(redis_server: RedisServer, ledger: RedisLedger) -> None:
    lists = Worklists(redis_server.client, ledger)
    later, sooner, others = (accepted(ledger) for _ in range(3))
    ledger.commit(later, replace(later, owner="Ann", next_word_by=NOW + timedelta(hours=2)), [])
    ledger.commit(sooner, replace(sooner, owner="Ann", next_word_by=NOW + timedelta(hours=1)), [])
    ledger.commit(others, replace(others, owner="Bo"), [])
    assert [order.ref for order in lists.of("Ann")] == [sooner.ref, later.ref]
    assert lists.of("nobody") == []


def test_a_new_hold_is_its_desks(redis_server: RedisServer, ledger: RedisLedger) -> None:
    order = accepted(ledger)
    ledger.commit(order, replace(order, holds=(new_hold(HoldCode.POISON, "desk", NOW),)), [])
    assert [each.ref for each in Worklists(redis_server.client, ledger).of("desk")] == [order.ref]


def test_what_is_on_its_way_is_listed_for_whom_it_goes_to(redis_server: RedisServer, ledger: RedisLedger) -> None:
    lists = Worklists(redis_server.client, ledger)
    order = accepted(ledger)
    handover = Handover(to="Bo", by="Ann", accept_by=NOW, asked=1)
    sent = ledger.commit(order, replace(order, owner="Ann", handover=handover), [])
    assert [each.ref for each in lists.handed_to(["warehouse", "Bo"])] == [order.ref]
    ledger.commit(sent, replace(sent, handover=None, owner="Bo"), [])
    assert lists.handed_to(["warehouse", "Bo"]) == []
    assert [each.ref for each in lists.of("Bo")] == [order.ref]
    assert lists.of("Ann") == []


def test_calls_are_listed_by_their_time(redis_server: RedisServer, ledger: RedisLedger) -> None:
    lists = Worklists(redis_server.client, ledger)
    later, sooner = accepted(ledger), accepted(ledger)
    ledger.commit(later, replace(later, callback=Callback(1, NOW + timedelta(hours=2))), [])
    kept = ledger.commit(sooner, replace(sooner, callback=Callback(1, NOW)), [])
    assert [order.ref for order in lists.calls()] == [sooner.ref, later.ref]
    ledger.commit(kept, replace(kept, callback=None), [])
    assert [order.ref for order in lists.calls()] == [later.ref]


# --- what she helped with


def test_what_a_customer_finished_is_found_by_who_helped_her(ledger: RedisLedger, redis_server: RedisServer) -> None:
    lists = Worklists(redis_server.client, ledger)
    orders = [accepted(ledger) for _ in range(3)]
    for minute, order in enumerate(orders):
        link = Event(NOW + timedelta(minutes=minute), "payment_link_sent", "Ann")
        ledger.commit(order, order, [link, Event(link.at, "noted", "Bo"), Event(link.at, "card_given", "customer")])
    for order in orders[:2]:
        there = ledger.load(order.ref)
        ended = replace(there.payment, state=PaymentState.CAPTURED)
        ledger.commit(there, replace(there, payment=ended, placement=Placement(state=PlacementState.VERIFIED)), [])
    found = lists.finished_with("Ann", NOW)
    assert [(order.ref, finish.helped) for order, finish in found] == [(each.ref, ("Ann",)) for each in orders[1::-1]]
    assert lists.finished_with("Bo", NOW) == []
    assert [order.ref for order, _ in lists.finished_with("Ann", NOW + timedelta(minutes=1))] == [orders[1].ref]
    assert_indexes_agree(redis_server.client, ledger)
