"""Each key gets the tag, and nothing else does: as the server itself says which words of a command are keys."""

from __future__ import annotations

from typing import Any

import pytest
from redis.exceptions import DataError

from fallback.runtime import hash_tag
from fallback.runtime.hash_tag import HashTag
from tests.redis_server import RedisServer

TAG = HashTag("shop")


@pytest.mark.parametrize(
    ("command", "tagged"),
    [
        (("GET", "order:1"), ("GET", "{shop}order:1")),
        (("get", b"order:1"), ("get", b"{shop}order:1")),
        (("SET", "mode", "mode"), ("SET", "{shop}mode", "mode")),
        (("DEL", "a", "b"), ("DEL", "{shop}a", "{shop}b")),
        (("BLMOVE", "a", "b", "LEFT", "RIGHT", 1), ("BLMOVE", "{shop}a", "{shop}b", "LEFT", "RIGHT", 1)),
        (("EVALSHA", "digest", 2, "a", "b", "a"), ("EVALSHA", "digest", 2, "{shop}a", "{shop}b", "a")),
        (("EVALSHA", "digest", 0, "a"), ("EVALSHA", "digest", 0, "a")),
        (("ZUNION", 1, "a", "WITHSCORES"), ("ZUNION", 1, "{shop}a", "WITHSCORES")),
        (("CONFIG GET", "a"), ("CONFIG", "GET", "a")),
        (("SCAN", 0, "COUNT", 10), ("SCAN", 0, "COUNT", 10, "MATCH", "{shop}*")),
        (("SCAN", "0", b"MATCH", "order:*", "COUNT", 10), ("SCAN", "0", b"MATCH", "{shop}order:*", "COUNT", 10)),
    ],
)
def test_a_command_with_its_keys_tagged(command: tuple[Any, ...], tagged: tuple[Any, ...]) -> None:
    assert TAG.tagged(command) == tagged


@pytest.mark.parametrize("command", [("BLPOP", "a", 1), ("MSET", "a", 1), ("FLUSHALL",), ("GET", None)])
def test_what_could_leave_a_key_without_its_tag_is_refused(command: tuple[Any, ...]) -> None:
    with pytest.raises(DataError):
        TAG.pack(*command)


def test_the_server_names_the_same_words_as_keys(redis_server: RedisServer) -> None:
    known = redis_server.client.command()
    expected = dict.fromkeys(hash_tag.NO_KEY, (0, 0, 0))
    expected |= dict.fromkeys(hash_tag.FIRST_IS_KEY, (1, 1, 1))
    expected |= dict.fromkeys(hash_tag.FIRST_TWO_ARE_KEYS, (1, 2, 1))
    expected |= dict.fromkeys(hash_tag.ALL_ARE_KEYS, (1, -1, 1))
    said = {
        name.upper(): (each["first_key_pos"], each["last_key_pos"], each["step_count"]) for name, each in known.items()
    }
    assert {name: said.get(name, where) for name, where in expected.items()} == expected
