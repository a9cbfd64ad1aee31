from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.proxy.standins import Standin, free_port, nginx

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


@pytest.fixture
def visit(tmp_path: Path, primary: Standin, fallback: Standin) -> Iterator[Visit]:
    """Sends one request of a browser through the front door."""
    with nginx(tmp_path, primary=primary, fallback=fallback) as front:

        def send(path: str, method: str = "GET", **kwargs: object) -> requests.Response:
            headers = {"Accept": "text/html,*/*;q=0.8"} | dict(kwargs.pop("headers", {}))
            return requests.request(method, front + path, headers=headers, timeout=10, **kwargs)

        yield send
