"""Webhooks that are late, repeated, out of order or unrelated (receive_payment_event)."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from fallback.domain.errors import Conflict
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import PaymentState, Queue
from fallback.domain.order.refs import new_ref
from fallback.domain.payment.inbox import KEPT, Unclaimed, pack
from fallback.domain.payment.news import KNOWN_IN, PaymentNews
from fallback.usecases.payment.read_inbox import read_inbox, sweep_inbox
from fallback.usecases.payment.receive_payment_event import receive_payment_event
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.usecases.world import Crash, World


def an_order(card: str = VISA) -> World:
    world = World()
    world.a_customer_orders(card)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    return world


def test_an_event_makes_a_shift_look_at_the_intent_itself() -> None:
    world = an_order(THREE_D_SECURE)
    world.stripe_says(PaymentNews.AUTHORIZED)  # before it is true
    world.shifts_work()
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.gateway.calls["retrieve"] == 1


def test_the_same_event_twice_is_one() -> None:
    world = an_order(THREE_D_SECURE)
    for _ in range(3):
        world.stripe_says(PaymentNews.DECLINED, "evt_7")
    assert world.told.count(PaymentNews.DECLINED) == 1


@pytest.mark.parametrize("what", PaymentNews)
@pytest.mark.parametrize("undone", [False, True], ids=["settled", "undone"])
def test_events_that_come_late_change_nothing_of_an_order_that_has_ended(what: str, undone: bool) -> None:
    world = an_order()
    world.time_passes()
    if undone:
        world.the_customer_cancels()
        world.time_passes()
    before = (world.headline, world.states, world.mails)
    world.stripe_says(what)
    world.time_passes()
    assert (world.headline, world.states, world.mails) == before


@pytest.mark.parametrize("what", PaymentNews)
def test_an_event_that_names_an_order_that_is_not_here_goes_to_the_inbox_once(what: PaymentNews) -> None:
    world, ref = World(), new_ref()
    for _ in range(2):
        receive_payment_event(world.container, "evt_1", what, "pi_of_nobody", ref)
    [event] = read_inbox(world.container)
    assert (event.id, event.news, event.ref, event.intent) == ("evt_1", what, ref, "pi_of_nobody")


@pytest.mark.parametrize("ref", [None, "order-17", "FB-0000-0000-1"])
def test_what_is_another_systems_on_the_same_account_is_not_kept(ref: str | None) -> None:
    world = World()
    receive_payment_event(world.container, "evt_1", PaymentNews.CAPTURED, "pi_of_nobody", ref)
    assert world.ledger.inbox == {}


def test_the_inbox_holds_nothing_but_ids() -> None:
    world = World()
    receive_payment_event(world.container, "evt_1", PaymentNews.CAPTURED, "pi_1", new_ref())
    assert set(msgspec.json.decode(world.ledger.inbox["evt_1"])) == {"id", "news", "ref", "intent", "at"}


def test_what_is_in_the_inbox_goes_after_its_time_and_when_its_order_is_here() -> None:
    world = World()
    receive_payment_event(world.container, "evt_1", PaymentNews.CAPTURED, "pi_1", new_ref())
    world.now += KEPT / 2
    receive_payment_event(world.container, "evt_2", PaymentNews.CAPTURED, "pi_2", new_ref())
    world.a_customer_orders()
    restored = Unclaimed("evt_3", PaymentNews.CAPTURED, world.ref, "pi_3", world.now)
    world.ledger.keep_unclaimed("evt_3", pack(restored))
    world.ledger.keep_unclaimed("evt_4", b'{"object": "event", "of": "a version before"}')
    assert [event.id for event in read_inbox(world.container)] == ["evt_1", "evt_2", "evt_3"]
    sweep_inbox(world.container)
    assert [event.id for event in read_inbox(world.container)] == ["evt_1", "evt_2"]
    world.now += KEPT / 2
    sweep_inbox(world.container)
    assert [event.id for event in read_inbox(world.container)] == ["evt_2"]


def test_an_event_inside_a_call_is_left_to_whoever_made_the_call() -> None:
    world = World()
    world.a_customer_orders(VISA)
    world.gateway.fail_next("confirm", Crash(), after_effect=True)
    with pytest.raises(Crash):
        world.shifts_work()
    before = world.gateway.calls["retrieve"]
    world.stripe_says(PaymentNews.AUTHORIZED)
    world.shifts_work(Queue.PAYMENT)
    assert world.gateway.calls["retrieve"] == before
    world.time_passes()
    assert world.is_settled()
    assert PaymentNews.AUTHORIZED not in world.told  # the call's own outcome has said it


def test_an_event_during_a_call_is_read_after_the_call() -> None:
    """The customer answers the bank while the answer to our own call, that the bank asks, is on its way."""
    world = World()
    world.a_customer_orders(THREE_D_SECURE)

    def the_customer_is_quick() -> None:
        world.the_bank_asks_and_the_customer(passes=True)
        world.stripe_says(PaymentNews.AUTHORIZED)

    world.meanwhile("gateway", "confirm", the_customer_is_quick)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT)
    assert world.order.payment.state is PaymentState.AUTHORIZED
    assert world.order.payment.heard == ()
    assert world.told.count(PaymentNews.AUTHORIZED) == 1


def test_an_event_finds_its_order_by_the_ref_while_the_intents_id_is_lost() -> None:
    world = World()
    world.a_customer_orders(VISA)
    receive_payment_event(world.container, "evt_1", PaymentNews.DECLINED, "pi_1", world.ref)
    assert world.ledger.inbox == {}
    assert PaymentNews.DECLINED in world.told


def test_an_event_that_meets_another_writer_is_recorded_on_what_the_customer_left() -> None:
    world = an_order(THREE_D_SECURE)
    world.ledger.fail_next("commit", Conflict(world.ref), times=2)
    world.stripe_says(PaymentNews.DECLINED)
    assert PaymentNews.DECLINED in world.told


def test_each_kind_of_news_is_news_in_some_state() -> None:
    assert set(KNOWN_IN) == set(PaymentNews)
    assert all(known < set(PaymentState) for known in KNOWN_IN.values())
