"""Is an acknowledged order safe? Checked at start and every few seconds; if not, accept stops and says so."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, cast

import redis
from msgspec import Struct

from fallback.domain.order.lifecycle import ENDED, Headline
from fallback.ledger.redis import keys
from fallback.runtime.logs import get_logger
from fallback.runtime.redis_connection import leave

log = get_logger()

CHECK_EVERY_SECONDS = 3.0
# Above this share of maxmemory nothing new is accepted, so that existing orders can still be worked on.
MEMORY_WATERMARK = 0.9
# What an open order may still need until it is settled and its customer notified: timeline, states, notices, index
# entries. An order without trouble needs half of it (measured: tests/ledger/redis/test_headroom.py).
GROWTH = 10_000
NEVER = float("-inf")
REQUIRED = {
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
}


class Headroom(Struct, frozen=True):
    """The ledger's free space, in bytes. `disk_free` is None if Redis is on another computer.

    `memory_owed`: what open orders will need until they are settled.
    """

    memory_used: int
    memory_limit: int
    disk_free: int | None
    memory_owed: int = 0


class Readiness:
    """Thread safe; each process caches its result for some seconds, so that asking costs nothing.

    `ask` uses the connection of orders; `replicas`: how many must have an accepted one.
    """

    def __init__(
        self, client: redis.Redis, min_free_disk_mb: int, replicas: int = 0, ask: Callable[..., Any] | None = None
    ) -> None:
        self._redis = client
        self._ask = ask or client.execute_command
        self._min_free_disk_mb = min_free_disk_mb
        self._replicas = replicas
        self._checking = threading.Lock()
        self._checked_at = NEVER
        self._problems: tuple[str, ...] = ()
        self._headroom: Headroom | None = None

    def problems(self) -> tuple[str, ...]:
        """Why no order can be accepted safely now, each in a sentence; empty if all is well."""
        # The first callers wait for the first result; later one of them checks, and the others use what is known.
        if self._is_old() and self._checking.acquire(blocking=self._checked_at == NEVER):
            try:
                if self._is_old():
                    self._tell(tuple(self._check()))
                    self._checked_at = monotonic()
            finally:
                self._checking.release()
        return self._problems

    def headroom(self) -> Headroom | None:
        """As of the last check; None while Redis does not answer."""
        self.problems()
        return self._headroom

    def _tell(self, problems: tuple[str, ...]) -> None:
        """One log line for each change, not one for each refused order."""
        if bool(problems) != bool(self._problems):
            log.warning("not_ready" if problems else "ready", reason=" ".join(problems))
        self._problems = problems

    def _is_old(self) -> bool:
        return monotonic() - self._checked_at > CHECK_EVERY_SECONDS

    def _check(self) -> list[str]:
        try:
            config = cast(dict[str | bytes, str | bytes], self._redis.config_get("*"))
            info = self._redis.info()
            owed = self._open_orders() * GROWTH
        except redis.RedisError as error:
            self._headroom = None
            return [f"Redis does not answer ({type(error).__name__})."]
        settings = {_text(name): _text(value) for name, value in config.items()}
        problems = [
            f"Redis has {name} {settings.get(name)}: set it to {wanted}."
            for name, wanted in REQUIRED.items()
            if settings.get(name) != wanted
        ]
        self._headroom = room = _headroom(settings, info, owed)
        return [*problems, *_full(room, info), *self._standing(info), *self._disk(room)]

    def _open_orders(self) -> int:
        pipeline = self._redis.pipeline(transaction=False)
        for headline in Headline:
            if headline not in ENDED:
                pipeline.zcard(keys.headline(headline))
        return sum(pipeline.execute())

    def _standing(self, info: dict[str, Any]) -> list[str]:
        if info["role"] == "master" and info["connected_slaves"] < self._replicas:
            return [f"Redis has {info['connected_slaves']} replicas; {self._replicas} must have each order."]
        try:  # the connection for orders may lead to another Redis than the one that was checked
            role = info["role"] if info["role"] != "master" else _text(self._ask("ROLE")[0])
        except redis.RedisError as error:
            return [f"Redis takes no orders ({type(error).__name__})."]
        if role == "master":
            return []
        leave(self._redis)
        return ["Redis is a replica and cannot be written to: set REDIS_URL to its primary."]

    def _disk(self, room: Headroom) -> list[str]:
        if room.disk_free is not None and room.disk_free // 2**20 < self._min_free_disk_mb:
            free_mb = room.disk_free // 2**20
            return [f"The disk of Redis has {free_mb} MB left; {self._min_free_disk_mb} are needed."]
        return []


def _headroom(settings: dict[str, str], info: dict[str, Any], owed: int) -> Headroom:
    limit = int(settings["maxmemory"]) or info["total_system_memory"]
    try:
        free = shutil.disk_usage(settings["dir"]).free
    except OSError:  # Redis is on another computer, whose own monitoring watches the disk
        free = None
    return Headroom(info["used_memory"], limit, free, owed)


def _full(room: Headroom, info: dict[str, Any]) -> list[str]:
    problems = []
    if room.memory_used + room.memory_owed > room.memory_limit * MEMORY_WATERMARK:
        owed = f", and needs {room.memory_owed} more to settle open orders" if room.memory_owed else ""
        problems.append(f"Redis uses {room.memory_used} of {room.memory_limit} bytes{owed}.")
    if info.get("aof_last_write_status") == "err":
        problems.append("Redis cannot write its append-only file.")
    return problems


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
