"""Group commit for an event loop, beside threads that write at the same moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from redis.exceptions import RedisError, ResponseError
from structlog.testing import capture_logs

from fallback.ledger.redis import group_commit
from fallback.ledger.redis.group_commit import GroupCommit, Later
from fallback.ledger.redis.in_loop import InLoop
from tests.ledger.cutting_proxy import CuttingProxy
from tests.ledger.watched import Watched, ended, start
from tests.redis_server import RedisServer

MANY = 300


def test_coroutines_and_threads_each_get_their_own_answer(redis_server: RedisServer) -> None:
    commit = GroupCommit(redis_server.client)
    in_loop = InLoop(commit)

    async def echo() -> list[bytes]:
        return await asyncio.gather(*(in_loop.write("ECHO", f"loop-{number}") for number in range(MANY)))

    with ThreadPoolExecutor(8) as threads:
        theirs = threads.map(lambda number: commit.write("ECHO", f"thread-{number}"), range(MANY))
        ours = asyncio.run(echo())
        assert list(theirs) == [f"thread-{number}".encode() for number in range(MANY)]
    assert ours == [f"loop-{number}".encode() for number in range(MANY)]


def test_what_is_answered_together_wakes_the_loop_once() -> None:
    class AnswersAtOnce(GroupCommit):
        def __init__(self) -> None:
            pass

        def write_later(self, new: Sequence[Later]) -> None:
            for each in new:
                each.told(each.command[0])

    async def write() -> tuple[list[str], int]:
        loop, in_loop, woken = asyncio.get_running_loop(), InLoop(AnswersAtOnce()), list[Any]()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "call_soon_threadsafe", lambda act: woken.append(loop.call_soon(act)))
            answers = [await asyncio.gather(*(in_loop.write(f"{number}") for number in range(9))) for _ in range(2)]
        assert answers[0] == answers[1]
        return answers[0], len(woken)

    assert asyncio.run(write()) == ([f"{number}" for number in range(9)], 2)


def test_an_error_of_one_command_is_raised_where_it_was_written(redis_server: RedisServer) -> None:
    in_loop = InLoop(GroupCommit(redis_server.client))

    async def write() -> list[bytes | BaseException]:
        wrong, right = in_loop.write("ECHO"), in_loop.write("ECHO", "right")
        return await asyncio.gather(wrong, right, return_exceptions=True)

    wrong, right = asyncio.run(write())
    assert isinstance(wrong, ResponseError)
    assert right == b"right"


def test_what_cannot_be_sent_is_an_error_and_the_next_command_is_written(redis_server: RedisServer) -> None:
    in_loop = InLoop(GroupCommit(redis_server.client))
    with pytest.raises(RedisError):
        asyncio.run(in_loop.write("ECHO", object()))
    assert asyncio.run(asyncio.wait_for(in_loop.write("PING"), 10)) == b"PONG"


def test_a_thread_waits_while_the_command_of_a_loop_is_written(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = threading.Event()
    monkeypatch.setattr(group_commit, "Lock", lambda: Watched(waits.set))
    commit = GroupCommit(redis_server.client)
    exchange, written, told = commit._exchange, list[str](), list[bytes]()
    thread = threading.Thread(target=lambda: told.append(commit.write("ECHO", "thread")), daemon=True)

    def is_asked_meanwhile(batch: list[Any]) -> list[Any]:
        if thread.ident is None:
            start(thread, waits)
        answers = exchange(batch)
        written.append(batch[0].command[1])
        return answers

    monkeypatch.setattr(commit, "_exchange", is_asked_meanwhile)
    assert asyncio.run(InLoop(commit).write("ECHO", "loop")) == b"loop"
    ended(thread)
    assert (written, told) == (["loop", "thread"], [b"thread"])


def test_a_bug_is_logged_and_costs_those_alone_whose_commands_it_met(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = GroupCommit(redis_server.client)

    def fails(_: object) -> None:
        raise AssertionError("a bug")

    with capture_logs() as logs:
        with monkeypatch.context() as patch:
            patch.setattr(commit, "_exchange", fails)
            with pytest.raises(RedisError):
                asyncio.run(InLoop(commit).write("PING"))
        assert asyncio.run(InLoop(commit).write("PING")) == b"PONG"
    assert [(line["event"], type(line["exc_info"])) for line in logs] == [("bug", AssertionError)]


def test_the_thread_that_writes_keeps_no_process_from_ending(redis_server: RedisServer) -> None:
    asyncio.run(InLoop(GroupCommit(redis_server.client)).write("PING"))
    assert {thread.daemon for thread in threading.enumerate() if thread.name == "group-commit"} == {True}


def test_a_command_whose_answer_was_lost_is_sent_again(redis_server: RedisServer) -> None:
    with CuttingProxy(redis_server.url) as line:
        in_loop = InLoop(GroupCommit(redis.Redis.from_url(line.url)))
        line.cut_after(b"INCR")
        assert asyncio.run(in_loop.write("INCR", "count")) == 2
        assert line.cut.is_set()


def test_a_redis_that_is_away_is_an_error_for_all_that_wait_and_none_hangs(mortal_redis: RedisServer) -> None:
    in_loop = InLoop(GroupCommit(mortal_redis.client))

    async def write() -> list[bytes | BaseException]:
        return await asyncio.gather(*(in_loop.write("PING") for _ in range(9)), return_exceptions=True)

    assert asyncio.run(write()) == [b"PONG"] * 9
    mortal_redis.kill()
    assert all(isinstance(answer, RedisError) for answer in asyncio.run(write()))
    mortal_redis.start()
    assert asyncio.run(write()) == [b"PONG"] * 9
