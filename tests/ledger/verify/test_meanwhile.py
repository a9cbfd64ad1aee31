"""Orders come and change while they are verified: nothing is told that does not differ, and nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from typing import Any

import pytest
import redis
from msgspec.structs import replace

from fallback.domain.order.order import Placement, Queue
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.verify import verification as verifying
from fallback.ledger.verify.counts import MOVES
from fallback.ledger.verify.difference import Difference
from tests.builders import NOW
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.verify.verifying import busy
from tests.ledger.world import a_container, accepted
from tests.redis_server import RedisServer


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
        try:
            while not some.is_set() and not came.done():
                found += verification.differences(verification.keys())
            found += verification.differences(verification.keys())
        finally:
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


@pytest.mark.parametrize("before", ["_there", "_mend"])
def test_those_behind_an_order_that_changes_are_corrected_too(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    refs = {busy(ledger).ref for _ in range(3)}
    client.delete(keys.owner("Ann"))
    verification = a_container(redis_server.url).verification(repair=True)
    goes_on, changed = getattr(verification._orders, before), list[str]()

    def meanwhile(*of: Any) -> object:
        if not changed:
            changed.append(of[0] if before == "_mend" else next(iter(of[0])))
            order = ledger.load(changed[0])
            ledger.commit(order, replace(order, owner="Bo"), [])
        return goes_on(*of)

    monkeypatch.setattr(verification._orders, before, meanwhile)
    mended = {each.of for each in verification.differences(verification.keys()) if each.mended}
    assert mended == refs - {*changed}
    assert_indexes_agree(client, ledger)


def test_an_entry_that_another_repair_put_back_and_a_shift_took_keeps_its_lease(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, due = accepted(ledger), keys.due(Queue.PAYMENT)
    client.zrem(due, order.ref)
    verification = a_container(redis_server.url).verification(repair=True)
    mend = verification._orders._mend

    def meanwhile(*of: Any) -> object:
        client.zadd(due, {order.ref: 9e9})
        return mend(*of)

    monkeypatch.setattr(verification._orders, "_mend", meanwhile)
    assert [each.key for each in verification.differences(verification.keys())] == [due]
    assert client.zscore(due, order.ref) == 9e9


def test_what_is_told_as_left_to_a_person_is_left(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = accepted(ledger), accepted(ledger)
    cart = keys.cart(first.cart_id)
    client.set(cart, second.ref)
    verification = a_container(redis_server.url).verification(repair=True)
    mend = verification._orders._mend

    def meanwhile(*of: Any) -> object:
        client.delete(cart)
        return mend(*of)

    monkeypatch.setattr(verification._orders, "_mend", meanwhile)
    told = [each for each in verification.differences(verification.keys()) if each.of == first.ref]
    assert told == [Difference(cart, first.ref, first.ref, second.ref, mended=False)]
    assert not client.exists(cart)


def test_of_many_keys_a_page_is_read_at_a_time(
    redis_server: RedisServer, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "PAGE", 2)
    client.set(keys.MODE, "nothing")
    read = list[str]()

    def names() -> Iterator[str]:
        for name in (keys.MODE, "other", "third", "fourth"):
            read.append(name)
            yield name

    assert next(a_container(redis_server.url).verification().differences(names())).key == keys.MODE
    assert read == [keys.MODE, "other"]
