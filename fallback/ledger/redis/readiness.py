"""Is an acknowledged order safe? Checked at start and every few seconds; if not, accept stops and says so."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Any

import redis
from msgspec import Struct
from redis.exceptions import AuthenticationError, ClusterCrossSlotError, ResponseError

from fallback.domain.order.lifecycle import ENDED, Headline
from fallback.ledger.redis import keys
from fallback.ledger.redis.durability import UNKNOWN, Keeping, Seen, lacks, look
from fallback.ledger.redis.owner import NotOurs
from fallback.runtime.logs import get_logger
from fallback.runtime.redis_connection import leave

log = get_logger()

CHECK_EVERY_SECONDS = 3.0
# Above this share of maxmemory nothing new is accepted, so that existing orders can still be worked on.
MEMORY_WATERMARK = 0.9
# Bytes that an open order may still need until it is settled and its customer notified: timeline, states, notices,
# index entries. One without trouble needs a quarter of it, one with fifteen events more all of it, as documents and
# events are compressed (measured: tests/ledger/redis/test_headroom.py). Above the watermark is room for longer stories.
GROWTH = 4_000
NEVER = float("-inf")
NOTHING = Seen({}, {})


class Headroom(Struct, frozen=True):
    """The ledger's free space, in bytes; None: not known, as `disk_free` if Redis is on another computer.

    `memory_owed`: what open orders will need until they are settled.
    """

    memory_used: int | None
    memory_limit: int | None
    disk_free: int | None
    memory_owed: int = 0


class Readiness:
    """Thread safe; each process caches its result for some seconds, so that asking costs nothing.

    `ask` uses the connection of orders.
    """

    def __init__(self, client: redis.Redis, keeping: Keeping, ask: Callable[..., Any] | None = None) -> None:
        self._redis = client
        self._ask = ask or client.execute_command
        self._keeping = keeping
        self._seen = NOTHING
        self._checking = Lock()
        self._checked_at = NEVER
        self._problems: tuple[str, ...] = ()
        self._headroom: Headroom | None = None
        self.is_elsewhere = False  # REDIS_URL leads to no ledger of ours, which waiting does not change

    def problems(self, not_older_than: float | None = None) -> tuple[str, ...]:
        """Why no order can be accepted safely now, each in a sentence; empty if all is well."""
        age = CHECK_EVERY_SECONDS if not_older_than is None else not_older_than
        # The first callers wait for the first result; later one of them checks, and the others use what is known.
        if self._is_older(age) and self._checking.acquire(blocking=self._checked_at == NEVER):
            try:
                if self._is_older(age):
                    self._tell(tuple(self._check()))
                    self._checked_at = monotonic()
            finally:
                self._checking.release()
        return self._problems

    def is_known_good(self) -> bool:
        """Whether the last check, without a new one, found no problem."""
        return not self._problems and not self._is_older(CHECK_EVERY_SECONDS)

    def headroom(self) -> Headroom | None:
        """As of the last check; None while Redis does not answer."""
        self.problems()
        return self._headroom

    def durability(self) -> str:
        """What keeps an acknowledged order, for people."""
        return str(self._keeping)

    def seen(self) -> dict[str, str]:
        """What Redis says of itself, as of the last check; 'unknown' where it does not."""
        self.problems()
        return self._seen.shown

    def _tell(self, problems: tuple[str, ...]) -> None:
        """One log line for each change, not one for each refused order."""
        if bool(problems) != bool(self._problems):
            log.warning("not_ready" if problems else "ready", reason=" ".join(problems))
        self._problems = problems

    def _is_older(self, seconds: float) -> bool:
        return monotonic() - self._checked_at > seconds

    def _check(self) -> list[str]:
        try:
            seen = look(self._redis)
            owed = self._open_orders() * GROWTH
        except redis.RedisError as error:
            self._seen, self._headroom, self.is_elsewhere = NOTHING, None, isinstance(error, NotOurs)
            return [silence(error)]
        self.is_elsewhere = False
        self._seen = seen
        self._headroom = room = _headroom(seen, owed)
        return [*lacks(self._keeping, seen), *_full(room, seen.info), *self._standing(seen.info), *self._disk(room)]

    def _open_orders(self) -> int:
        pipeline = self._redis.pipeline(transaction=False)
        for headline in Headline:
            if headline not in ENDED:
                pipeline.zcard(keys.headline(headline))
        return sum(pipeline.execute())

    def _standing(self, info: Mapping[str, Any]) -> list[str]:
        role, replicas = info.get("role", UNKNOWN), info.get("connected_slaves")
        if role == "master" and replicas is not None and replicas < self._keeping.replicas:
            return [f"Redis has {replicas} replicas; {self._keeping.replicas} must have each order."]
        try:  # the connection for orders may lead to another Redis than the one that was checked
            role = _text(self._ask("ROLE")[0]) if role in ("master", UNKNOWN) else role
        except ResponseError:  # it does not say
            pass
        except redis.RedisError as error:
            return [f"Redis takes no orders ({type(error).__name__})."]
        if role in ("master", UNKNOWN):
            return []
        leave(self._redis)
        return ["Redis is a replica and cannot be written to: set REDIS_URL to its primary."]

    def _disk(self, room: Headroom) -> list[str]:
        needed = self._keeping.min_free_disk_mb
        if room.disk_free is not None and room.disk_free // 2**20 < needed:
            return [f"The disk of Redis has {room.disk_free // 2**20} MB left; {needed} are needed."]
        return []


def silence(error: redis.RedisError) -> str:
    """Why nothing could be learnt."""
    if isinstance(error, NotOurs):
        return str(error)
    if isinstance(error, AuthenticationError):
        return "Redis refuses the user or the password of REDIS_URL."
    if isinstance(error, ClusterCrossSlotError):
        return "Redis is a node of a cluster: set REDIS_URL to redis+cluster://host:port,host:port/name."
    if isinstance(error, ResponseError):
        return f"Redis refuses a command that we need: {error}. Give our user those of ops/redis/users.acl."
    if isinstance(error.__context__, ssl.SSLError):
        return f"The TLS connection to Redis fails: {error.__context__.reason}. Check REDIS_URL and its certificates."
    return f"Redis does not answer ({type(error).__name__})."


def _headroom(seen: Seen, owed: int) -> Headroom:
    info = seen.info
    try:
        free = shutil.disk_usage(seen["dir"]).free
    except OSError:  # Redis is on another computer, whose own monitoring watches the disk
        free = None
    return Headroom(info.get("used_memory"), info.get("maxmemory") or info.get("total_system_memory"), free, owed)


def _full(room: Headroom, info: Mapping[str, Any]) -> list[str]:
    problems = []
    used, limit = room.memory_used, room.memory_limit
    if used is not None and limit and used + room.memory_owed > limit * MEMORY_WATERMARK:
        owed = f", and needs {room.memory_owed} more to settle open orders" if room.memory_owed else ""
        problems.append(f"Redis uses {used} of {limit} bytes{owed}.")
    if info.get("aof_last_write_status") == "err":
        problems.append("Redis cannot write its append-only file.")
    return problems


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
