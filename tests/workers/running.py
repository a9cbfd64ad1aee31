"""The programs as they really run: processes with settings in their environment, a Redis, and a mail server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from select import select
from types import TracebackType
from typing import Any

import msgspec
import redis
from msgspec.structs import asdict
from redis.backoff import NoBackoff
from redis.retry import Retry

from fallback.config import Config
from fallback.domain.order.order import Order, Queue
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis.crypto import Crypto
from tests.builders import an_order
from tests.redis_server import RedisServer
from tests.shifted_clock import living
from tests.web.world import a_config

ROOT = Path(__file__).parents[2]
SECONDS_TO_END, SECONDS_TO_SAY = 15, 60


class Program:
    """`python -m <module> <arguments>` on this Redis. What is left of it when the test ends is killed.

    `ahead`: by how much its clock is wrong.
    """

    def __init__(
        self, module: str, server: RedisServer, *arguments: str, ahead: timedelta | None = None, **config: Any
    ) -> None:
        self._module, self._said = module, b""
        settings = environment(a_config(redis_url=server.url, **config)) | (living(ahead) if ahead else {})
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=os.environ | settings,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def running(self) -> bool:
        return self._process.poll() is None

    def ended(self) -> int:
        return self._process.wait(SECONDS_TO_END)

    def said(self) -> bytes:
        """What stands in its log since the last look."""
        assert self._process.stdout
        news = os.read(self._process.stdout.fileno(), 65_536)
        self._said += news
        return news

    def line(self, event: str) -> dict[str, Any]:
        """The first line of its log with this event; waits for it."""
        while True:
            for line in self._said.split(b"\n")[:-1]:
                told: dict[str, Any] = msgspec.json.decode(line)
                if told["event"] == event:
                    return told
            assert select([self._process.stdout], [], [], SECONDS_TO_SAY)[0], f"it says nothing of {event!r}"
            assert self.said(), f"it ended without a line {event!r}"

    def children(self) -> dict[Queue, int]:
        """Process ids of the workers that it supervises, by queue."""
        found = {}
        for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            found |= {queue: int(pid) for queue in Queue if queue in words}  # none until it is more than a fork
        return found

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.running():
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        assert self._process.stdout
        with self._process.stdout as rest:
            *lines, _ = (self._said + rest.read()).split(b"\n")  # who is killed may not finish its last
        logged = lines if self._module.startswith(("workers.", "fallback.web")) else []
        assert [line for line in logged if not line.startswith(b"{")] == [], "logs are JSON lines, all of them"


def environment(config: Config) -> dict[str, str]:
    def text(value: Any) -> str:
        if isinstance(value, tuple | list):
            return ",".join(value)
        return msgspec.json.encode(value).decode() if isinstance(value, dict) else str(value)

    given = asdict(config)
    given |= asdict(given.pop("primary"))
    for part in ("storefront", "contact_ways", "keeping", "journal"):
        given |= msgspec.to_builtins(given.pop(part))
    return {name.upper(): text(value) for name, value in given.items()}


@cache
def ledger_of(server: RedisServer) -> RedisLedger:
    """One for each server, however often a test looks: a ledger keeps a connection."""
    return RedisLedger(server.client, Crypto(a_config().secret_key))


def stored(server: RedisServer, **changes: Any) -> Order:
    order = an_order(**{"received_at": datetime.now(UTC)} | changes)
    ledger = ledger_of(server)
    ledger.accept(order, order.ref, "a body")
    return ledger.load(order.ref)


def nobody_there() -> redis.Redis:
    return redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
