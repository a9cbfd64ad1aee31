"""The HTTP under it, over real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.payments.stripe_gateway import StripeGateway

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"


@contextmanager
def a_server(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """Every connection is handed to `behave`, one after the other."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                behave(connection)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def a_gateway(url: str, timeout: float = 10.0) -> StripeGateway:
    return StripeGateway("sk_test_1", url, timeout=timeout, deadline=2 * timeout, sleep=lambda seconds: None)


def drip(connection: socket.socket) -> None:
    """Byte after byte, each well within the timeout of a socket, until the other side has had enough."""
    connection.sendall(HEAD)
    connection.settimeout(0.1)
    while True:
        try:
            connection.sendall(b" ")
            if connection.recv(1) == b"":
                return
        except TimeoutError:
            continue
        except OSError:
            return


def test_where_nobody_listens_nothing_happened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(TryAgain):
        a_gateway(closed).void("pi_1", "key")


def test_a_connection_that_ends_without_an_answer_proves_nothing() -> None:
    with a_server(lambda connection: None) as url, pytest.raises(OutcomeUnknown):
        a_gateway(url).void("pi_1", "key")


def test_half_an_answer_proves_nothing() -> None:
    half = HEAD + b'{"id": "pi_1", "st'

    with a_server(lambda connection: connection.sendall(half)) as url, pytest.raises(OutcomeUnknown):
        a_gateway(url).void("pi_1", "key")


def test_an_answer_that_comes_drop_by_drop_is_given_up_in_time() -> None:
    began = time.monotonic()

    with a_server(drip) as url, pytest.raises(OutcomeUnknown):
        a_gateway(url, timeout=2.5).void("pi_1", "key")

    assert time.monotonic() - began < 6
