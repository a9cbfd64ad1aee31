"""The shop is well, and something of ours dies: its customers notice nothing. All of it is real but the shop."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import NamedTuple

import pytest
import requests

from ops.demo.running import answers
from tests.crash.fleet import Program, deployed
from tests.demo.waiting import eventually
from tests.ports import free_port
from tests.proxy.conftest import Visit
from tests.proxy.standins import REAL, TOKEN, Standin
from tests.redis_server import RedisServer

pytestmark = pytest.mark.parametrize("proxy", REAL)

# The proxy gives us 0.3 s to say the mode, and waits for the shop for 20; a busy machine takes a while for anything.
AT_ONCE = 5.0
# Longer than the proxy remembers the mode.
VISITED_FOR = 3.0
READS = 0.05
SHOPPING = (("GET", "/"), ("GET", "/checkout/"), ("POST", "/checkout/preview/"))


class Ours(NamedTuple):
    """`address`: answers when web is ready."""

    address: str
    web: Program
    clock: Program
    redis: RedisServer


@pytest.fixture
def fallback() -> Standin:
    """Only the address: the real one serves there."""
    return Standin("fallback", free_port())


@pytest.fixture
def front(proxy: str, tmp_path: Path, primary: Standin, fallback: Standin) -> Iterator[str]:
    with REAL[proxy](tmp_path, primary=primary, fallback=fallback, patience="20s") as address:
        yield address


@pytest.fixture
def ours(fallback: Standin, primary: Standin, mortal_redis: RedisServer, tmp_path: Path) -> Iterator[Ours]:
    settings = {
        "redis_url": mortal_redis.url,
        "port": fallback.port,
        "primary_url": f"http://127.0.0.1:{primary.port}",
        "web_concurrency": 1,
        "fallback_proxy_token": TOKEN,
    }
    web, clock = (deployed(name, tmp_path / f"{name}.log", settings) for name in ("web", "clock"))
    address = f"http://127.0.0.1:{fallback.port}/readyz"
    eventually(lambda: answers(address), within=40)
    # The clock leads once it has taken its lease.
    eventually(lambda: mortal_redis.client.exists("lease:clock"), within=40)
    yield Ours(address, web, clock, mortal_redis)
    web.close()
    clock.close()


def clock_dies(ours: Ours) -> None:
    ours.clock.kill()


def redis_falls_silent(ours: Ours) -> None:
    ours.redis.pause()


def redis_dies(ours: Ours) -> None:
    ours.redis.kill()


def web_dies(ours: Ours) -> None:
    ours.web.kill()


def web_returns(ours: Ours) -> None:
    ours.redis.start()
    ours.web.start()
    eventually(lambda: answers(ours.address), within=40)


DEATHS = (clock_dies, redis_falls_silent, redis_dies, web_dies, web_returns)


def test_the_customers_of_a_shop_that_is_well_notice_nothing_of_our_deaths(visit: Visit, ours: Ours) -> None:
    """One after the other; and nothing of our return."""
    for happens in DEATHS:
        with ThreadPoolExecutor(2) as customers:
            over = Event()
            visits = [customers.submit(shopping, visit, over) for _ in range(2)]
            happens(ours)
            over.set()
        answered = [answer for each in visits for answer in each.result()]

        assert {(answer.status_code, answer.text) for answer in answered} == {(200, "the shop")}, happens
        assert max(answer.elapsed.total_seconds() for answer in answered) < AT_ONCE, happens


def shopping(visit: Visit, over: Event) -> list[requests.Response]:
    """Until it is `over`, and a while after."""
    until, clicks, answered = monotonic() + VISITED_FOR, cycle(SHOPPING), []
    while monotonic() < until or not over.is_set():
        method, path = next(clicks)
        answered.append(visit(path, method))
        sleep(READS)
    return answered
