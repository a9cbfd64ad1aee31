"""The connection breaks after Redis executed a command: a repeated command has its effect once and the same reply."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import redis
from msgspec.structs import replace

from fallback.domain.errors import TryAgain
from fallback.domain.order.ledger import Accepted, CartTaken
from fallback.domain.order.order import Event
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import group_commit
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.group_commit import GroupCommit
from tests.builders import NOW
from tests.ledger.cutting_proxy import CuttingProxy
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.world import a_ledger, a_new_order, accepted
from tests.redis_server import RedisServer

SEEN = Event(NOW, "seen", "worker")


@pytest.fixture
def line(redis_server: RedisServer) -> Iterator[CuttingProxy]:
    with CuttingProxy(redis_server.url) as proxy:
        yield proxy


@pytest.fixture
def far_ledger(line: CuttingProxy) -> RedisLedger:
    return a_ledger(line.url)


def test_an_order_whose_answer_was_lost_is_one_order_and_no_replay(
    line: CuttingProxy, far_ledger: RedisLedger, redis_server: RedisServer
) -> None:
    accepted(far_ledger)
    order = a_new_order()
    line.cut_after(order.ref.encode())
    answer = far_ledger.accept(order, "key-1", "print")
    assert line.cut.is_set()
    assert answer == Accepted(order.ref, NOW)
    assert far_ledger.load(order.ref) == replace(order, version=1)
    assert_indexes_agree(redis_server.client, far_ledger)


def test_a_ledger_that_nobody_uses_any_more_keeps_no_connection(redis_server: RedisServer) -> None:
    client = redis.Redis.from_url(redis_server.admin_url, max_connections=10)
    for _ in range(11):
        ledger = RedisLedger(client, Crypto(["secret"]))
        ledger.load(accepted(ledger).ref)
        del ledger
        gc.collect()
    client.close()


class Interrupted(BaseException):
    """As when a job's time is up while it waits."""


def test_a_write_that_was_interrupted_leaves_its_response_to_nobody_else(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = GroupCommit(redis_server.client)

    def interrupted(_: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(group_commit, "_read", interrupted)
        with pytest.raises(Interrupted):
            commit.write("ECHO", "first")
    assert commit.write("ECHO", "second") == b"second"


def test_a_commit_whose_answer_was_lost_is_done_and_no_conflict(
    line: CuttingProxy, far_ledger: RedisLedger, redis_server: RedisServer
) -> None:
    order = accepted(far_ledger)
    far_ledger.commit(order, order, [])
    order = far_ledger.load(order.ref)
    line.cut_after(b"EVALSHA")
    now = far_ledger.commit(order, replace(order, released=True), [SEEN], once="evt_1")
    assert line.cut.is_set()
    assert far_ledger.load(order.ref) == now
    assert far_ledger.timeline(order.ref).count(SEEN) == 1
    assert_indexes_agree(redis_server.client, far_ledger)


def test_a_commit_sent_again_after_others_came_is_still_done(
    ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resend is made by hand, under its writer's name: nobody here is quicker than a real one."""
    names = iter([f"{number:016x}" for number in (1, 2, 3, 4, 1)])
    monkeypatch.setattr("fallback.ledger.order.ledger.token_hex", lambda _: next(names))
    first = accepted(ledger)
    now = ledger.commit(first, first, [SEEN])
    for _ in range(3):
        now = ledger.commit(now, now, [])
    ledger.commit(first, first, [SEEN])
    assert ledger.load(first.ref) == now
    assert ledger.timeline(first.ref).count(SEEN) == 1


def test_a_cart_that_is_taken_is_not_taken_for_our_own_resend(line: CuttingProxy, far_ledger: RedisLedger) -> None:
    first = accepted(far_ledger)
    other = a_new_order(cart_id=first.cart_id)
    line.cut_after(other.ref.encode())
    assert far_ledger.accept(other, "key-2", "print") == CartTaken(first.ref)


def test_redis_away_is_try_again_for_every_call(mortal_redis: RedisServer) -> None:
    ledger = a_ledger(mortal_redis.url)
    order = accepted(ledger)
    mortal_redis.kill()
    for ask in (
        lambda: ledger.accept(a_new_order(), "key", "print"),
        lambda: ledger.commit(order, order, []),
        lambda: ledger.load(order.ref),
        lambda: ledger.replay("key", "print"),
        lambda: ledger.keep_unclaimed("evt_1", b"{}"),
        lambda: ledger.refs_of_person(email="iris@example.org", limit=9),
    ):
        with pytest.raises(TryAgain):
            ask()
    mortal_redis.start()
    assert ledger.load(order.ref) == order
