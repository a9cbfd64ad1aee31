"""Whatever is wrong in Redis is found, and put right from the documents, which stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Event

import pytest
import redis
from msgspec.structs import replace

from fallback.domain.incident.incident import by_switch
from fallback.domain.order.exposure import Terms
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Event as Line
from fallback.domain.order.order import Order, Placement, PlacementState, Queue
from fallback.domain.order.patience import LEASE
from fallback.domain.outage.mode import Mode, ModeState
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.packing import unpack
from fallback.ledger.verify.counts import MOVES
from fallback.ledger.verify.difference import A_DOCUMENT, Difference
from fallback.ledger.verify.standing import A_SEQUENCE
from tests.builders import BOOK, NOW
from tests.ledger.recount import assert_counts_agree, assert_indexes_agree
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer

NOBODY = "FB-0000-0000-0"


@pytest.fixture
def client(redis_server: RedisServer) -> redis.Redis:
    return redis_server.client


def found(server: RedisServer, repair: bool = False) -> list[Difference]:
    verification = a_container(server.url).verification(repair)
    return list(verification.differences(verification.keys()))


def busy(ledger: RedisLedger) -> Order:
    """An order that stands in an index of each kind."""
    order = accepted(ledger)
    at = NOW + timedelta(hours=1)
    grant = Grant(
        id=1,
        kind=GrantKind.GOODWILL,
        amount=500,
        reason="waited",
        who="Ann",
        at=NOW,
        incident="standby",
        state=GrantState.GRANTED,
    )
    changed = replace(
        order,
        payment=replace(order.payment, intent=f"pi_{order.ref}", capture_before=at),
        placement=Placement(number="#EX-1", late_since=NOW),
        holds=(new_hold(HoldCode.MISMATCH, "desk", NOW),),
        owner="Ann",
        next_word_by=at,
        handover=Handover(to="Cy", by="Ann", accept_by=at, asked=1),
        callback=Callback(1, at),
        grants=(grant,),
    )
    return ledger.commit(order, changed, [Line(NOW, "message", "Ann")])


def cancelled(ledger: RedisLedger) -> Order:
    order = accepted(ledger)
    gone = replace(order, placement=Placement(state=PlacementState.CANCELLED), cancel_asked=True)
    return ledger.commit(order, gone, [])


def documents(client: redis.Redis) -> dict[bytes, dict[bytes, bytes]]:
    return {key: client.hgetall(key) for key in client.scan_iter(f"{keys.order('')}*")}


def test_nothing_differs_while_nothing_is_wrong(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    busy(ledger)
    cancelled(ledger)
    accepted(ledger, a_new_order(drill=True))
    a_container(redis_server.url).incidents.open(by_switch(ModeState(Mode.ACTIVE, NOW, "Ada", "it is down"), 0))
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10)  # works on them meanwhile
    assert found(redis_server) == []


def test_each_index_entry_that_is_gone_is_found_and_put_back(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    orders = [busy(ledger), cancelled(ledger), accepted(ledger, a_new_order(drill=True))]
    no_indexes = (keys.order(""), keys.idempotency(""), keys.bell(Queue.PAYMENT)[:5], keys.EXPOSURE)
    counters = {keys.SEQUENCE, keys.DRILL_SEQUENCE}
    names = {key.decode() for key in client.scan_iter()} - counters
    indexes = {key for key in names if not key.startswith(no_indexes)}
    before = documents(client)
    client.delete(*indexes)
    assert {each.key for each in found(redis_server)} - {keys.EXPOSURE} == indexes  # of which orders cannot be counted
    repaired = found(redis_server, repair=True)
    assert {each.key for each in repaired} == indexes
    assert all(each.mended for each in repaired)
    assert found(redis_server) == []
    assert documents(client) == before
    assert ledger.refs_of_person(email=IRIS.email)
    assert set(ledger.refs_of_person(phone=IRIS.phone)) == {order.ref for order in orders if not order.drill}


def test_an_order_takes_its_place_again_that_another_index_still_knows(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    first, _, third = busy(ledger), cancelled(ledger), accepted(ledger)
    client.delete(keys.RECEIVED)
    assert {each.expected for each in found(redis_server, repair=True)} == {1, 2, 3}
    assert client.zscore(keys.RECEIVED, third.ref) == 3
    assert ledger.load(first.ref) == first
    assert_indexes_agree(client, ledger)


def test_an_order_that_no_index_knows_is_listed_last(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    accepted(ledger)
    order = accepted(ledger)
    client.set(keys.SEQUENCE, 0)  # lost as well
    lost = [key for key in client.scan_iter(_type="zset") if client.zrem(key, order.ref)]
    assert A_SEQUENCE in {each.expected for each in found(redis_server, repair=True)}
    assert client.zscore(keys.RECEIVED, order.ref) == 2
    assert len(lost) == len([key for key in client.scan_iter(_type="zset") if client.zscore(key, order.ref)])
    assert found(redis_server) == []


DAMAGE: dict[str, Callable[[redis.Redis, Order], object]] = {
    keys.headline("settled"): lambda client, order: client.zadd(keys.headline("settled"), {order.ref: 1}),
    keys.RECEIVED: lambda client, _: client.zadd(keys.RECEIVED, {NOBODY: 1}),
    keys.due(Queue.NOTICE): lambda client, order: client.zadd(keys.due(Queue.NOTICE), {order.ref: 5}),
    keys.due(Queue.PLACEMENT): lambda client, order: client.zadd(keys.due(Queue.PLACEMENT), {order.ref: 9e9}),
    keys.part("ZZZ"): lambda client, order: client.zadd(keys.part("ZZZ"), {order.ref: 1}),
    keys.number("ex-9"): lambda client, order: client.zadd(keys.number("ex-9"), {order.ref: 1}),
    keys.owner("Bo"): lambda client, order: client.zadd(keys.owner("Bo"), {order.ref: 1}),
    keys.person("email", "x"): lambda client, order: client.zadd(keys.person("email", "x"), {order.ref: 1}),
    keys.person("phone", "x"): lambda client, _: client.zadd(keys.person("phone", "x"), {NOBODY: 1}),
    keys.booked(GrantKind.GOODWILL, "2026", "EUR"): lambda client, order: client.zadd(
        keys.booked(GrantKind.GOODWILL, "2026", "EUR"), {order.ref: 1}
    ),
    keys.cart("other"): lambda client, order: client.set(keys.cart("other"), order.ref),
    keys.cart("gone"): lambda client, _: client.set(keys.cart("gone"), NOBODY),
    keys.intent("pi_gone"): lambda client, _: client.set(keys.intent("pi_gone"), NOBODY),
    keys.SEQUENCE: lambda client, _: client.set(keys.SEQUENCE, 0),
}


@pytest.mark.parametrize("key", DAMAGE)
def test_what_should_not_be_there_is_found_and_taken_away(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, key: str
) -> None:
    order = busy(ledger)
    DAMAGE[key](client, order)
    assert [(each.key, each.mended) for each in found(redis_server, repair=True)] == [(key, True)]
    assert found(redis_server) == []
    assert_indexes_agree(client, ledger)


def test_the_intent_of_an_earlier_payment_keeps_its_name(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    order = busy(ledger)
    ledger.commit(order, replace(order, payment=replace(order.payment, intent="pi_2")), [])
    assert found(redis_server) == []


def test_two_orders_that_claim_one_cart_are_left_to_a_person(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    first, second = accepted(ledger), accepted(ledger)
    client.set(keys.cart(first.cart_id), second.ref)
    key = keys.cart(first.cart_id)
    assert found(redis_server, repair=True) == [
        Difference(key, first.ref, first.ref, second.ref),
        Difference(key, second.ref, None, second.ref, mended=True),
    ]
    assert found(redis_server) == [Difference(key, first.ref, first.ref, None)]


def test_no_order_differs_because_orders_come_and_change(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    verification, enough, some = a_container(redis_server.url).verification(repair=True), Event(), Event()

    def customers_and_workers() -> None:
        for number in count():
            order = busy(ledger)
            ledger.commit(
                order, replace(order, owner=f"Bo {number % 3}", placement=Placement(number=f"EX-{number}")), []
            )
            if number > 5:
                some.set()
            if enough.is_set():
                return

    with ThreadPoolExecutor(1) as pool:
        came, found = pool.submit(customers_and_workers), []
        while not some.is_set() and not came.done():
            found += verification.differences(verification.keys())
        found += verification.differences(verification.keys())
        enough.set()
        came.result()
    assert [each for each in found if each.expected != MOVES] == []
    assert_indexes_agree(client, ledger)


def test_an_order_that_changes_meanwhile_is_looked_at_again(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = accepted(ledger)
    verification = a_container(redis_server.url).verification(repair=True)
    there, changes = verification._orders._there, [replace(order, owner="Ann", next_word_by=NOW)]

    def meanwhile(*read: object) -> object:
        if changes:
            ledger.commit(order, changes.pop(), [])
        return there(*read)

    monkeypatch.setattr(verification._orders, "_there", meanwhile)
    assert list(verification.differences(verification.keys())) == []
    assert not changes
    assert_indexes_agree(client, ledger)


def test_an_order_that_changes_before_it_is_corrected_is_corrected_by_its_newest_version(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = busy(ledger)
    client.delete(keys.owner("Ann"))
    verification = a_container(redis_server.url).verification(repair=True)
    mend, changes = verification._orders._mend, [replace(order, owner="Bo")]

    def meanwhile(*found: object) -> object:
        if changes:
            ledger.commit(order, changes.pop(), [])
        return mend(*found)

    monkeypatch.setattr(verification._orders, "_mend", meanwhile)
    assert list(verification.differences(verification.keys())) == []
    assert_indexes_agree(client, ledger)


def test_what_cannot_be_read_is_told_and_left_alone(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    torn, sealed, incident = accepted(ledger), accepted(ledger), keys.incident("2026")
    client.hset(keys.order(torn.ref), "doc", "{")
    client.hset(keys.order(sealed.ref), "who", b"0000" + bytes(40))
    client.hset(keys.PEOPLE, "ann", "nothing")
    client.set(incident, "nothing")
    client.set(keys.MODE, '{"mode":"of another kind"}')
    before = documents(client)
    differ = found(redis_server, repair=True)
    assert {each.key for each in differ} == {
        *(keys.order(torn.ref), keys.order(sealed.ref), keys.PEOPLE, incident, keys.MODE)
    }
    assert {(each.expected, each.mended) for each in differ} == {(A_DOCUMENT, False)}
    assert all(each.found for each in differ)  # what is wrong, in words
    assert documents(client) == before


def test_a_document_that_is_no_text_is_told_as_well(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    """As an earlier release stored it, with one wrong byte where the name of its basket is."""
    key = keys.order(accepted(ledger).ref)
    document = unpack(client.hget(key, "doc") or b"")
    client.hset(key, "doc", document.replace(b'"cart_id":"b', b'"cart_id":"\xff'))
    assert [(each.key, each.expected) for each in found(redis_server)] == [(key, A_DOCUMENT)]


def counted(ledger: RedisLedger) -> Order:
    order = a_new_order(lines=(replace(BOOK, available=5),))
    ledger.accept(order, f"key-{order.ref}", "print", Terms())
    return ledger.load(order.ref)


def test_pieces_and_sums_are_recounted_and_corrected(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    order = counted(ledger)
    sku, pieces = order.lines[0].sku, int(client.hget(keys.STOCK, order.lines[0].sku) or 0)
    assert found(redis_server) == []
    client.hset(keys.STOCK, sku, pieces + 7)
    client.hdel(keys.EXPOSURE, f"sum:{order.currency}")
    assert set(found(redis_server, repair=True)) == {
        Difference(keys.STOCK, sku, pieces, pieces + 7, mended=True),
        Difference(keys.EXPOSURE, f"sum:{order.currency}", order.payment.amount, 0, mended=True),
    }
    assert_counts_agree(client, [order])


def test_counts_that_move_meanwhile_are_not_corrected(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = counted(ledger)
    client.hincrby(keys.STOCK, order.lines[0].sku, 7)
    counts = a_container(redis_server.url).verification(repair=True)._counts
    look, before = counts._found, client.hget(keys.STOCK, order.lines[0].sku)

    def meanwhile() -> object:
        accepted(ledger)  # of which no piece is counted
        return look()

    monkeypatch.setattr(counts, "_found", meanwhile)
    assert list(counts.differences()) == [Difference(keys.EXPOSURE, "", MOVES, None)]
    assert client.hget(keys.STOCK, order.lines[0].sku) == before
