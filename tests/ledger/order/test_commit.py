"""Commit: compare-and-set on the order's version. A late writer is told, and writes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from msgspec.structs import replace

from fallback.domain.errors import AlreadyDone, Conflict, UnknownOrder
from fallback.domain.order.order import Event, Order, Placement, PlacementState, Queue
from fallback.domain.payment import payment
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from tests.builders import NOW
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.world import IRIS, a_new_order, accepted
from tests.redis_server import RedisServer

THREADS = 8
ROUNDS = 10
SEEN = Event(NOW, "seen", "worker")


def test_one_of_many_writers_wins_each_version(ledger: RedisLedger) -> None:
    order = accepted(ledger)
    barrier = Barrier(THREADS)

    def write(name: int) -> list[int]:
        won = []
        for version in range(1, ROUNDS + 1):
            barrier.wait(10)
            read = ledger.load(order.ref)
            barrier.wait(10)
            try:
                won.append(ledger.commit(read, read, [Event(NOW, str(version), str(name))]).version)
            except Conflict:
                continue
        return won

    with ThreadPoolExecutor(THREADS) as threads:
        versions = [version for won in threads.map(write, range(THREADS)) for version in won]
    assert sorted(versions) == list(range(2, ROUNDS + 2))
    assert [event.what for event in ledger.timeline(order.ref)[1:]] == [str(round_) for round_ in range(1, ROUNDS + 1)]


def test_an_outside_event_is_recorded_once(ledger: RedisLedger) -> None:
    order = accepted(ledger)
    now = ledger.commit(order, order, [SEEN], once="evt_1")
    with pytest.raises(AlreadyDone):
        ledger.commit(now, now, [SEEN], once="evt_1")
    assert ledger.load(order.ref) == now
    assert ledger.timeline(order.ref).count(SEEN) == 1


def test_an_order_that_is_not_there_is_unknown(ledger: RedisLedger) -> None:
    order = a_new_order()
    for ask in (ledger.load, ledger.timeline, lambda _: ledger.commit(order, order, [])):
        with pytest.raises(UnknownOrder):
            ask(order.ref)


def test_an_order_without_its_place_among_all_is_not_written_by_half(
    ledger: RedisLedger, redis_server: RedisServer
) -> None:
    order = accepted(ledger)
    redis_server.client.zrem(keys.RECEIVED, order.ref)
    with pytest.raises(UnknownOrder):
        ledger.commit(order, _placed(order), [])
    assert ledger.load(order.ref) == order


def test_an_order_remembers_the_ids_of_its_last_few_writes(ledger: RedisLedger, redis_server: RedisServer) -> None:
    order = accepted(ledger)
    for _ in range(6):
        order = ledger.commit(order, order, [])
    assert redis_server.client.hstrlen(keys.order(order.ref), "w") == 4 * 16


def test_a_payment_is_found_by_its_intent(ledger: RedisLedger) -> None:
    order = accepted(ledger)
    assert ledger.ref_of_intent("pi_17") is None
    ledger.commit(order, replace(order, payment=replace(order.payment, intent="pi_17")), [])
    assert ledger.ref_of_intent("pi_17") == order.ref


def test_a_payment_that_was_given_up_still_names_its_order(ledger: RedisLedger, redis_server: RedisServer) -> None:
    order = accepted(ledger)
    paying = ledger.commit(order, replace(order, payment=replace(order.payment, intent="pi_17")), [])
    before = redis_server.client.dbsize()
    ledger.commit(paying, replace(paying, payment=order.payment), [])
    assert ledger.ref_of_intent("pi_17") == order.ref
    assert redis_server.client.dbsize() == before


def test_who_changes_their_address_is_found_by_the_new_one_only(ledger: RedisLedger, redis_server: RedisServer) -> None:
    order = accepted(ledger)
    moved = replace(IRIS, email="iris@example.com", phone=None)
    ledger.commit(order, replace(order, customer=moved), [])
    assert ledger.load(order.ref).customer == moved
    assert ledger.refs_of_person(email="iris@example.com", limit=9) == [order.ref]
    assert ledger.refs_of_person(email=IRIS.email, limit=9) == []
    assert ledger.refs_of_person(phone=IRIS.phone, limit=9) == []
    assert_indexes_agree(redis_server.client, ledger)


def test_an_erased_person_is_nowhere(ledger: RedisLedger) -> None:
    order = accepted(ledger)
    ledger.commit(order, replace(order, customer=None), [])
    assert ledger.load(order.ref).customer is None
    assert ledger.refs_of_person(email=IRIS.email, limit=9) == []


def test_a_commit_keeps_the_lease_of_a_queue_whose_due_time_did_not_change(ledger: RedisLedger) -> None:
    order = accepted(ledger)
    ledger.claim_due(Queue.PAYMENT, payment.AHEAD_OF_DEADLINE, 10)
    ledger.commit(order, replace(order, maybe_taken=True), [])
    assert ledger.count_due(Queue.PAYMENT) == 0


def test_a_refused_commit_leaves_the_indexes_alone(ledger: RedisLedger, redis_server: RedisServer) -> None:
    order = accepted(ledger)
    ledger.commit(order, order, [])
    with pytest.raises(Conflict):
        ledger.commit(order, _placed(order), [])
    assert_indexes_agree(redis_server.client, ledger)


def _placed(order: Order) -> Order:
    return replace(
        order, placement=Placement(state=PlacementState.PLACED), payment=replace(order.payment, intent="pi_9")
    )
