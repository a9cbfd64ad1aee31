"""The HTTP under it, over real sockets."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import msgspec
import pytest
import stripe

from fallback.domain.call_deadline import leaving_by
from fallback.domain.errors import OutcomeUnknown, TooLate, TryAgain
from fallback.domain.payment.gateway import IntentState
from fallback.payments.stripe_gateway import StripeGateway
from fallback.runtime.outgoing import PunctualAdapter, punctual_session
from tests.builders import NOW
from tests.payments.stripe_replies import a_stripe_intent

FAILURES_TO_OPEN, TRIES = 5, 3
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"


@contextmanager
def a_server(behave: Callable[[socket.socket], None], asked: list[bytes] | None = None) -> Iterator[str]:
    """Every connection is handed to `behave`, one after the other. `asked`: what it was asked for goes there."""
    heard = [] if asked is None else asked
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(65_536))
                behave(connection)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def a_gateway(url: str, timeout: float = 10.0, sleep: Callable[[float], None] = lambda seconds: None) -> StripeGateway:
    return StripeGateway("sk_test_1", url, timeout=timeout, deadline=2 * timeout, sleep=sleep)


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


def answer_with(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body), b"", body))


def test_an_answer_that_is_compressed_is_read() -> None:
    body = gzip.compress(msgspec.json.encode(a_stripe_intent(status="canceled")))
    reply = answer_with(body, b"Content-Encoding: gzip")

    with a_server(lambda connection: connection.sendall(reply)) as url:
        assert a_gateway(url).void("pi_1", "key").state is IntentState.VOIDED


def test_an_answer_of_many_pieces_is_one() -> None:
    body = msgspec.json.encode(a_stripe_intent(status="canceled"))
    pieces = [body[start : start + 7] for start in range(0, len(body), 7)]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    reply = head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])

    with a_server(lambda connection: connection.sendall(reply)) as url:
        assert a_gateway(url).void("pi_1", "key").state is IntentState.VOIDED


def test_a_cookie_is_not_sent_back() -> None:
    """It would belong to whoever called in another thread."""
    asked: list[bytes] = []
    reply = answer_with(msgspec.json.encode(a_stripe_intent()), b"Set-Cookie: machine=7", b"Connection: close")

    with a_server(lambda connection: connection.sendall(reply), asked) as url:
        gateway = a_gateway(url)
        gateway.retrieve("pi_1")
        gateway.retrieve("pi_1")

    assert len(asked) == 2
    assert b"machine=7" not in asked[1]


# --- a process that stood still on its way to Stripe


def test_a_late_write_does_not_leave_and_is_no_fault_of_stripe() -> None:
    seen: list[object] = []

    with a_server(seen.append) as url, leaving_by(NOW, lambda: NOW):
        gateway = a_gateway(url)
        for _ in range(FAILURES_TO_OPEN):
            with pytest.raises(TooLate):
                gateway.void("pi_1", "key")

        assert gateway.available
        with pytest.raises(TryAgain):
            gateway.retrieve("pi_1")

    assert len(seen) == FAILURES_TO_OPEN + TRIES


def test_a_late_second_try_leaves_the_first_unknown() -> None:
    body = msgspec.json.encode(a_stripe_intent(status="canceled"))
    replies = iter([b"", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)])
    now = NOW

    def stopped(_: float) -> None:
        nonlocal now
        now += timedelta(minutes=1)

    with (
        a_server(lambda connection: connection.sendall(next(replies))) as url,
        leaving_by(NOW + timedelta(seconds=15), lambda: now),
        pytest.raises(OutcomeUnknown),
    ):
        a_gateway(url, sleep=stopped).void("pi_1", "key")


def test_the_deadline_also_applies_to_calls_to_stripe_itself() -> None:
    assert isinstance(punctual_session().get_adapter(stripe.DEFAULT_API_BASE), PunctualAdapter)
