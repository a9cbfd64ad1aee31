"""The web server dies by `kill -9`, and the customer's browser sends the same request again."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from ops.demo.running import answers
from tests.crash.fleet import Program, deployed
from tests.crash.world import VISA, World, a_body
from tests.demo.waiting import eventually
from tests.ports import free_port

Web = Callable[..., Program]
STARTS_WITHIN = 40


class Browser:
    """It has no answer before it was acknowledged, and asks with the same key until then."""

    def __init__(self, url: str, body: object) -> None:
        self._url = f"{url}/v1/orders"
        self._body = body
        self._headers = {"Idempotency-Key": f"key-{uuid4()}"}

    def asks(self) -> requests.Response:
        return requests.post(self._url, json=self._body, headers=self._headers, timeout=30)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def web(world: World, port: int, tmp_path: Path) -> Iterator[Web]:
    programs = []

    def start(app: str | None = None, **env: str) -> Program:
        settings = world.settings | {"port": port, "web_concurrency": 2}
        programs.append(deployed("web", tmp_path / "web.log", settings, app, **env))
        eventually(lambda: answers(f"http://127.0.0.1:{port}/readyz"), within=STARTS_WITHIN)
        return programs[-1]

    yield start
    for program in programs:
        program.close()


def test_an_order_whose_answer_died_with_the_server_is_one_order(
    world: World, web: Web, port: int, tmp_path: Path
) -> None:
    dies_once = tmp_path / "dies_once"
    dies_once.touch()
    first = web("tests.crash.dying_web:door", DIES_ONCE=str(dies_once))
    browser = Browser(f"http://127.0.0.1:{port}", a_body(world.card(VISA)))
    with pytest.raises(requests.ConnectionError):
        browser.asks()
    eventually(first.ended)

    web()
    again, once_more = browser.asks(), browser.asks()
    assert [answer.status_code for answer in (again, once_more)] == [202, 202]
    assert again.headers["Idempotency-Replayed"] == once_more.headers["Idempotency-Replayed"] == "true"
    assert again.json() == once_more.json()
    world.acknowledged.append(again.json()["ref"])
    world.work()
    assert world.findings() == []
    assert world.received() == [again.json()["ref"]]


def test_the_workers_of_a_server_that_was_killed_end_too_and_leave_the_port_to_the_next(web: Web, port: int) -> None:
    """Also the one that is busy with a request that never ends."""
    first = web("tests.crash.stuck_web:door")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stuck:
        stuck.sendall(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        first.kill(whole=False)
        eventually(lambda: not answers(f"tcp://127.0.0.1:{port}"))
        assert stuck.recv(1) == b""
    web()
