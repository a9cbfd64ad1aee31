"""Whoever sends slowly holds a connection of the proxy: the shop and fallback hear of it when all of it is there."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.proxy.conftest import Visit
from tests.proxy.standins import REAL, Standin

every_program = pytest.mark.parametrize("proxy", REAL)
LARGE = b"x" * 3_000_000


@contextmanager
def a_slow_client(front: str, begins: bytes) -> Iterator[socket.socket]:
    host, port = front.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(begins)
        yield client


@every_program
@pytest.mark.parametrize("path", [b"/checkout/preview/", b"/basket/", b"/v1/orders"])
def test_a_body_that_comes_slowly_reaches_nobody_until_it_is_whole(
    front: str, visit: Visit, primary: Standin, fallback: Standin, path: bytes
) -> None:
    head = b"POST " + path + b" HTTP/1.1\r\nHost: shop\r\nAccept: text/html\r\nContent-Length: 9\r\n\r\n"
    with a_slow_client(front, head + b"half") as client:
        assert visit("/").text == "the shop"
        assert path.decode() not in primary.heads + fallback.heads

        client.sendall(b"=done")

        assert b"200" in client.recv(64)
    assert [seen.body for seen in primary.requests() + fallback.requests()] == [b"", b"half=done"]


@pytest.mark.parametrize("proxy", ["nginx", "envoy"])
def test_a_body_too_large_to_be_held_is_refused(visit: Visit, primary: Standin, fallback: Standin) -> None:
    for path in ("/basket/", "/checkout/preview/", "/v1/orders"):
        assert visit(path, "POST", data=LARGE).status_code == 413
    assert primary.requests() + fallback.requests() == []


@pytest.mark.parametrize("proxy", ["haproxy", "worker"])
def test_a_body_too_large_to_be_held_is_passed_on_as_it_comes(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    for path in ("/basket/", "/checkout/preview/", "/v1/orders"):
        assert visit(path, "POST", data=LARGE).status_code == 200
    assert [seen.body == LARGE for seen in primary.requests() + fallback.requests()] == [True] * 3


@every_program
def test_a_head_that_comes_slowly_reaches_nobody(front: str, visit: Visit, primary: Standin, fallback: Standin) -> None:
    with a_slow_client(front, b"GET /checkout/ HTTP/1.1\r\nHost: shop\r\nAccept: te"):
        assert visit("/").text == "the shop"
        assert [seen.path for seen in primary.requests() + fallback.requests()] == ["/"]


@every_program
def test_a_hundred_slow_clients_keep_nobody_out(front: str, visit: Visit, primary: Standin) -> None:
    host, port = front.removeprefix("http://").split(":")
    clients = [socket.create_connection((host, int(port)), timeout=10) for _ in range(100)]
    for client in clients:
        client.sendall(b"POST /checkout/ HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\nslow")

    assert visit("/checkout/").text == "the shop"
    assert len(primary.requests()) == 1
    for client in clients:
        client.close()
