from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.ports import free_port
from tests.proxy.standins import PROXIES, Standin

Visit = Callable[..., requests.Response]


@pytest.fixture
def primary() -> Iterator[Standin]:
    standin = Standin("the shop", free_port())
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def fallback() -> Iterator[Standin]:
    standin = Standin("fallback", free_port(), route="primary")
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture(params=PROXIES)
def proxy(request: pytest.FixtureRequest) -> str:
    """What stands at the front door."""
    name: str = request.param
    return name


@pytest.fixture
def front(proxy: str, tmp_path: Path, primary: Standin, fallback: Standin) -> Iterator[str]:
    with PROXIES[proxy](tmp_path, primary=primary, fallback=fallback) as address:
        yield address


@pytest.fixture
def visit(front: str) -> Visit:
    """Sends one request of a browser through the front door."""

    def send(path: str, method: str = "GET", **kwargs: object) -> requests.Response:
        headers = {"Accept": "text/html,*/*;q=0.8"} | dict(kwargs.pop("headers", {}))
        return requests.request(method, front + path, headers=headers, timeout=10, **kwargs)

    return send
