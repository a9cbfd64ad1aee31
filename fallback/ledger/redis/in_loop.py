"""Group commit for an event loop: a coroutine waits, and the loop goes on.

What the loop's callbacks write in one turn is handed to the writing thread together, and what that thread has read
wakes the loop once. So the interpreter changes between the two threads twice for each batch, not for each order.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from redis.exceptions import RedisError

from fallback.ledger.redis.group_commit import GroupCommit, Later


class InLoop:
    """For one event loop. It fills `_new`; the thread that writes fills `_answers`."""

    def __init__(self, commit: GroupCommit) -> None:
        self._commit = commit
        self._new: list[Later] = []
        self._answers: deque[tuple[Future[Any], Any]] = deque()
        self._woken = False

    async def write(self, *command: Any) -> Any:
        """As GroupCommit.write."""
        loop = get_running_loop()
        if not self._new:
            loop.call_soon(self._hand_over)
        future: Future[Any] = loop.create_future()
        self._new.append(Later(command, partial(self._written, loop, future)))
        answer = await future
        if isinstance(answer, RedisError):
            raise answer
        return answer

    def _hand_over(self) -> None:
        new, self._new = self._new, []
        self._commit.write_later(new)

    def _written(self, loop: AbstractEventLoop, future: Future[Any], answer: Any) -> None:
        self._answers.append((future, answer))
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop has ended, and whoever waited in it
                loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        self._woken = False  # first: what is added from now on wakes the loop again
        while self._answers:
            future, answer = self._answers.popleft()
            if not future.done():
                future.set_result(answer)
