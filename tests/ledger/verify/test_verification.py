"""Whatever is wrong in Redis is found, and put right from the documents, which stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest
import redis
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.domain.incident.incident import by_switch
from fallback.domain.order.grants import GrantKind
from fallback.domain.order.order import Order, Queue
from fallback.domain.order.patience import LEASE
from fallback.domain.outage.mode import Mode, ModeState
from fallback.ledger.order import entries
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.packing import unpack
from fallback.ledger.verify import orders
from fallback.ledger.verify.difference import A_DOCUMENT, Difference
from fallback.ledger.verify.standing import A_SEQUENCE
from fallback.ledger.verify.verification import PAGE, once
from tests.builders import NOW
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.verify.verifying import NOBODY, busy, cancelled, documents, found
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer


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
    assert ledger.refs_of_person(email=IRIS.email, limit=9)
    assert set(ledger.refs_of_person(phone=IRIS.phone, limit=9)) == {order.ref for order in orders if not order.drill}


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


@pytest.mark.parametrize("drill", [False, True])
def test_an_order_that_no_index_knows_gets_a_number_that_is_free_where_it_came(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, drill: bool
) -> None:
    """Else a number that nobody has would count as an order that cannot be read."""
    came = [
        accepted(ledger, a_new_order(drill=drill, received_at=NOW + timedelta(minutes=minute))) for minute in range(7)
    ]
    counter, received = entries.sequence_keys(came[0])
    for lost in (5, 1, 3):  # of the first there is nothing any more
        for key in client.scan_iter(_type="zset"):
            client.zrem(key, came[lost].ref)
    client.delete(keys.order(came[5].ref))
    found(redis_server, repair=True)
    assert [client.zscore(received, order.ref) for order in came] == [1, 2, 3, 4, 5, None, 7]
    assert client.get(counter) == b"7"
    assert found(redis_server) == []


def test_an_order_that_no_index_knows_gets_a_free_number_whatever_the_clocks_said(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    early, late = timedelta(hours=-1), timedelta(hours=1)
    came = [accepted(ledger, a_new_order(received_at=NOW + off)) for off in (timedelta(), late, timedelta(), early)]
    for key in client.scan_iter(_type="zset"):
        client.zrem(key, came[1].ref, came[3].ref)
    found(redis_server, repair=True)
    assert {client.zscore(keys.RECEIVED, order.ref) for order in came} == {1, 2, 3, 4}
    assert client.get(keys.SEQUENCE) == b"4"


def test_an_index_is_put_right_without_a_number_for_a_new_order(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    accepted(ledger)
    client.delete(keys.headline("received"))
    assert found(redis_server, repair=True)
    assert client.get(keys.SEQUENCE) == b"1"


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
    keys.undone("other"): lambda client, order: client.zadd(keys.undone("other"), {order.ref: 1}),
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


def test_each_order_where_it_should_not_be_is_told_once(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "AT_ONCE", 2)
    refs = [accepted(ledger).ref for _ in range(5)]
    client.zadd(keys.owner("Bo"), dict.fromkeys(refs, 1))
    assert sorted(each.of for each in found(redis_server)) == sorted(refs)


def test_each_entry_of_a_long_list_is_told_once(redis_server: RedisServer, client: redis.Redis) -> None:
    refs = {f"FB-{number:04}-0000-0": 1 for number in range(2 * PAGE)}
    client.zadd(keys.helped("Ann"), refs)
    assert sorted(each.of for each in found(redis_server)) == sorted(refs)


def test_what_redis_returns_twice_is_told_once(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SCAN and ZSCAN may, while Redis resizes a table."""
    client.zrem(keys.RECEIVED, busy(ledger).ref)
    torn = accepted(ledger).ref
    client.hset(keys.order(torn), "doc", "{")
    for index in (keys.RECEIVED, keys.owner("Bo"), keys.person("email", "x")):
        client.zadd(index, {NOBODY: 1})
    client.set(keys.cart("gone"), NOBODY)
    client.set(keys.MODE, "nothing")
    differ = sorted((each.key, each.of) for each in found(redis_server))
    assert len(differ) == len(set(differ)) == 7

    verification = a_container(redis_server.url).verification()
    members = verification._members
    monkeypatch.setattr("fallback.ledger.verify.verification.PAGE", 1)
    monkeypatch.setattr(verification, "_members", lambda key: [*members(key), *members(key)])
    names = list(verification.keys())
    twice = verification.differences([*names, *names])
    assert sorted((each.key, each.of) for each in twice) == differ


def test_of_what_was_told_the_newest_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fallback.ledger.verify.verification.REMEMBERED", 2)
    told = [Difference(key, "", None, None) for key in "abacbaa"]
    assert "".join(each.key for each in once(told)) == "abca"


def test_the_intent_of_an_earlier_payment_keeps_its_name(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    order = busy(ledger)
    ledger.commit(order, replace(order, payment=replace(order.payment, intent="pi_2")), [])
    assert found(redis_server) == []
    client.set(keys.intent("pi_gone"), NOBODY)
    assert [each.key for each in found(redis_server, repair=True)] == [keys.intent("pi_gone")]


def test_a_due_time_that_is_later_than_any_lease_is_put_right(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    order, due = accepted(ledger), keys.due(Queue.PAYMENT)
    right = client.zscore(due, order.ref)
    now, _ = cast(tuple[int, int], client.time())
    client.zadd(due, {order.ref: now + timedelta(hours=1).total_seconds()})
    assert [each.key for each in found(redis_server, repair=True)] == [due]
    assert client.zscore(due, order.ref) == right


def test_the_cart_of_an_order_that_is_over_is_free(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    order = cancelled(ledger)
    key = keys.cart(order.cart_id)
    assert not client.exists(key)
    client.set(key, order.ref)
    assert found(redis_server, repair=True) == [Difference(key, order.ref, None, order.ref, mended=True)]
    assert not client.exists(key)


def test_an_order_that_let_its_cart_go_is_found_by_it_again(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    order = cancelled(ledger)
    let_go = keys.undone(order.cart_id)
    client.zrem(let_go, order.ref)
    assert found(redis_server) == [Difference(let_go, order.ref, 1, None)]
    assert found(redis_server, repair=True) == [Difference(let_go, order.ref, 1, None, mended=True)]
    assert found(redis_server) == []
    assert_indexes_agree(client, ledger)


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


def test_what_cannot_be_read_is_told_and_left_alone(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    torn, sealed, incident, invited = accepted(ledger), accepted(ledger), keys.incident("2026"), keys.invited("a:1")
    client.hset(keys.order(torn.ref), "doc", "{")
    client.hset(keys.order(sealed.ref), "who", b"0000" + bytes(40))
    client.hset(keys.PEOPLE, "ann", "nothing")
    client.set(incident, "nothing")
    client.set(invited, "nothing")
    client.set(keys.MODE, '{"mode":"of another kind"}')
    before = documents(client)
    differ = found(redis_server, repair=True)
    assert {each.key for each in differ} == {
        *(keys.order(torn.ref), keys.order(sealed.ref), keys.PEOPLE, incident, invited, keys.MODE)
    }
    assert Difference(keys.MODE, "", A_DOCUMENT, "Invalid enum value 'of another kind' - at `$.mode`") in differ
    assert {(each.expected, each.mended) for each in differ} == {(A_DOCUMENT, False)}
    assert all(each.found for each in differ)  # what is wrong, in words
    assert documents(client) == before


def test_what_is_wrong_with_an_order_is_told_in_words_and_in_the_log(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    torn, wrong = accepted(ledger).ref, accepted(ledger).ref
    client.hset(keys.order(wrong), "doc", client.hget(keys.order(torn), "doc") or b"")
    client.hdel(keys.order(torn), "log")
    words = {torn: "a part of it is not there", wrong: f"the document of {torn}"}
    with capture_logs() as logs:
        assert {each.of: each.found for each in found(redis_server)} == words
    assert {line["event"] for line in logs} == {"order_damaged"}
    assert {line["ref"]: line["reason"] for line in logs} == words


def test_a_key_that_is_no_text_is_passed_over(redis_server: RedisServer, client: redis.Redis) -> None:
    client.set(b"of another program\xff", 1)
    assert found(redis_server) == []


def test_a_document_that_is_no_text_is_told_as_well(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    """As an earlier release stored it, with one wrong byte where the name of its basket is."""
    key = keys.order(accepted(ledger).ref)
    document = unpack(client.hget(key, "doc") or b"")
    client.hset(key, "doc", document.replace(b'"cart_id":"b', b'"cart_id":"\xff'))
    assert [(each.key, each.expected) for each in found(redis_server)] == [(key, A_DOCUMENT)]
