"""What tests of several parts need: a real Redis, and logs that stay as they are."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from fallback.domain.support import passwords
from tests.ledger.clusters import Cluster
from tests.redis_server import RedisServer

ROOT = Path(__file__).parent

# Property tests try the same examples in each run, so that none fails by chance; with EXPLORE=1 they try others.
settings.register_profile("the same examples", derandomize=True)
if "EXPLORE" not in os.environ:
    settings.load_profile("the same examples")

# What takes longest comes first: at the end, everything would wait for it.
FIRST = ("shops", "browser", "night", "crash", "workers")


class ByFileOrWorld(LoadFileScheduling):
    """A file stays in one process, and so do all files that share a real shop or a demo, which takes long to boot."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return str(Path(file).parent) if file.startswith(("tests/shops/", "tests/browser/")) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFileOrWorld:
    return ByFileOrWorld(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: FIRST.index(folder) if (folder := _folder(item)) in FIRST else len(FIRST))


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).parts[0]


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """What a test changes in its process, it changes back: which tests come after it in the same one is chance."""
    before, loggers = _process(), _loggers()
    yield
    after, now = _process(), _loggers()
    assert (after, {name: now[name] for name in loggers}) == (before, loggers)


def _process() -> dict[str, object]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return {"environment": environment, "folder": os.getcwd(), "hooks": (sys.excepthook, threading.excepthook)}


def _loggers() -> dict[str, tuple[object, ...]]:
    """Those that exist so far. pytest has handlers of its own for each phase of a test."""
    known = {"": logging.getLogger()} | logging.getLogger().manager.loggerDict
    return {
        name: (logger.level, logger.propagate, logger.disabled, *filter(_is_ours, logger.handlers))
        for name, logger in known.items()
        if isinstance(logger, logging.Logger)
    }


def _is_ours(handler: logging.Handler) -> bool:
    return not type(handler).__module__.startswith("_pytest.")


@pytest.fixture(scope="session")
def logs_as_before() -> Iterator[None]:
    """A command configures the logs of its process, which here is the process of other tests too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fallback.cli.main.logs", SimpleNamespace(configure=lambda level: None))
        yield


def a_server(directory: Path) -> RedisServer:
    """With LEDGER_ON=cluster it is a cluster of three; if it is killed, its primary is, and another takes over."""
    in_cluster = os.environ.get("LEDGER_ON") == "cluster"
    return cast(RedisServer, Cluster(directory)) if in_cluster else RedisServer(directory)


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash takes a moment, and not a quarter of a second."""
    monkeypatch.setattr(passwords, "METHOD", "scrypt:16:8:5")


@pytest.fixture(scope="session")
def _shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = a_server(tmp_path_factory.mktemp("redis"))
    yield server
    denied = server.denied()
    server.close()
    assert denied == set(), "add it to fallback/ledger/redis/commands.py and ops/redis/users.acl"


@pytest.fixture
def redis_server(_shared_redis: RedisServer) -> RedisServer:
    """An empty Redis. It is shared: a test that kills it takes `mortal_redis`."""
    _shared_redis.empty()
    return _shared_redis


@pytest.fixture
def mortal_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """An empty Redis of the test's own, to kill and to start again."""
    server = a_server(tmp_path_factory.mktemp("mortal_redis"))
    yield server
    server.close()
