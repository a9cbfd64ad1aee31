"""Due work is claimed by one worker, leased, and due again by itself; bells ring only if nobody works."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from msgspec.structs import replace

from fallback.domain.order.order import Notice, NoticeKind, Queue
from fallback.ledger.order.ledger import RedisLedger
from tests.builders import NOW, an_order
from tests.ledger.world import a_new_order, accepted
from tests.redis_server import RedisServer

LEASE = timedelta(seconds=40)


def test_due_orders_are_taken_oldest_first_and_not_more_than_asked_for(ledger: RedisLedger) -> None:
    refs = [
        accepted(ledger, replace(a_new_order(), received_at=NOW + timedelta(seconds=second))).ref
        for second in (2, 0, 1)
    ]
    ledger.clock = lambda: NOW + timedelta(seconds=10)
    assert ledger.count_due(Queue.PAYMENT) == 3
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 2) == [refs[1], refs[2]]
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 2) == [refs[0]]
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 2) == []


def test_whose_authorization_lapses_first_is_handed_over_first_and_the_others_by_age(ledger: RedisLedger) -> None:
    """Also when its time has just come again, behind orders that are due for long."""
    by_age = [held(ledger, NOW + timedelta(seconds=second), None) for second in (0, 5)]
    late, soon = (held(ledger, NOW + timedelta(seconds=9), NOW + timedelta(days=days)) for days in (7, 2))
    ledger.clock = lambda: NOW + timedelta(seconds=10)
    assert ledger.claim_due(Queue.PLACEMENT, LEASE, 2) == [soon, late]
    assert ledger.claim_due(Queue.PLACEMENT, LEASE, 10) == by_age
    ledger.clock = lambda: NOW + timedelta(seconds=10) + LEASE
    assert ledger.claim_due(Queue.PLACEMENT, LEASE, 1) == [soon]


def test_those_who_go_first_are_found_behind_others_that_are_at_work(ledger: RedisLedger) -> None:
    by_age = held(ledger, NOW - timedelta(hours=1), None)
    first, second, third = (held(ledger, NOW, NOW + timedelta(days=days)) for days in (2, 3, 4))
    assert ledger.claim_due(Queue.PLACEMENT, LEASE, 2) == [first, second]
    assert ledger.claim_due(Queue.PLACEMENT, LEASE, 1) == [third]
    assert ledger.claim_due(Queue.PLACEMENT, LEASE, 1) == [by_age]


def held(ledger: RedisLedger, received_at: datetime, capture_before: datetime | None) -> str:
    order = accepted(ledger, an_order(received_at=received_at))
    payment = replace(order.payment, capture_before=capture_before)
    return ledger.commit(order, replace(order, payment=payment), []).ref


def test_what_is_not_due_yet_is_left(ledger: RedisLedger) -> None:
    accepted(ledger)
    ledger.clock = lambda: NOW - timedelta(seconds=1)
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == []


def test_what_a_dead_worker_took_comes_due_again(ledger: RedisLedger) -> None:
    order = accepted(ledger)
    ledger.claim_due(Queue.PAYMENT, LEASE, 10)
    ledger.clock = lambda: NOW + LEASE - timedelta(seconds=1)
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == []
    ledger.clock = lambda: NOW + LEASE
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [order.ref]


@pytest.mark.parametrize("minutes", [-4, 4])
def test_what_is_due_is_due_by_redis_own_clock(ledger: RedisLedger, redis_server: RedisServer, minutes: int) -> None:
    """The caller's is some minutes off, on either side."""
    just_now, _ = around(ledger, redis_server, timedelta(seconds=30))
    now = redis_now(redis_server)
    ledger.clock = lambda: now + timedelta(minutes=minutes)
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [just_now]


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_of_redis_that_has_jumped_decides_nothing(
    ledger: RedisLedger, redis_server: RedisServer, minutes: int
) -> None:
    """It is more than five minutes from the one that all callers go by."""
    just_now, soon = around(ledger, redis_server, timedelta(minutes=3))
    now = redis_now(redis_server)
    ledger.clock = lambda: now + timedelta(minutes=minutes)
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == ([just_now, soon] if minutes > 0 else [])


def around(ledger: RedisLedger, server: RedisServer, apart: timedelta) -> list[str]:
    """Two orders: one has been due for so long, the other will be in so long, by Redis' clock."""
    now = redis_now(server)
    return [accepted(ledger, replace(a_new_order(), received_at=at)).ref for at in (now - apart, now + apart)]


def redis_now(server: RedisServer) -> datetime:
    seconds, microseconds = cast(tuple[int, int], server.client.time())
    return datetime.fromtimestamp(seconds + microseconds / 1e6, UTC)


def test_each_queue_has_its_own_time(ledger: RedisLedger) -> None:
    in_an_hour = Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW + timedelta(hours=1))
    order = accepted(ledger, an_order(notices=(in_an_hour,)))
    assert ledger.claim_due(Queue.NOTICE, LEASE, 10) == []
    assert ledger.claim_due(Queue.PLACEMENT, LEASE, 10) == [order.ref]


def test_many_workers_share_the_orders(ledger: RedisLedger) -> None:
    refs = {accepted(ledger).ref for _ in range(50)}
    with ThreadPoolExecutor(8) as threads:
        shares = list(threads.map(lambda _: ledger.claim_due(Queue.PAYMENT, LEASE, 10), range(8)))
    taken = [ref for share in shares for ref in share]
    assert sorted(taken) == sorted(refs)


def test_while_somebody_takes_orders_no_bell_rings(ledger: RedisLedger) -> None:
    accepted(ledger)
    ledger.claim_due(Queue.PAYMENT, LEASE, 10)
    assert Queue.PAYMENT not in ledger.accept(a_new_order(), "key-2", "print").ring


def test_when_nothing_is_left_the_next_order_rings_again(ledger: RedisLedger) -> None:
    accepted(ledger)
    for _ in range(2):
        ledger.claim_due(Queue.PAYMENT, LEASE, 10)
    assert ledger.accept(a_new_order(), "key-2", "print").ring == (Queue.PAYMENT,)
