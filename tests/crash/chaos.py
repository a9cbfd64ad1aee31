"""A minute in which everything that can break breaks, as planned by a seed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import requests

from fallback.domain.order.order import Queue
from ops.demo.running import answers
from tests.crash.fleet import Program, deployed
from tests.redis_server import RedisServer
from tests.reference_shop import Late

# Seconds after the opening: when which side begins to fail in which way; None heals it.
STRIPE_FAULTS: list[tuple[float, dict[str, Any] | None]] = [
    (6, {"kind": "down"}),
    (10, {"kind": "lost", "method": "POST"}),
    (14, None),
    (28, {"kind": "error_after"}),
    (32, {"kind": "slow", "seconds": 2.0}),
    (36, None),
]
SHOP_FAULTS: list[tuple[float, dict[str, Any] | None]] = [
    # What it is sent is not answered, and has its effect when everybody has given it up.
    (1, {"kind": "late", "times": -1, "methods": ["PUT", "POST"], "seconds": 35.0}),
    (11, {"kind": "down", "times": -1}),
    (16, {"kind": "reply_lost", "times": -1, "methods": ["PUT"]}),
    (21, None),
    (31, {"kind": "error_after", "times": -1, "methods": ["PUT", "POST"]}),
    (36, {"kind": "slow", "times": -1, "seconds": 2.0}),
    (41, None),
]
# Seconds after the opening, and for how long the second worker stands still: beyond the time by which a call has to
# leave, and beyond the time after which others go on with what was begun.
STOPS = [(5.5, 17.0), (26.5, 33.0)]
HEALTHY_SHOP = {"kind": "down", "times": 0}
KILL_EVERY = 2.25


class Kill(NamedTuple):
    """`whole`: all processes of the program, not only its first."""

    at: float
    program: str
    whole: bool


def kills(seed: int, seconds: float) -> list[Kill]:
    """Web, worker, clock and Redis in turn."""
    random = Random(seed)
    count = int(seconds / KILL_EVERY)
    names = ("web", "worker", "clock", "redis")
    return [Kill(KILL_EVERY * (each + 1), names[each % 4], random.random() < 0.5) for each in range(count)]


class Fleet:
    """Web, worker and clock as the Procfile has them, on a Redis: each is started again as soon as it was killed.

    There is a second worker, which is not killed: it stands still at times.
    """

    def __init__(self, redis: RedisServer, settings: dict[str, Any], logs: Path) -> None:
        self._redis = redis
        self._programs: dict[str, Program] = {
            name: deployed(name, logs / f"{name}.log", settings) for name in ("web", "worker", "clock")
        }
        self._second = deployed("worker", logs / "second_worker.log", settings)

    def kill(self, kill: Kill) -> None:
        if kill.program == "redis":
            self._redis.kill()
            self._redis.start()
        else:
            self._programs[kill.program].kill(whole=kill.whole)
            self._programs[kill.program].start()

    def is_up(self, web: str) -> bool:
        """Also its workers, each of which has a process for each queue."""
        processes: int = self._redis.client.scard("rq:workers")
        return processes >= 2 * len(Queue) and answers(f"{web}/readyz")

    def stop(self) -> None:
        self._second.stop()

    def go_on(self) -> None:
        self._second.go_on()

    def close(self) -> None:
        for program in (*self._programs.values(), self._second):
            program.close()


def unfold(fleet: Fleet, kills: list[Kill], stripe: str, shop: str) -> None:
    """Everything that is planned, in its time. Call it from the main thread: a program ends with the thread that
    started it (prctl(2), PR_SET_PDEATHSIG).
    """
    happenings: list[tuple[float, Callable[[], object]]] = [(kill.at, partial(fleet.kill, kill)) for kill in kills]
    happenings += [(at, fleet.stop) for at, _ in STOPS]
    happenings += [(at + seconds, fleet.go_on) for at, seconds in STOPS]
    happenings += [(at, partial(_stripe, stripe, fault)) for at, fault in STRIPE_FAULTS]
    happenings += [(at, partial(_shop, shop, fault)) for at, fault in SHOP_FAULTS]
    opened, pause = time.monotonic(), threading.Event()
    for at, happen in sorted(happenings, key=lambda happening: happening[0]):
        pause.wait(max(0.0, opened + at - time.monotonic()))
        happen()


def _stripe(url: str, fault: dict[str, Any] | None) -> None:
    """A new fault takes the place of the one before it."""
    requests.post(f"{url}/_sandbox/heal", timeout=10).raise_for_status()
    if fault:
        requests.post(f"{url}/_sandbox/faults", json=fault, timeout=10).raise_for_status()


def late_calls(shop: str) -> Late:
    answer = requests.get(f"{shop}/_faults", timeout=10)
    answer.raise_for_status()
    return msgspec.json.decode(answer.content, type=Late)


def _shop(url: str, fault: dict[str, Any] | None) -> None:
    requests.post(f"{url}/_faults", json=fault or HEALTHY_SHOP, timeout=10).raise_for_status()
