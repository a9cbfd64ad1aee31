"""Accept stores an order completely or not at all, once per key and once per cart."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from msgspec.structs import replace

from fallback.domain.errors import RefTaken, TryAgain, UnknownOrder
from fallback.domain.order.exposure import SoldOut, Terms, WhenSoldOut
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.order import Event, Queue
from fallback.domain.placement import placement
from fallback.ledger.order.ledger import RedisLedger
from tests.builders import BOOK, NOW
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.world import IRIS, a_ledger, a_new_order, accepted
from tests.redis_server import RedisServer

THREADS = 16


def test_an_accepted_order_stands_in_the_ledger_as_it_was_sent(ledger: RedisLedger, redis_server: RedisServer) -> None:
    order = a_new_order()
    answer = ledger.accept(order, "key-1", "print")
    assert answer == Accepted(order.ref, NOW, ring=(Queue.PAYMENT, Queue.NOTICE))
    assert ledger.load(order.ref) == replace(order, version=1)
    assert ledger.timeline(order.ref) == [Event(NOW, "received", "customer")]
    assert ledger.ref_of_cart(order.cart_id) == order.ref
    assert_indexes_agree(redis_server.client, ledger)


def test_an_event_loop_takes_no_more_pieces_than_the_shop_has(ledger: RedisLedger) -> None:
    accepted(ledger)  # Redis knows the script
    order, terms = a_new_order(lines=(replace(BOOK, quantity=2, available=1),)), Terms(WhenSoldOut.REFUSE)
    assert asyncio.run(ledger.accept_in_loop(order, "key-1", "print", terms)) == SoldOut({BOOK.sku: 1})


def test_only_the_first_of_many_orders_rings_a_bell(ledger: RedisLedger) -> None:
    first, second = (ledger.accept(a_new_order(), key, "print") for key in ("key-1", "key-2"))
    assert first.ring == (Queue.PAYMENT, Queue.NOTICE)
    assert second.ring == ()


def test_the_same_key_and_body_is_answered_with_the_first_order(ledger: RedisLedger) -> None:
    first, again = a_new_order(), a_new_order()
    ledger.accept(first, "key-1", "print")
    assert ledger.accept(again, "key-1", "print") == Accepted(first.ref, NOW, replayed=True)
    assert ledger.replay("key-1", "print") == Accepted(first.ref, NOW, replayed=True)
    with pytest.raises(UnknownOrder):
        ledger.load(again.ref)


def test_the_same_key_with_another_body_is_refused(ledger: RedisLedger) -> None:
    ledger.accept(a_new_order(), "key-1", "print")
    assert ledger.accept(a_new_order(), "key-1", "other print") == KeyReused()
    assert ledger.replay("key-1", "other print") == KeyReused()


def test_a_key_that_never_came_has_nothing_to_replay(ledger: RedisLedger) -> None:
    assert ledger.replay("key-1", "print") is None


def test_the_same_cart_under_another_key_names_the_order_that_has_it(
    ledger: RedisLedger, redis_server: RedisServer
) -> None:
    first = accepted(ledger)
    before = redis_server.client.dbsize()
    assert ledger.accept(a_new_order(cart_id=first.cart_id), "key-2", "print") == CartTaken(first.ref)
    assert redis_server.client.dbsize() == before
    assert_indexes_agree(redis_server.client, ledger)


def test_a_cancelled_order_leaves_its_cart_to_the_next_one(ledger: RedisLedger) -> None:
    first = accepted(ledger)
    undone = placement.ask_to_cancel(first, NOW, "customer")
    ledger.commit(first, undone.order, undone.events)
    assert ledger.ref_of_cart(first.cart_id) is None
    second = a_new_order(cart_id=first.cart_id)
    assert ledger.accept(second, "key-2", "print") == Accepted(second.ref, NOW, ring=())
    assert ledger.ref_of_cart(first.cart_id) == second.ref


def test_what_is_cancelled_later_does_not_take_the_cart_from_the_next_order(ledger: RedisLedger) -> None:
    first = accepted(ledger)
    undone = placement.ask_to_cancel(first, NOW, "customer").order
    ledger.commit(first, undone, [])
    second = accepted(ledger, a_new_order(cart_id=first.cart_id))
    revived = ledger.load(first.ref)
    ledger.commit(revived, replace(first, version=revived.version), [])
    revived = ledger.load(first.ref)
    ledger.commit(revived, replace(undone, version=revived.version), [])
    assert ledger.ref_of_cart(first.cart_id) == second.ref


def test_equal_requests_at_the_same_moment_are_one_order(ledger: RedisLedger, redis_server: RedisServer) -> None:
    cart_id, barrier = "basket-17", Barrier(THREADS)

    def send(_: int) -> Accepted | KeyReused | CartTaken:
        order = a_new_order(cart_id=cart_id)
        barrier.wait(10)
        return ledger.accept(order, "key-1", "print")

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(send, range(THREADS)))
    assert len({(answer.ref, answer.received_at) for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1
    assert redis_server.client.zcard("received") == 1


def test_equal_requests_to_different_processes_are_one_order(redis_server: RedisServer) -> None:
    ledgers = [a_ledger(redis_server.url) for _ in range(4)]
    barrier = Barrier(len(ledgers))

    def send(ledger: RedisLedger) -> Accepted | KeyReused | CartTaken:
        order = a_new_order(cart_id="basket-17")
        barrier.wait(10)
        return ledger.accept(order, "key-1", "print")

    with ThreadPoolExecutor(len(ledgers)) as threads:
        answers = list(threads.map(send, ledgers))
    assert len({answer.ref for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1


def test_orders_written_together_each_get_their_own_answer(ledger: RedisLedger, redis_server: RedisServer) -> None:
    orders = [a_new_order() for _ in range(200)]
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda order: ledger.accept(order, order.ref, order.ref), orders))
    assert [answer.ref for answer in answers] == [order.ref for order in orders]
    assert not any(answer.replayed for answer in answers)
    assert_indexes_agree(redis_server.client, ledger)


def test_scripts_that_redis_forgot_are_loaded_again(ledger: RedisLedger, redis_server: RedisServer) -> None:
    accepted(ledger)
    redis_server.client.script_flush()
    order = accepted(ledger)
    redis_server.client.script_flush()
    ledger.commit(order, order, [])
    redis_server.client.script_flush()
    assert len(ledger.claim_due(Queue.PAYMENT, lease=NOW - NOW, limit=10)) == 2


def test_a_replica_by_mistake_is_try_again(mortal_redis: RedisServer) -> None:
    mortal_redis.client.replicaof("127.0.0.1", "1")
    with pytest.raises(TryAgain):
        accepted(a_ledger(mortal_redis.url))


def test_the_person_is_found_by_address_and_phone_in_any_spelling(ledger: RedisLedger) -> None:
    first, second = accepted(ledger), accepted(ledger)
    accepted(ledger, a_new_order(customer=replace(IRIS, email="other@example.org", phone=None)))
    assert ledger.refs_of_person(email=" iris.murdoch@EXAMPLE.org", limit=9) == [second.ref, first.ref]
    assert ledger.refs_of_person(phone="+441482300300", limit=9) == [second.ref, first.ref]
    assert ledger.refs_of_person(phone="+44 1482 000000", limit=9) == []


def test_an_order_never_takes_the_place_of_another_with_its_ref(ledger: RedisLedger, redis_server: RedisServer) -> None:
    first = accepted(ledger)
    before = redis_server.client.dbsize()
    with pytest.raises(RefTaken):
        ledger.accept(a_new_order(ref=first.ref, cart_id="basket-18"), "key-2", "print")
    assert ledger.load(first.ref) == first
    assert redis_server.client.dbsize() == before
    assert ledger.replay("key-2", "print") is None
    assert_indexes_agree(redis_server.client, ledger)


def test_a_key_and_its_answer_are_forgotten_after_two_days(ledger: RedisLedger, redis_server: RedisServer) -> None:
    ledger.accept(a_new_order(), "key-1", "print")
    (key,) = list(redis_server.client.scan_iter("key:*"))
    assert 47 * 3600 < redis_server.client.ttl(key) <= 48 * 3600  # type: ignore[operator]
