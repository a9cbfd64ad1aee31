"""A primary that takes its time, breaks off or lies, on real sockets: every call ends by its deadline, and rightly."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest

from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.order.patience import LEAVES_WITHIN, PATIENCE
from fallback.primaries.calls import DEADLINE
from fallback.primaries.http.primary import HttpPrimary
from fallback.primaries.transport import CONNECT_WITHIN, LARGEST_ANSWER
from tests.builders import an_order
from tests.primaries.conftest import DEADLINE as SHORT
from tests.reference_shop import Fault, ReferenceShop, primary_at
from tests.speaking import speaking

# What a loaded machine may add to a deadline.
SLACK = 1.0

AFTER_THE_EFFECT = ["error_after", "html", "half", "slow", "drip", "reply_lost"]
BEFORE_THE_EFFECT = ["down", "error"]


def test_no_call_outlasts_the_patience_of_the_ledger() -> None:
    assert timedelta(seconds=CONNECT_WITHIN + DEADLINE) < PATIENCE - LEAVES_WITHIN


@pytest.mark.parametrize("kind", AFTER_THE_EFFECT)
def test_a_write_that_had_its_effect_is_unknown_and_is_found(
    primary: HttpPrimary, server: ReferenceShop, kind: str
) -> None:
    order = an_order()
    server.misbehave(Fault(kind, seconds=5))

    with ends_by(SHORT), pytest.raises(OutcomeUnknown):
        primary.place(order)

    found = primary.find(order.ref)
    assert found is not None
    assert primary.place(order) == found


@pytest.mark.parametrize("kind", BEFORE_THE_EFFECT)
def test_a_write_that_had_no_effect_is_unknown_and_is_not_found(
    primary: HttpPrimary, server: ReferenceShop, kind: str
) -> None:
    order = an_order()
    server.misbehave(Fault(kind))

    with pytest.raises(OutcomeUnknown):
        primary.place(order)

    assert primary.find(order.ref) is None


@pytest.mark.parametrize("kind", AFTER_THE_EFFECT + BEFORE_THE_EFFECT)
def test_a_read_ends_by_its_deadline_and_says_nothing(primary: HttpPrimary, server: ReferenceShop, kind: str) -> None:
    order = an_order()
    primary.place(order)
    server.misbehave(Fault(kind, times=-1, seconds=5))

    with ends_by(SHORT), pytest.raises(TryAgain):
        primary.find(order.ref)


def test_a_busy_primary_says_when(primary: HttpPrimary, server: ReferenceShop) -> None:
    server.misbehave(Fault("busy", seconds=7))

    with pytest.raises(TryAgain) as refusal:
        primary.place(an_order())

    assert refusal.value.after == 7


def test_a_port_where_nobody_listens_means_nothing_was_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        primary = at_port(probe.getsockname()[1])

        with pytest.raises(TryAgain):
            primary.place(an_order())


def test_an_unknown_host_name_means_that_nothing_was_sent() -> None:
    primary = primary_at("http://shop.invalid", "token")

    with pytest.raises(TryAgain):
        primary.place(an_order())


def test_a_head_that_drips_ends_by_the_deadline() -> None:
    def drip(line: socket.socket, left: Event) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not left.wait(0.05):
            line.sendall(b"a")

    with speaking(drip) as port, ends_by(SHORT), pytest.raises(OutcomeUnknown):
        at_port(port).place(an_order())


def test_an_answer_without_end_is_cut_off() -> None:
    def flood(line: socket.socket, left: Event) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while not left.is_set():
            line.sendall(b" " * 65536)

    with speaking(flood) as port, ends_by(5), pytest.raises(OutcomeUnknown, match="larger"):
        at_port(port, deadline=5).place(an_order())


def test_a_redirect_is_not_followed() -> None:
    def send_away(line: socket.socket, _: Event) -> None:
        line.sendall(b"HTTP/1.1 303 See Other\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    with speaking(send_away) as port, pytest.raises(OutcomeUnknown, match="303"):
        at_port(port).place(an_order())


def test_a_redirect_without_end_is_cut_off() -> None:
    def send_away(line: socket.socket, left: Event) -> None:
        line.sendall(b"HTTP/1.1 303 See Other\r\nLocation: /\r\n\r\n" + b" " * 2 * LARGEST_ANSWER)
        left.wait()

    with speaking(send_away) as port, ends_by(5), pytest.raises(OutcomeUnknown, match="larger"):
        at_port(port, deadline=5).place(an_order())


def test_cookies_are_not_kept() -> None:
    seen: list[bytes] = []

    def set_cookie(line: socket.socket, _: Event) -> None:
        seen.append(line.recv(65536))
        line.sendall(b"HTTP/1.1 503 Busy\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n")

    with speaking(set_cookie) as port:
        primary = at_port(port)
        for _ in range(2):
            with pytest.raises(TryAgain):
                primary.find("FB-7K3M-92QX-5")

    assert len(seen) == 2
    assert b"cookie" not in seen[1].lower()


def test_calls_share_an_open_connection(primary: HttpPrimary, server: ReferenceShop) -> None:
    accepted: list[object] = []
    accept = server.get_request

    def counted() -> object:
        accepted.append(None)
        return accept()

    server.get_request = counted  # type: ignore[method-assign,assignment]
    for _ in range(5):
        primary.place(an_order())

    assert len(accepted) == 1


def at_port(port: int, deadline: float = SHORT) -> HttpPrimary:
    return primary_at(f"http://127.0.0.1:{port}", "token", deadline)


@contextmanager
def ends_by(deadline: float) -> Iterator[None]:
    began = monotonic()
    yield
    assert monotonic() - began < deadline + SLACK
