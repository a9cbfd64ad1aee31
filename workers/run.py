"""`fallback worker [payment placement notice]`: one process for each queue, restarted when it dies.

A killed worker that serves two queues can lose a bell (RQ then uses BLPOP), so each worker serves one queue.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from types import FrameType

import redis
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.timeouts import UnixSignalDeathPenalty
from rq.utils import import_attribute
from rq.worker import WorkerStatus

from fallback.bootstrap.start import begin
from fallback.config import Config
from fallback.domain.order.order import Queue
from fallback.ledger.redis.bells import SHIFT, SHIFT_ENDS_BY, Bells
from fallback.ledger.redis.owner import Owner
from fallback.ledger.redis.readiness import silence
from fallback.runtime import logs
from fallback.runtime.processes import stop_with_parent
from fallback.runtime.redis_connection import connect
from workers.stopping import stop

# Long enough to prevent a busy loop of restarts, and short enough that orders do not wait.
SUPERVISE_EVERY = 1.0
RECONNECT_AFTER = 1.0
# By then a worker notices that the Redis host is unreachable. Its registration in RQ expires a minute later.
LISTENS_FOR = 30
# The log line of a shift that hangs is written by then, or not at all.
LINE_TAKES = 5

log = logs.get_logger(process="worker")


def main(queues: list[str]) -> None:
    wanted = [Queue(name) for name in queues] or list(Queue)
    config = begin("worker", ", ".join(wanted))
    if len(wanted) == 1:
        serve(wanted[0], config)
    else:
        supervise(wanted)


# --- one queue


def serve(queue: Queue, config: Config) -> None:
    """Runs shifts until a signal. It rings the first bell itself: no bell was rung while no worker was running.

    While Redis' memory is full RQ cannot even register a worker: shifts continue without it, bell by bell.
    """
    full, away = False, ""
    _hear_signals()
    # While a worker waits to reconnect, it still receives signals.
    with suppress(StopRequested):
        while not stop.asked:
            connection = open_connection(config)
            try:
                worker = Worker([queue], connection=connection, serializer=JSONSerializer, worker_ttl=LISTENS_FOR)
                worker.death_penalty_class = partial(EndsTheProcess, queue)  # type: ignore[assignment]
                if not full:
                    Bells(connection).ring(queue)
                if away:
                    log.info("ledger_back", queue=queue)
                    away = ""
                worker.work(logging_level="WARNING")
                full = False
            except redis.OutOfMemoryError:
                if not full:
                    log.warning("ledger_full", queue=queue)
                full = True
                with EndsTheProcess(queue, SHIFT_ENDS_BY):
                    import_attribute(SHIFT)(queue)
            except redis.RedisError as error:
                if away != (away := silence(error)):
                    log.warning("ledger_away", queue=queue, reason=away, exc_info=error)
            if not stop.asked:
                time.sleep(RECONNECT_AFTER)
    _hear_signals()  # harmless if the worker is already stopping
    log.info("stopped", queue=queue, reason="asked by a signal")


def _hear_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ask_to_stop)


def _ask_to_stop(_: int, __: FrameType | None) -> None:
    stop.asked = True


def open_connection(config: Config) -> redis.Redis:
    """RQ waits for bells with one long blocking read and sets the socket timeout for it, so it has its own pool."""
    return connect(config.redis_url, socket_connect_timeout=2, redis_connect_func=Owner(config.fallback_shop, True))


class EndsTheProcess(UnixSignalDeathPenalty):
    """For a shift that hangs. RQ's exception would interrupt whatever runs, and then wait for the shift's threads.

    The end of the process is as good as a kill: all that is written is written for that, and a new process follows.
    """

    def __init__(self, queue: Queue, seconds: int, *_: object, **__: object) -> None:
        super().__init__(seconds)  # type: ignore[no-untyped-call]
        self._queue = queue

    def handle_death_penalty(self, _: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends the process if the log is what hangs
        signal.alarm(LINE_TAKES)
        try:
            log.error("shift_hangs", queue=self._queue, seconds=self._timeout, trace=logs.stacks(frame))
        finally:
            os._exit(1)


class Worker(SimpleWorker):
    """RQ's worker without a fork per job, so that connections and breakers outlive a shift.

    `work` returns when it was asked to stop, and on unexpected errors of Redis; `serve` tells the two apart.
    """

    max_connection_wait_time = 2.0

    def subscribe(self) -> None:
        """Disables RQ's commands by pubsub and their thread: workers are stopped by signals."""

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        self._stop_requested = stop.asked  # a signal may have come before

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Replaces RQ's handler, which writes to Redis, and kills work in flight on a second signal."""
        _ask_to_stop(signum, frame)
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested


# --- all queues


def supervise(queues: list[Queue]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())
    children = {queue: _start(queue) for queue in queues}
    try:
        while True:
            time.sleep(SUPERVISE_EVERY)
            for queue, child in children.items():
                if child.poll() is not None:
                    log.error("worker_died", queue=queue, status=child.returncode)
                    children[queue] = _start(queue)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for child in children.values():
            child.terminate()
        for child in children.values():
            child.wait()


def _start(queue: Queue) -> subprocess.Popen[bytes]:
    """A worker ends when its supervisor ends or is killed, so that two sets of workers never run."""
    command = [sys.executable, "-m", "workers.run", queue]
    return subprocess.Popen(command, preexec_fn=partial(stop_with_parent, os.getpid()))


if __name__ == "__main__":
    main(sys.argv[1:])
