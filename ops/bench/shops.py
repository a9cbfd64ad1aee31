"""Two shops on one Redis, each with its own processes: what one notices of the other's flood, and of its outage.

Each figure is a ratio to the same without the other shop's trouble, in the same run.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import redis

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.order.lifecycle import Headline
from ops.bench.customers import write_bodies
from ops.bench.drain import SlowWorld, hold_authorized, shifts
from ops.bench.overload import Answer, Shop
from ops.bench.servers import ROOT, redis_server, settings, web_server

WEB = "fallback.web.server:door"
BODIES = 30_000
# Orders of the quiet shop's one customer, before the flood.
ALONE = 200


def measure() -> dict[str, float]:
    with redis_server() as client:
        return beside_a_flood(client) | beside_an_outage(client)


def beside_a_flood(client: redis.Redis, bodies: int = BODIES, alone: int = ALONE) -> dict[str, float]:
    """One customer after another at one shop, while 150 at once order at the other as fast as they can."""
    with (
        tempfile.TemporaryDirectory() as directory,
        web_server(WEB, of_shop(client, 0), "rsgi", "--no-ws") as flooded,
        web_server(WEB, of_shop(client, 1), "rsgi", "--no-ws") as quiet,
    ):
        path = Path(directory) / "bodies.txt"
        write_bodies(path, bodies)
        lines = path.read_bytes().splitlines()
        customer = OneByOne(quiet, lines[: bodies // 2])
        asyncio.run(customer.orders(lambda took: len(took) < alone // 2))  # the server warms up
        usual = asyncio.run(customer.orders(lambda took: len(took) < alone))
        spawning = get_context("fork")
        ours, theirs = spawning.Pipe()
        flood = spawning.Process(target=_flood, args=(flooded, lines[bodies // 2 :], theirs))
        flood.start()
        ours.recv()  # it begins
        during = asyncio.run(customer.orders(lambda _: not ours.poll()))
        of_flood: list[Answer] = ours.recv()
        flood.join()
    return {
        "shops_beside_flood_to_usual": _typical(during) / _typical(usual),
        "shops_in_flood_to_usual": _typical(of_flood) / _typical(usual),
        "shops_refused_beside_flood": sum(each.status != 202 for each in during),
        "shops_refused_in_flood": sum(each.status != 202 for each in of_flood),
    }


def beside_an_outage(client: redis.Redis) -> dict[str, float]:
    """The drain of one shop, while the worker of the other waits for its shop's system, which hangs."""
    quiet = SlowWorld(Config.from_env(of_shop(client, 1)))
    quiet.redis.flushdb()  # its customers would have bought the same twice, now and below
    alone, _ = shifts(quiet)
    quiet.redis.flushdb()
    with hanging() as system:
        lost = of_shop(client, 0, PRIMARY_URL=f"http://127.0.0.1:{system.getsockname()[1]}")
        there = Container(Config.from_env(lost))
        hold_authorized(there)
        command = [sys.executable, "-m", "workers.run", "placement"]
        worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | lost, stdout=subprocess.DEVNULL)
        try:
            with system.accept()[0]:  # its worker has called, and gets no answer
                beside, _ = shifts(quiet)
                settled = [each.views.counts().headlines[Headline.SETTLED] for each in (quiet, there)]
        finally:
            worker.terminate()
            worker.wait()
    return {
        "shops_drain_to_alone": beside / alone,
        "shops_settled_beside_outage": settled[0],
        "shops_settled_in_outage": settled[1],
    }


def of_shop(client: redis.Redis, database: int, **more: str) -> dict[str, str]:
    """The environment of the shop that has this database."""
    given = settings(client, **more)
    return given | {"REDIS_URL": f"{given['REDIS_URL'].rpartition('/')[0]}/{database}"}


class OneByOne(Shop):
    """A shop with one customer at a time."""

    async def orders(self, wanted: Callable[[list[Answer]], bool]) -> list[Answer]:
        client, answers = await self._connected(), list[Answer]()
        while wanted(answers) or not answers:
            answers.append(await self._order(client))
        client[1].close()
        return answers


def _flood(port: int, bodies: list[bytes], to: Connection) -> None:
    to.send("begins")
    to.send(asyncio.run(Shop(port, bodies).burst()))


def _typical(answers: list[Answer]) -> float:
    return median(each.seconds for each in answers if each.status == 202)


@contextmanager
def hanging() -> Iterator[socket.socket]:
    """A system that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server
