"""Customers who order without a break while Redis is killed, hangs, is full, may only be read, and fails over.

Nobody is refused while the journal has room; and afterwards, with the journal replayed, every acknowledged order is in
Redis, once. BENCH_KILLS and BENCH_FAILOVERS say how often; the directory with the logs of the web processes is named.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from statistics import quantiles
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any, NamedTuple
from uuid import uuid4

import redis

from fallback.ledger.redis import keys
from fallback.ledger.redis.packing import unpack
from ops.bench.customers import a_body
from ops.bench.servers import ROOT, free_port, settings
from tests.ledger.sentinels import Sentinels
from tests.redis_server import RedisServer

KILLS, FAILOVERS = int(os.environ.get("BENCH_KILLS", "200")), int(os.environ.get("BENCH_FAILOVERS", "5"))
CUSTOMERS = 6
# Seconds, on a busy machine: until the journal is empty after the last fault, and until the web processes answer.
REPLAYED_WITHIN, STARTS_WITHIN = 90.0, 300.0


class Answer(NamedTuple):
    cart_id: str
    status: int
    ref: str
    seconds: float


class Buying:
    """Customers who order one basket after another, from now until `stop`."""

    def __init__(self, port: int) -> None:
        self.answers: list[Answer] = []
        self._port, self._ends, self._lock = port, Event(), Lock()
        self._threads = [Thread(target=self._buy) for _ in range(CUSTOMERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> list[Answer]:
        self._ends.set()
        for thread in self._threads:
            thread.join()
        return self.answers

    def _buy(self) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not self._ends.is_set():
            cart_id = f"bench-{uuid4().hex}"
            body, began = json.dumps(a_body(cart_id)).encode(), monotonic()
            status, ref = self._order(connection, body, cart_id)
            with self._lock:
                self.answers.append(Answer(cart_id, status, ref, monotonic() - began))

    def _order(self, connection: HTTPConnection, body: bytes, cart_id: str) -> tuple[int, str]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": cart_id}
        try:
            connection.request("POST", "/v1/orders", body, headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
        except (OSError, HTTPException, ValueError):
            connection.close()
            return 0, ""
        return answer.status, said.get("ref", "")


@contextmanager
def web(place: Path, **more: str) -> Iterator[int]:
    """Two web processes with a journal, as they are deployed."""
    port, journal = free_port(), str(place / "journal")
    env = settings(redis.Redis(), HOST="127.0.0.1", PORT=str(port), WEB_CONCURRENCY="2", FALLBACK_JOURNAL=journal)
    with (place / "web.log").open("wb") as log:
        command = [sys.executable, "-m", "fallback", "web"]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | env | more, stdout=log, stderr=log)
        try:
            _until(lambda: _get(port, "/readyz") == 200, STARTS_WITHIN)
            yield port
        finally:
            process.terminate()
            process.wait()


def measure() -> dict[str, float]:
    place = Path(tempfile.mkdtemp(prefix="bench-journal-"))
    print(f"logs and data: {place}", file=sys.stderr, flush=True)
    figures = killed(place)
    return figures | failed_over(place)


def killed(place: Path) -> dict[str, float]:
    """One Redis, KILLS times `kill -9`, and in between every other way of being away."""
    server, random = RedisServer(_made(place / "redis")), Random(1)
    ways: list[Callable[[RedisServer, Random], None]] = [_hangs, _is_full, _may_only_be_read]
    try:
        with web(_made(place / "killed"), REDIS_URL=server.url) as port:
            buying = Buying(port)
            for number in range(KILLS):
                sleep(random.uniform(0.1, 1.5))
                _is_killed(server, random)
                if number % 10 == 9:
                    sleep(1)
                    ways[number // 10 % len(ways)](server, random)
                if number % 20 == 19:
                    print(f"  {number + 1} kills, {len(buying.answers)} orders", file=sys.stderr, flush=True)
            return _checked("killed", place / "killed", server.client, buying) | {"journal_killed_times": KILLS}
    finally:
        server.close()


def failed_over(place: Path) -> dict[str, float]:
    """Three Redis with Sentinels, whose primary dies FAILOVERS times and comes back as a replica."""
    if not FAILOVERS:
        return {}
    sentinels = Sentinels(_made(place / "sentinels"))
    try:
        with web(_made(place / "failed_over"), REDIS_URL=sentinels.url, FALLBACK_REPLICAS="1") as port:
            buying = Buying(port)
            for _ in range(FAILOVERS):
                sleep(3)
                before = sentinels.primary
                sentinels.kill_primary()
                _until(lambda before=before: sentinels.elected() != before)  # type: ignore[misc]
                sleep(5)
                sentinels.revive(before)
            client = redis.Redis(port=sentinels.primary)
            return _checked("failed_over", place / "failed_over", client, buying)
    finally:
        sentinels.close()


# --- how Redis is away


def _is_killed(server: RedisServer, random: Random) -> None:
    server.kill()
    sleep(random.choice((0.0, 0.1, 0.5, 2.0)))
    with suppress(AssertionError):  # on a busy machine it takes longer than a test would wait
        server.start()
    _until(lambda: _answers(server.client))


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def _hangs(server: RedisServer, _: Random) -> None:
    server.pause()
    sleep(6)
    server.resume()


def _is_full(server: RedisServer, _: Random) -> None:
    server.client.config_set("maxmemory", "1mb")
    sleep(4)
    server.client.config_set("maxmemory", "0")


def _may_only_be_read(server: RedisServer, _: Random) -> None:
    server.client.replicaof("127.0.0.1", 1)
    sleep(4)
    server.client.replicaof("NO", "ONE")


# --- what is left


def _checked(name: str, place: Path, client: redis.Redis, buying: Buying) -> dict[str, float]:
    sleep(2)
    answers, ended = buying.stop(), monotonic()
    _until(lambda: not any((place / "journal").glob("*.segment")), REPLAYED_WITHIN)
    replayed_in = monotonic() - ended
    orders = list(_orders(client))
    taken = [answer for answer in answers if answer.status == 202]
    carts, refs = Counter(order["cart_id"] for order in orders), {order["ref"] for order in orders}
    times = quantiles((answer.seconds for answer in answers), n=1_000)
    lost = [answer for answer in taken if answer.ref not in refs and _first(client, answer.ref) not in refs]
    figures = {
        "orders": len(taken),
        "from_the_journal": sum(order["journalled"] for order in orders),
        "refused": len(answers) - len(taken),
        "lost": len(lost),
        "doubled": sum(count - 1 for count in carts.values()),
        "damaged": len(list((place / "journal").glob("*.damaged"))),
        "answer_p50_ms": 1_000 * times[499],
        "answer_p99_ms": 1_000 * times[989],
        "answer_slowest_ms": 1_000 * max(answer.seconds for answer in answers),
        "replayed_in_s": replayed_in,
    }
    statuses = Counter(answer.status for answer in answers)
    print(f"  {name}: answers by status {dict(statuses)}; lost {[each.ref for each in lost]}", file=sys.stderr)
    return {f"journal_{name}_{figure}": value for figure, value in figures.items()}


def _orders(client: Any) -> Iterator[dict[str, Any]]:
    for ref in client.zrange(keys.RECEIVED, 0, -1):
        document, log = client.hmget(keys.order(ref.decode()), "doc", "log")
        yield json.loads(unpack(document)) | {"journalled": b'"from_journal"' in log}


def _first(client: Any, ref: str) -> str:
    return (client.get(keys.second(ref)) or b"").decode()


def _made(place: Path) -> Path:
    place.mkdir()
    return place


def _get(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def _until(reached: Callable[[], bool], within: float = 60.0) -> None:
    ends = monotonic() + within
    while not reached():
        if monotonic() > ends:
            raise TimeoutError("it takes too long")
        sleep(0.1)
