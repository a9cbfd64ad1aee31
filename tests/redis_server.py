"""A real Redis with our settings, which tests may kill and start again."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import redis

from fallback.runtime.redis_connection import connect
from tests.demo.waiting import eventually
from tests.programs import program
from tests.proxy.standins import free_port

SETTINGS = Path(__file__).parents[1] / "ops/redis/redis.conf"


class RedisServer:
    """Its data lives in `directory` and survives `kill`. Starts when it is made. `path`: another program's.

    `options` follow on its command line.
    """

    def __init__(self, directory: Path, path: str = "", *options: str) -> None:
        self.directory, self.program, self._options = directory, path or program("redis-server"), options
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.client = connect(self.url, socket_timeout=5)
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self.program, SETTINGS, "--port", str(self._port), "--dir", self.directory, *self._options],
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers)

    def empty(self) -> None:
        self.client.flushall()

    def kill(self) -> None:
        """As `kill -9` does: nothing is written any more."""
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """It holds its connections and answers nothing, as behind a broken network."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        self.client.close()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False
