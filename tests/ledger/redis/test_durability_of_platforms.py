"""FALLBACK_DURABILITY: what Redis says is held against what the operator says; what it does not say is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from fallback.ledger.redis import durability
from fallback.ledger.redis.durability import Durability, Keeping
from fallback.ledger.redis.readiness import Readiness
from fallback.runtime.redis_connection import connect
from tests.ledger.world import a_container, accepted
from tests.redis_server import OURS, RedisServer

PLATFORM = Keeping(durability=Durability.PLATFORM)
REPLICAS = Keeping(durability=Durability.REPLICAS, replicas=1, min_free_disk_mb=0)


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that knows no CONFIG."""
    server = RedisServer(tmp_path_factory.mktemp("managed"), "", "--rename-command", "CONFIG", "")
    yield server
    server.close()


@contextmanager
def a_user(server: RedisServer, *without: str) -> Iterator[redis.Redis]:
    """A client that may do anything but these."""
    server.client.acl_setuser("some", enabled=True, nopass=True, keys=["*"], commands=["+@all", *without])
    client = connect(server.url.replace(OURS, "some"))
    yield client
    client.close()
    server.client.acl_deluser("some")


def test_a_redis_without_config_is_told_from_one_that_does_not_answer(managed: RedisServer) -> None:
    [problem] = Readiness(managed.client, Keeping()).problems()
    assert problem.replace("`", "'") == (  # Redis 6.2 writes backticks
        "Redis does not say its appendfsync, no-appendfsync-on-rewrite (unknown command 'CONFIG'). Let our user call "
        "CONFIG GET and INFO; if the platform keeps every acknowledged write, set FALLBACK_DURABILITY=platform "
        "(ops/docs/reference/redis.md)."
    )


def test_the_word_of_the_operator_is_enough_and_what_is_not_known_is_shown_so(managed: RedisServer) -> None:
    built = a_container(managed.url, keeping=PLATFORM)
    assert built.readiness.problems() == ()
    assert built.readiness.durability() == "platform, said by the operator, not probed"
    assert built.readiness.seen() == {
        "appendonly": "yes",
        "appendfsync": "unknown",
        "no-appendfsync-on-rewrite": "unknown",
        "maxmemory-policy": "noeviction",
        "role": "master",
        "replicas": "0",
        "last write": "ok",
    }
    assert accepted(built.ledger)
    assert built.readiness.headroom().disk_free is None


def test_a_user_who_may_ask_nothing_leaves_every_figure_unknown(redis_server: RedisServer) -> None:
    with a_user(redis_server, "-config", "-info", "-role") as silent:
        readiness = Readiness(silent, PLATFORM)
        assert readiness.problems() == ()
        assert set(readiness.seen().values()) == {"unknown"}
        assert readiness.headroom().memory_limit is None


@pytest.mark.parametrize(
    ("without", "unknown"),
    [("-config", "appendfsync, no-appendfsync-on-rewrite"), ("-info", "appendonly, maxmemory-policy")],
)
def test_what_our_user_may_not_ask_is_named_with_the_words_of_redis(
    redis_server: RedisServer, without: str, unknown: str
) -> None:
    with a_user(redis_server, without) as silent:
        [problem] = Readiness(silent, Keeping()).problems()
    assert re.match(rf"Redis does not say its {unknown} \(.*no permissions to run .*\)\. Let our user call", problem)


def test_a_redis_that_leaves_a_setting_out_does_not_say_it(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durability, "BY_CONFIG", ("appendfsync", "dir"))
    [problem] = Readiness(redis_server.client, Keeping()).problems()
    assert problem.startswith("Redis does not say its no-appendfsync-on-rewrite. Let our user call")


@pytest.mark.parametrize(
    ("keeping", "words"),
    [
        (Keeping(), "disk, fsynced before the answer"),
        (Keeping(replicas=2), "disk, fsynced before the answer; 2 replica(s) have it before the answer"),
        (REPLICAS, "replicas; 1 replica(s) have it before the answer"),
        (PLATFORM, "platform, said by the operator, not probed"),
    ],
)
def test_what_keeps_an_order_is_told_in_words(keeping: Keeping, words: str) -> None:
    assert str(keeping) == words


def test_whatever_keeps_orders_none_may_be_evicted(mortal_redis: RedisServer) -> None:
    mortal_redis.client.config_set("maxmemory-policy", "allkeys-lru")
    for keeping in (PLATFORM, REPLICAS):
        assert Readiness(mortal_redis.client, keeping).problems()[0] == (
            "Redis has maxmemory-policy allkeys-lru: set it to noeviction."
        )


def test_replicas_need_no_fsync_but_a_file_to_start_again_from(mortal_redis: RedisServer) -> None:
    mortal_redis.client.config_set("appendfsync", "everysec")
    missing = "Redis has 0 replicas; 1 must have each order."
    assert Readiness(mortal_redis.client, REPLICAS).problems() == (missing,)
    mortal_redis.client.config_set("appendonly", "no")
    assert Readiness(mortal_redis.client, REPLICAS).problems() == ("Redis has appendonly no: set it to yes.", missing)


def test_a_command_that_our_user_lacks_is_named(redis_server: RedisServer) -> None:
    with a_user(redis_server, "-zcard") as poor:
        [problem] = Readiness(poor, PLATFORM).problems()
        assert problem.startswith("Redis refuses a command that we need: ")
        assert "zcard" in problem


def test_a_wrong_password_is_no_silence(redis_server: RedisServer) -> None:
    stranger = connect(redis_server.url.replace(OURS, "nobody"))
    assert Readiness(stranger, PLATFORM).problems() == ("Redis refuses the user or the password of REDIS_URL.",)


def test_replicas_are_not_promised_without_their_number() -> None:
    assert list(Keeping(durability=Durability.REPLICAS).problems()) == [
        "FALLBACK_DURABILITY=replicas needs FALLBACK_REPLICAS: how many must have an order, 1 or more."
    ]
    assert list(REPLICAS.problems()) == []
