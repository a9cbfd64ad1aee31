"""Group commit: orders that wait at the same moment are written together: one pipeline, one wait for the disk.

A caller that comes while nobody is writing writes at once; one that comes during a write waits, and the first of these
writes for all. So nobody waits for others to arrive, and under load the round trips, the system calls and Redis' fsync
are shared (measured in ops/decisions/accept.md). An event loop may not wait: a thread of its own writes for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any
from weakref import finalize

import redis
from redis.connection import Connection
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import RedisError, ResponseError

from fallback.runtime.logs import get_logger
from fallback.runtime.redis_connection import packing

REPLICA_PATIENCE_MS = 2_000

log = get_logger()


class _Waiting:
    """A command that waits to be written, and later its response.

    `turn` is released when the response is there, or when its thread is to write for all that wait.
    """

    __slots__ = ("answer", "command", "turn")

    def __init__(self, command: tuple[Any, ...]) -> None:
        self.command = command
        self.answer: Any = None
        self.turn: Any = Lock()
        self.turn.acquire()


class Later(_Waiting):
    """A command whose caller does not wait: another thread writes it, and calls `told` with the response."""

    __slots__ = ("told", "wake")

    def __init__(self, command: tuple[Any, ...], told: Callable[[Any], None]) -> None:
        self.command = command
        self.answer = None
        self.turn = self
        self.told = told
        self.wake: Callable[[], None]

    def release(self) -> None:
        if self.answer is None:
            self.wake()
        else:
            self.told(self.answer)


class GroupCommit:
    """Thread safe. `replicas`: how many must have the writes before the response, within REPLICA_PATIENCE_MS."""

    def __init__(self, client: redis.Redis, replicas: int = 0) -> None:
        self._pool = client.connection_pool
        self._pack = packing(client)
        self._connection: Connection | None = None
        self._after = ("WAIT", replicas, REPLICA_PATIENCE_MS) if replicas else None
        self._replicas = replicas
        self._waiting: list[_Waiting] = []
        self._line = Lock()
        self._writing = False
        self._turns: SimpleQueue[None] | None = None

    def write(self, *command: Any) -> Any:
        """Returns Redis' response. The command must be safe to repeat: it is sent again when a connection was lost.

        Raises what redis-py raises, and TooFewReplicas.
        """
        mine = _Waiting(command)
        with self._line:
            self._waiting.append(mine)
            others_write, self._writing = self._writing, True
        if others_write:
            mine.turn.acquire()
        if mine.answer is None:
            self._write_all()
        if isinstance(mine.answer, RedisError):
            raise mine.answer
        return mine.answer

    def write_later(self, new: Sequence[Later]) -> None:
        """As `write`, for an event loop, which may not wait. `told` also gets what `write` raises."""
        for each in new:
            each.wake = self._wake_writer
        with self._line:
            self._waiting += new
            others_write, self._writing = self._writing, True
        if not others_write:
            self._wake_writer()

    def _wake_writer(self) -> None:
        if self._turns is None:
            with self._line:
                self._turns = self._turns or self._start_writer()
        self._turns.put(None)

    def _start_writer(self) -> SimpleQueue[None]:
        turns = SimpleQueue[None]()

        def write() -> None:
            while True:
                turns.get()
                try:
                    self._write_all()
                except Exception as bug:
                    log.error("bug", exc_info=bug)

        Thread(target=write, name="group-commit", daemon=True).start()
        return turns

    def _write_all(self) -> None:
        with self._line:
            batch, self._waiting = self._waiting, []
        answers: list[Any] = [LostConnection()] * len(batch)  # if a bug interrupts us
        try:
            try:
                answers = self._exchange(batch)
            except LostConnection:
                answers = self._exchange(batch)
        except RedisError as error:
            with self._line:  # callers that came meanwhile would wait as long for the same
                batch, self._waiting = batch + self._waiting, []
            answers = [error] * len(batch)
        finally:
            self._hand_out(batch, answers)

    def _hand_out(self, batch: list[_Waiting], answers: list[Any]) -> None:
        """Each caller gets its own response, and the first that came meanwhile writes next."""
        with self._line:
            following = self._waiting[:1]
            self._writing = bool(following)
        for waiting, answer in zip(batch, answers, strict=True):
            waiting.answer = answer
            waiting.turn.release()
        for waiting in following:
            waiting.turn.release()

    def _exchange(self, batch: list[_Waiting]) -> list[Any]:
        connection = self._connected()
        commands = [waiting.command for waiting in batch] + ([self._after] if self._after else [])
        try:
            packed = b"".join(map(self._pack, commands))
            connection.send_packed_command([packed])  # type: ignore[no-untyped-call]
            answers = [_read(connection) for _ in commands]
        except BaseException:  # whoever comes next would read what is still to come
            self._hang_up(connection)
            raise
        if self._after and answers.pop() < self._replicas:
            return [answer if isinstance(answer, RedisError) else TooFewReplicas() for answer in answers]
        return answers

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._pool.get_connection()
            # When nobody uses the ledger any more, the connection goes back too.
            self._gives_back = finalize(self, self._pool.release, self._connection)
        # It has an effect only if the roles have changed.
        self._connection.connect()  # type: ignore[no-untyped-call]
        return self._connection

    def _hang_up(self, connection: Connection) -> None:
        """The pool makes the next connection, because it may know another primary by then."""
        connection.disconnect()  # type: ignore[no-untyped-call]
        self._gives_back()
        self._connection = None


class TooFewReplicas(RedisError):
    """It is on our own disk, but not on as many replicas as promised; the same request sent again finds it."""


def _read(connection: Connection) -> Any:
    try:
        return connection.read_response()
    except ResponseError as error:  # of this command alone
        return error
