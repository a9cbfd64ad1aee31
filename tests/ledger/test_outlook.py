"""What alerts see of the whole house, from a real Redis."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.alerts import Sight
from fallback.domain.drill import Outcome, begin, ended
from fallback.domain.failover import Advice, Evidence, Failover, Sighting, Why
from fallback.domain.holds import HoldCode, new_hold
from fallback.domain.mode import Decider, Mode, ModeState
from fallback.domain.order import Payment, PaymentState, Queue
from tests.builders import NOW
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer

SWITCH = Sighting(NOW, Evidence(), Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4}))


def see(redis: RedisServer, after: timedelta = timedelta(), **settings: object) -> Sight:
    return a_container(redis.url, **settings).outlook.see(NOW + after)


def test_an_empty_house_is_quiet(redis_server: RedisServer) -> None:
    sight = see(redis_server)
    assert (sight.mode.mode, sight.advice, sight.not_ready) == (Mode.STANDBY, None, ())
    assert (sight.oldest_waiting, sight.oldest_due, sight.holds) == (None, {}, {})


def test_it_knows_which_order_waits_longest_for_the_shop_and_since_when_it_is_due(
    redis_server: RedisServer,
) -> None:
    ledger = a_container(redis_server.url).ledger
    paid = Payment(amount=3093, state=PaymentState.AUTHORIZED, intent="pi_1", authorized=3093)
    accepted(ledger, a_new_order(payment=paid, received_at=NOW - timedelta(minutes=5)))
    accepted(ledger, a_new_order(payment=paid, received_at=NOW))
    sight = see(redis_server)
    assert sight.oldest_waiting == NOW - timedelta(minutes=5)
    assert sight.oldest_due[Queue.PLACEMENT] == NOW - timedelta(minutes=5)


def test_what_is_due_later_is_not_due(redis_server: RedisServer) -> None:
    accepted(a_container(redis_server.url).ledger, a_new_order(received_at=NOW + timedelta(minutes=1)))
    assert Queue.PAYMENT not in see(redis_server).oldest_due
    assert Queue.PAYMENT in see(redis_server, after=timedelta(minutes=2)).oldest_due


def test_holds_are_counted_by_their_code(redis_server: RedisServer) -> None:
    hold = new_hold(HoldCode.PAYMENT_EXPIRING, "desk", NOW)
    ledger = a_container(redis_server.url).ledger
    order = accepted(ledger)
    ledger.commit(order, a_new_order(ref=order.ref, cart_id=order.cart_id, holds=(hold,)), [])
    assert see(redis_server).holds == {HoldCode.PAYMENT_EXPIRING: 1}


def test_advice_that_is_left_to_a_person_is_seen_and_a_switch_that_the_machine_makes_itself_is_not(
    redis_server: RedisServer,
) -> None:
    container = a_container(redis_server.url)
    container.modes.switch(ModeState(Mode.STANDBY, NOW, "fallback", "handed over", Decider.MACHINE))
    container.sightings.write(SWITCH)
    assert see(redis_server, fallback_failover=Failover.ADVISE).advice == SWITCH.advice
    assert see(redis_server, fallback_failover=Failover.AUTOMATIC).advice is None
    container.modes.switch(ModeState(Mode.STANDBY, NOW, "Omar", "a drill", until=NOW + timedelta(hours=1)))
    assert see(redis_server, fallback_failover=Failover.AUTOMATIC).advice == SWITCH.advice


def test_the_last_drill_that_came_to_an_end_is_seen(redis_server: RedisServer) -> None:
    drills = a_container(redis_server.url).drills
    for outcome in (Outcome.FAILED, Outcome.INTERRUPTED):
        drill = begin("clock", paid=True, now=NOW)
        drills.begin(drill)
        drills.keep(ended(drill, outcome, NOW), instead_of=drill)
    last = see(redis_server).drill
    assert last
    assert last.outcome is Outcome.FAILED


def test_a_redis_that_is_not_durable_is_seen(mortal_redis: RedisServer) -> None:
    mortal_redis.client.config_set("appendfsync", "everysec")
    assert see(mortal_redis).not_ready == ("Redis has appendfsync everysec: set it to always.",)
