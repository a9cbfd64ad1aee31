"""Personal data at rest: encrypted, readable with any of the keys, and found with old and new keys."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Damaged
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis.crypto import Undecryptable
from tests.ledger.packed import readable
from tests.ledger.world import IRIS, a_ledger, a_new_order, accepted
from tests.redis_server import RedisServer

OLD = "the-old-secret-key-0123456789abcdefg"
NEW = "the-new-secret-key-gfedcba9876543210"
WORDS = ["iris", "murdoch", "@example", "300300", "lighthouse quay", "rear door", "kingston", "hu1 1aa", "ring twice"]


def test_no_personal_data_stands_in_redis_in_plain(ledger: RedisLedger, redis_server: RedisServer) -> None:
    order = accepted(ledger)
    ledger.commit(order, replace(order, customer=replace(IRIS, note="Please ring twice!")), [])
    ledger.keep_unclaimed("evt_1", b'{"receipt_email": "iris@example.org"}')
    everything = _all_bytes(redis_server).lower()
    assert order.ref.lower().encode() in everything
    assert [word for word in WORDS if word.encode() in everything] == []


def test_no_personal_data_stands_in_the_log_on_disk(mortal_redis: RedisServer) -> None:
    ledger = a_ledger(mortal_redis.url)
    order = accepted(ledger)
    log = b"".join(file.read_bytes() for file in mortal_redis.directory.rglob("*.aof")).lower()
    assert order.ref.lower().encode() in log
    assert [word for word in WORDS if word.encode() in log] == []


def test_a_rotated_key_reads_old_orders_and_finds_old_and_new_ones(redis_server: RedisServer) -> None:
    old = accepted(a_ledger(redis_server.url, secret_key=(OLD,)))
    ledger = a_ledger(redis_server.url, secret_key=(NEW, OLD))
    new = accepted(ledger)
    assert ledger.load(old.ref).customer == IRIS
    assert ledger.refs_of_person(email=IRIS.email, limit=9) == [new.ref, old.ref]
    assert ledger.refs_of_person(phone=IRIS.phone, limit=9) == [new.ref, old.ref]
    assert a_ledger(redis_server.url, secret_key=(NEW,)).load(new.ref).customer == IRIS


def test_who_changes_their_address_after_a_rotation_is_not_found_by_the_old_one(redis_server: RedisServer) -> None:
    old = accepted(a_ledger(redis_server.url, secret_key=(OLD,)))
    ledger = a_ledger(redis_server.url, secret_key=(NEW, OLD))
    ledger.commit(old, replace(old, customer=replace(IRIS, email="new@example.org")), [])
    assert ledger.refs_of_person(email=IRIS.email, limit=9) == []
    assert ledger.refs_of_person(email="new@example.org", limit=9) == [old.ref]


def test_a_key_that_is_missing_is_named_with_the_order(redis_server: RedisServer) -> None:
    order = accepted(a_ledger(redis_server.url, secret_key=(OLD,)))
    with pytest.raises(Undecryptable, match=rf"SECRET_KEY.*{order.ref}"):
        a_ledger(redis_server.url, secret_key=(NEW,)).load(order.ref)


def test_personal_data_cannot_be_moved_to_another_order(ledger: RedisLedger, redis_server: RedisServer) -> None:
    order, other = accepted(ledger), accepted(ledger)
    who = redis_server.client.hget(f"order:{order.ref}", "who")
    redis_server.client.hset(f"order:{other.ref}", "who", who)
    with pytest.raises(Damaged, match=other.ref):
        ledger.load(other.ref)


def test_the_inbox_keeps_each_event_once_and_not_without_end(
    ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.order.ledger.INBOX_ROOM", 2)
    for event_id, payload in (("evt_1", b"1"), ("evt_1", b"again"), ("evt_2", b"2"), ("evt_3", b"3")):
        ledger.keep_unclaimed(event_id, payload)
    assert ledger.unclaimed() == {"evt_1": b"1", "evt_2": b"2"}


def test_the_same_person_has_another_index_entry_under_another_key(redis_server: RedisServer) -> None:
    accepted(a_ledger(redis_server.url, secret_key=(OLD,)), a_new_order())
    accepted(a_ledger(redis_server.url, secret_key=(NEW,)), a_new_order())
    assert len(list(redis_server.client.scan_iter("email:*"))) == 2


def _all_bytes(server: RedisServer) -> bytes:
    parts: list[bytes] = []
    for key in server.client.scan_iter():
        parts.append(key)
        kind = server.client.type(key)
        if kind == b"hash":
            parts += [readable(part) for item in server.client.hgetall(key).items() for part in item]
        elif kind == b"zset":
            parts += server.client.zrange(key, 0, -1)
        else:
            parts.append(server.client.get(key))
    return b"\n".join(parts)
