"""Saved replies, in a real Redis and in the fake."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from fallback.domain.errors import Invalid
from fallback.domain.support.saved_replies import Replies, SavedReplies, added
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.saved_replies import RedisSavedReplies
from tests.builders import NOW
from tests.fakes.saved_replies import FakeSavedReplies
from tests.redis_server import RedisServer

KEYS = ("a-key-of-the-tests-that-is-long-enough-0123",)


@pytest.fixture(params=["fake", "redis"])
def replies(request: pytest.FixtureRequest) -> SavedReplies:
    if request.param == "fake":
        return FakeSavedReplies()
    return RedisSavedReplies(request.getfixturevalue("redis_server").client, Crypto(KEYS))


def add(replies: SavedReplies, title: str) -> None:
    replies.change(lambda kept: added(kept, title, "We are on it.", "Lea", NOW))


def test_what_is_kept_is_read(replies: SavedReplies) -> None:
    assert replies.read() == Replies()
    add(replies, "Late")
    assert [(each.id, each.title) for each in replies.read().all] == [(1, "Late")]


def test_what_is_refused_changes_nothing(replies: SavedReplies) -> None:
    add(replies, "Late")
    with pytest.raises(Invalid):
        add(replies, "late")
    assert len(replies.read().log) == 1


def test_two_people_at_the_same_moment_both_count(redis_server: RedisServer) -> None:
    replies = RedisSavedReplies(redis_server.client, Crypto(KEYS))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: add(replies, f"Reply {number}"), range(8)))
    assert sorted(each.id for each in replies.read().all) == list(range(1, 9))


def test_the_texts_are_encrypted(redis_server: RedisServer) -> None:
    add(RedisSavedReplies(redis_server.client, Crypto(KEYS)), "Late")
    assert b"We are" not in (redis_server.client.get(keys.REPLIES) or b"")
