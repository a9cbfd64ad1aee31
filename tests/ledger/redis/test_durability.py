"""What was answered is on disk: Redis dies with kill -9 right after, and the order is there when it is back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event as Signal

import pytest
from msgspec.structs import replace

from fallback.domain.errors import TryAgain
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.order import Event
from tests.builders import NOW, an_order
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.world import a_ledger, a_new_order, accepted
from tests.redis_server import RedisServer

MOST_BYTES_PER_ORDER = 3_000
THREADS = 8


def test_an_accepted_order_survives_kill_9(mortal_redis: RedisServer) -> None:
    ledger, order = a_ledger(mortal_redis.url), a_new_order()
    ledger.accept(order, "key-1", "print")
    mortal_redis.kill()
    mortal_redis.start()
    assert ledger.load(order.ref) == replace(order, version=1)
    assert ledger.accept(a_new_order(), "key-1", "print") == Accepted(order.ref, NOW, replayed=True)
    assert_indexes_agree(mortal_redis.client, ledger)


def test_a_commit_survives_kill_9(mortal_redis: RedisServer) -> None:
    ledger = a_ledger(mortal_redis.url)
    order = accepted(ledger)
    now = ledger.commit(order, replace(order, released=True), [Event(NOW, "released", "Ana")])
    mortal_redis.kill()
    mortal_redis.start()
    assert ledger.load(order.ref) == now
    assert [event.what for event in ledger.timeline(order.ref)] == ["received", "released"]


def test_under_load_no_answered_order_is_lost_and_every_other_is_there_as_a_whole_or_not(
    mortal_redis: RedisServer,
) -> None:
    ledger = a_ledger(mortal_redis.url)
    answered, enough = [], Signal()

    def sell(_: int) -> None:
        for _ in count():
            order = a_new_order()
            try:
                answered.append(ledger.accept(order, order.ref, "print").ref)
            except TryAgain:
                return
            if len(answered) > 200:
                enough.set()

    with ThreadPoolExecutor(THREADS) as threads:
        sellers = [threads.submit(sell, number) for number in range(THREADS)]
        assert enough.wait(20)
        mortal_redis.kill()
        for seller in sellers:
            seller.result(20)
    mortal_redis.start()
    assert {order.ref for order in ledger.load_many(answered)} == set(answered)
    assert_indexes_agree(mortal_redis.client, ledger)


def test_a_held_order_takes_less_than_3_kb_of_redis(mortal_redis: RedisServer) -> None:
    """What memory an order of two lines needs with all its indexes, averaged over 2,000."""
    ledger, client = a_ledger(mortal_redis.url), mortal_redis.client
    before = client.info("memory")["used_memory"]
    lines = an_order().lines * 2
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda _: accepted(ledger, a_new_order(lines=lines)), range(2_000)))
    per_order = (client.info("memory")["used_memory"] - before) / 2_000
    assert per_order < MOST_BYTES_PER_ORDER


@pytest.mark.parametrize("commits", [12])
def test_an_order_that_was_worked_on_stays_below_3_kb_too(mortal_redis: RedisServer, commits: int) -> None:
    ledger, client = a_ledger(mortal_redis.url), mortal_redis.client
    order = accepted(ledger)
    for number in range(commits):
        order = ledger.commit(order, order, [Event(NOW, "authorized", "stripe", {"amount": 3093 + number})])
    assert client.memory_usage(f"order:{order.ref}") < MOST_BYTES_PER_ORDER
