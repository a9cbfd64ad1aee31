"""Accept orders over HTTP, compared with a bare view on the same server and with the Redis script alone."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import uuid4

import redis

from fallback.domain.order.next_step import due_times
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.scripts import ACCEPT
from ops.bench.customers import an_order, write_bodies
from ops.bench.servers import ROOT, redis_in, redis_server, settings, web_server

ROUNDS = 5
SECONDS = 3
SHORT_SECONDS = 1
CONNECTIONS = 32
RAW_CALLS = 4_000
# More than our server handles in a round, so that no cart is ordered twice.
BODIES_PER_ROUND = 15_000
FEW, MANY, MILLION = 1_000, 100_000, 1_000_000
# While the append-only file of a million orders is rewritten, as many rounds as fit, up to this number.
REWRITE_ROUNDS = 10
# Processes and threads of the bare view, processes of ours, from which each side's best is chosen.
VIEW_SETUPS = ((1, 1), (1, 8), (1, 32), (2, 1), (2, 8), (2, 32))
OUR_SETUPS = (1, 2)


class Round(NamedTuple):
    per_second: float
    p99_ms: float


def measure() -> dict[str, float]:
    """Both sides with one process of 32 threads; the accept script alone beside them."""
    with redis_server() as client, _bodies(ROUNDS + 1) as bodies, _serving(client) as (ours, bare):
        _load(bare, bodies, 0, SECONDS)
        _load(ours, bodies, 0, SECONDS)
        views, accepts, raws = [], [], []
        for number in range(1, ROUNDS + 1):
            views.append(_load(bare, bodies, number, SECONDS))
            accepts.append(_accepts(ours, bodies, number, SECONDS))
            raws.append(_raw_script(client))
    view_rate, accept_rate = (median(each.per_second for each in rounds) for rounds in (views, accepts))
    view_p99, accept_p99 = (median(each.p99_ms for each in rounds) for rounds in (views, accepts))
    return {
        "view_per_second": view_rate,
        "accept_per_second": accept_rate,
        "raw_script_per_second": median(raws),
        "accept_to_view": accept_rate / view_rate,
        "accept_to_raw_script": accept_rate / median(raws),
        "accept_p99_to_view_p99": accept_p99 / view_p99,
    }


def measure_best() -> dict[str, float]:
    """Each side with the server configuration that suits it best, which a short round of each decides."""
    parts = iter(range(1, ROUNDS + 2 * len(OUR_SETUPS) + 1))
    with redis_server() as client, _bodies(ROUNDS + 2 * len(OUR_SETUPS) + 1) as bodies, ExitStack() as stack:
        views = {each: stack.enter_context(_view(*each)) for each in VIEW_SETUPS}
        ours = {each: stack.enter_context(_ours(client, each)) for each in OUR_SETUPS}
        for port in views.values():
            _load(port, bodies, 0, SHORT_SECONDS)
        for port in ours.values():
            _accepts(port, bodies, next(parts), SHORT_SECONDS)
        view = max(views, key=lambda each: _load(views[each], bodies, 0, SHORT_SECONDS).per_second)
        our = max(ours, key=lambda each: _accepts(ours[each], bodies, next(parts), SHORT_SECONDS).per_second)
        rounds = [
            (_load(views[view], bodies, 0, SECONDS), _accepts(ours[our], bodies, part, SECONDS)) for part in parts
        ]
    best_view, best_accept = (median(each.per_second for each in side) for side in zip(*rounds, strict=True))
    return {
        "best_view_processes": view[0],
        "best_view_threads": view[1],
        "best_view_per_second": best_view,
        "best_accept_processes": our,
        "best_accept_per_second": best_accept,
        "best_accept_to_best_view": best_accept / best_view,
    }


def measure_held() -> dict[str, float]:
    """Accept orders while few and while many orders are held: two servers, measured in alternating rounds."""
    with (
        redis_server() as small,
        redis_server() as large,
        _bodies(ROUNDS + 1) as bodies,
        _serving(small) as (with_few, _),
        _serving(large) as (with_many, _),
    ):
        bytes_per_order = _hold(large, MANY)
        few, many = [], []
        for number in range(ROUNDS + 1):
            small.flushall()
            _hold(small, FEW)
            few.append(_load(with_few, bodies, number, SHORT_SECONDS))
            many.append(_load(with_many, bodies, number, SHORT_SECONDS))
    p99_few, p99_many = (median(each.p99_ms for each in rounds[1:]) for rounds in (few, many))
    return {"bytes_per_held_order": bytes_per_order, "p99_many_held_to_few": p99_many / p99_few}


def measure_million() -> dict[str, float]:
    """Accept orders while a million are held and while their append-only file is rewritten; then restart Redis."""
    rounds = 1 + ROUNDS + REWRITE_ROUNDS
    with TemporaryDirectory(prefix="bench-redis-") as directory:
        with (
            redis_server() as small,
            redis_in(Path(directory)) as large,
            _bodies(rounds) as bodies,
            _serving(small) as (with_few, _),
            _serving(large) as (with_million, _),
        ):
            _hold(small, FEW)
            _hold(large, MILLION)
            _until_written(large)
            both = [
                (_load(with_few, bodies, part, SHORT_SECONDS), _load(with_million, bodies, part, SHORT_SECONDS))
                for part in range(1 + ROUNDS)
            ]
            _until_written(large)
            large.bgrewriteaof()
            rewriting = []
            for part in range(1 + ROUNDS, rounds):
                done = _load(with_million, bodies, part, SHORT_SECONDS)
                if not _is_rewriting(large):
                    break
                rewriting.append(done)
            held = large.zcard(keys.RECEIVED)
        began = time.perf_counter()
        with redis_in(Path(directory)) as again:
            restarted = time.perf_counter() - began
            if (there := again.zcard(keys.RECEIVED)) < held:
                raise RuntimeError(f"{there} orders after the restart, {held} before")
    few, million = ([each[side] for each in both[1:]] for side in (0, 1))
    usual = median(each.p99_ms for each in million)
    return {
        "million_accepts_to_few": median(each.per_second for each in million) / median(each.per_second for each in few),
        "million_p99_to_few": usual / median(each.p99_ms for each in few),
        "million_rewrite_rounds": len(rewriting),
        "million_p99_in_rewrite_to_usual": median(each.p99_ms for each in rewriting) / usual,
        "million_restart_seconds": restarted,
    }


def _is_rewriting(client: redis.Redis) -> bool:
    state = client.info("persistence")
    return bool(state["aof_rewrite_in_progress"] or state["aof_rewrite_scheduled"])


def _until_written(client: redis.Redis) -> None:
    while _is_rewriting(client):
        time.sleep(0.1)


@contextmanager
def _bodies(rounds: int) -> Iterator[Path]:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "bodies.txt"
        write_bodies(path, BODIES_PER_ROUND * rounds)
        yield path


@contextmanager
def _serving(client: redis.Redis) -> Iterator[tuple[int, int]]:
    """Start our server and the bare one. One is idle while the other is measured."""
    with _ours(client, 1) as ours, _view(1, 32) as bare:
        yield ours, bare


def _ours(client: redis.Redis, processes: int) -> AbstractContextManager[int]:
    return web_server("fallback.web.server:door", settings(client), "rsgi", "--no-ws", processes=processes)


def _view(processes: int, threads: int) -> AbstractContextManager[int]:
    options = ("--blocking-threads", str(threads))
    return web_server("ops.bench.bare:app", {}, "wsgi", *options, processes=processes)


def _accepts(port: int, bodies: Path, part: int, seconds: int) -> Round:
    done = _load(port, bodies, part, seconds)
    if done.per_second * seconds > BODIES_PER_ROUND:
        raise RuntimeError("more requests than bodies: raise BODIES_PER_ROUND")
    return done


def _load(port: int, bodies: Path, part: int, seconds: int) -> Round:
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", str(ROOT / "ops/bench/orders.lua")]
    first, count = str(part * BODIES_PER_ROUND), str(BODIES_PER_ROUND)
    command += [f"http://127.0.0.1:{port}", "--", str(bodies), first, count, uuid4().hex]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"wrk ended with {done.returncode}: {done.stdout} {done.stderr}")
    figures = json.loads(done.stdout.splitlines()[-1])
    if figures["errors"]:
        raise RuntimeError(f"{figures['errors']} of {figures['requests']} requests failed")
    return Round(figures["requests"] / figures["seconds"], figures["p99_ms"])


def _raw_script(client: redis.Redis) -> float:
    """The accept script alone, with as many parallel calls as connections. The calls are prepared before the timing."""
    ledger = RedisLedger(client, Crypto(["bench"]))
    calls = [_call(ledger, number) for number in range(RAW_CALLS)]
    began = time.perf_counter()
    _send(client, calls)
    return RAW_CALLS / (time.perf_counter() - began)


def _hold(client: redis.Redis, count: int) -> float:
    """Put `count` orders into the ledger. Returns the bytes that each one takes in Redis."""
    ledger = RedisLedger(client, Crypto(["bench"]))
    before = client.info("memory")["used_memory"]
    for start in range(0, count, RAW_CALLS):
        numbers = range(start, min(start + RAW_CALLS, count))
        _send(client, [_call(ledger, number) for number in numbers])
    return float(client.info("memory")["used_memory"] - before) / count


def _call(ledger: RedisLedger, number: int) -> tuple[list[str], list[Any]]:
    order = an_order(number)
    return ledger.accept_call(order, due_times(order), uuid4().hex, "-" * 22)


def _send(client: redis.Redis, calls: list[tuple[list[str], list[Any]]]) -> None:
    client.script_load(ACCEPT.text)
    for start in range(0, len(calls), CONNECTIONS):
        pipeline = client.pipeline(transaction=False)
        for names, arguments in calls[start : start + CONNECTIONS]:
            pipeline.evalsha(ACCEPT.digest, len(names), *names, *arguments)
        pipeline.execute()
