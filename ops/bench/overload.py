"""150 customers who order at once, at one web process: how fast it refuses, how long an order takes, when it is over.

The clients are in this process, the server has its own. Before the burst and after it one customer orders at a time.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple
from uuid import uuid4

from ops.bench.customers import write_bodies
from ops.bench.servers import redis_server, settings, web_server

AT_ONCE = 150
# For so long each of them orders again as soon as it has an answer; who is refused waits as it is told to.
SECONDS = 5.0
# Orders of one customer, one after another: the usual time is their median, and again so after the burst.
ALONE = 100
# It is over when so many orders in a row took no more than so many times the usual.
IN_A_ROW, TIMES = 10, 2.0
BODIES = 30_000


class Answer(NamedTuple):
    status: int
    seconds: float
    retry_after: float


class Shop:
    """The customers' side: each order is another cart."""

    def __init__(self, port: int, bodies: list[bytes]) -> None:
        self._port = port
        self._bodies = iter(bodies)

    async def burst(self) -> list[Answer]:
        """All connect first, and then order at the same moment."""
        clients = [await self._connected() for _ in range(AT_ONCE)]
        until = perf_counter() + SECONDS
        answers = await asyncio.gather(*(self._orders(client, until) for client in clients))
        return [answer for each in answers for answer in each]

    async def alone(self, enough: Callable[[list[float]], bool]) -> list[float]:
        """Seconds of each order, one after another, until it is enough."""
        client, took = await self._connected(), list[float]()
        while not enough(took):
            took.append((await self._order(client)).seconds)
        client[1].close()
        return took

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def _orders(self, client: tuple[asyncio.StreamReader, asyncio.StreamWriter], until: float) -> list[Answer]:
        answers = []
        while perf_counter() < until:
            answers.append(await self._order(client))
            await asyncio.sleep(answers[-1].retry_after)
        client[1].close()
        return answers

    async def _order(self, client: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> Answer:
        reader, writer = client
        body = next(self._bodies)
        head = f"POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nIdempotency-Key: {uuid4().hex}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        began = perf_counter()
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        fields = dict(line.split(": ", 1) for line in answer.split("\r\n")[1:-2])
        await reader.readexactly(int(fields["content-length"]))
        return Answer(int(answer.split()[1]), perf_counter() - began, float(fields.get("retry-after", 0)))


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as directory, redis_server() as client:
        path = Path(directory) / "bodies.txt"
        write_bodies(path, BODIES)
        bodies = path.read_bytes().splitlines()
        with web_server("fallback.web.server:door", settings(client), "rsgi", "--no-ws") as port:
            return asyncio.run(_measured(Shop(port, bodies)))


async def _measured(shop: Shop) -> dict[str, float]:
    await shop.alone(lambda took: len(took) == ALONE)  # the server warms up
    usual = median(await shop.alone(lambda took: len(took) == ALONE))
    answers = await shop.burst()
    afterwards = await shop.alone(lambda took: _is_usual(took, usual) or sum(took) > 60)
    accepted = [each.seconds for each in answers if each.status == 202]
    refused = [each.seconds for each in answers if each.status == 503]
    if len(accepted) + len(refused) != len(answers):
        raise RuntimeError(f"other answers: {sorted({each.status for each in answers})}")
    return {
        "overload_usual_ms": usual * 1000,
        "overload_accepted_per_second": len(accepted) / SECONDS,
        "overload_refused_share": len(refused) / len(answers),
        "overload_refused_p50_ms": median(refused or [0.0]) * 1000,
        "overload_refused_p99_ms": _p99(refused) * 1000,
        "overload_accepted_p99_ms": _p99(accepted) * 1000,
        "overload_seconds_to_usual": sum(afterwards[:-IN_A_ROW]),
    }


def _is_usual(took: list[float], usual: float) -> bool:
    return len(took) >= IN_A_ROW and max(took[-IN_A_ROW:]) <= TIMES * usual


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98] if len(seconds) > 1 else sum(seconds)
