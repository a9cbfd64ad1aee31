"""Servers that live as long as the tests of this folder, and a world on them that is empty for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import requests

from ops.demo.running import answers
from ops.demo.stripe_sandbox import launch
from tests.crash.world import Driver, World, mail_sink
from tests.demo.waiting import eventually
from tests.fakes.primary import FakePrimary
from tests.ports import free_port
from tests.redis_server import RedisServer
from tests.reference_shop import ReferenceShop, serving
from tests.web.world import PRIMARY_TOKEN


class Servers(NamedTuple):
    driver: Driver
    redis: RedisServer
    stripe: str
    mail: tuple[int, Path]


@pytest.fixture(scope="package")
def _servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    directory, port = tmp_path_factory.mktemp("crash"), free_port()
    driver, redis = Driver(), RedisServer(tmp_path_factory.mktemp("crash_redis"))
    with launch(directory / "stripe") as stripe, mail_sink(directory / "mail", port):
        eventually(lambda: answers(f"tcp://127.0.0.1:{port}"), within=60)
        yield Servers(driver, redis, stripe, (port, directory / "mail"))
    driver.close()
    redis.close()


@pytest.fixture
def shop() -> Iterator[ReferenceShop]:
    with serving(ReferenceShop(FakePrimary(), token=PRIMARY_TOKEN)) as server:
        yield server


@pytest.fixture
def world(_servers: Servers, shop: ReferenceShop) -> Iterator[World]:
    driver, redis, stripe, mail = _servers
    redis.empty()
    requests.post(f"{stripe}/_sandbox/reset", timeout=10).raise_for_status()
    for file in mail[1].glob("*.eml"):
        file.unlink()
    world = World(driver, redis, stripe, shop, mail)
    yield world
    world.close()
