"""An announcement reaches a receiver on loopback as a CloudEvent, signed with every secret that is in use."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import nullcontext
from threading import Event

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from msgspec.structs import replace
from standardwebhooks import Webhook, WebhookVerificationError

from fallback.domain.errors import Refused, TryAgain
from fallback.domain.order.announcements import Announcement, announced
from fallback.domain.order.holds import HoldCode
from fallback.notices import calls
from fallback.notices.order_receivers import OrderReceiver
from tests.builders import NOW, a_hold, an_order
from tests.notices.receiver import Receiver, listening
from tests.speaking import speaking

SOURCE = "https://checkout.example.org"
OLD, NEW = "the-old-order-secret-0123456789-abcd", f"whsec_{b64encode(b'the-new-order-secret-0123456789').decode()}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def held() -> Announcement:
    order = an_order(version=2)
    said = announced(order, replace(order, holds=(a_hold(HoldCode.MISMATCH),)), NOW)
    assert said is not None
    return said


def a_receiver(receiver: Receiver, *secrets: str, host: str = "127.0.0.1") -> OrderReceiver:
    return OrderReceiver(f"http://{host}:{receiver.port}/orders", secrets or (OLD,), SOURCE)


def test_it_is_a_cloud_event_in_structured_mode(receiver: Receiver) -> None:
    said = held()
    a_receiver(receiver).tell(said)
    [got] = receiver.got
    assert got.headers["content-type"].startswith("application/cloudevents+json")
    event = from_http_event(HTTPMessage(got.headers, got.body), JSONFormat())
    assert (event.get_id(), event.get_source(), event.get_type()) == (said.id, SOURCE, "order.held")
    assert (event.get_subject(), event.get_time()) == (said.ref, NOW)
    assert event.get_data() == {
        "ref": said.ref,
        "version": 3,
        "status": "on_hold",
        "payment": {"state": "authorized", "authorized": 3093, "captured": 0, "refunded": 0},
        "placement": {"state": "held"},
        "holds": ["mismatch"],
        "total": {"amount": 3093, "currency": "EUR"},
    }


def test_while_secrets_are_rotated_a_receiver_with_either_believes_it(receiver: Receiver) -> None:
    a_receiver(receiver, NEW, OLD).tell(held())
    [got] = receiver.got
    Webhook(NEW).verify(got.body, got.headers)
    Webhook(OLD.encode()).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(b"another-secret-0123456789-abcdefgh").verify(got.body, got.headers)


def test_each_try_has_the_id_of_the_event(receiver: Receiver) -> None:
    receiver.status = 503
    said = held()
    for _ in range(2):
        with pytest.raises(TryAgain):
            a_receiver(receiver).tell(said)
    assert {got.headers["webhook-id"] for got in receiver.got} == {said.id}


@pytest.mark.parametrize(("status", "is_taken"), [("200 OK", True), ("303 See Other\r\nLocation: /", False)])
def test_of_an_answer_without_end_the_head_counts(status: str, is_taken: bool) -> None:
    def speak(line: socket.socket, left: Event) -> None:
        line.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 99999999999\r\n\r\n".encode())
        left.wait()

    with speaking(speak) as port, nullcontext() if is_taken else pytest.raises(TryAgain, match="answered 303"):
        OrderReceiver(f"http://127.0.0.1:{port}/orders", (OLD,), SOURCE).tell(held())


def test_a_head_that_drips_ends_by_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "ANSWER_SECONDS", 0.3)

    def drip(line: socket.socket, left: Event) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        for _ in range(100):
            if not left.wait(0.05):
                line.sendall(b"a")
        line.sendall(b"\r\n\r\n")
        line.recv(2**16)  # what is unread when it is closed would look like a broken connection

    with speaking(drip) as port, pytest.raises(TryAgain):
        OrderReceiver(f"http://127.0.0.1:{port}/orders", (OLD,), SOURCE).tell(held())


def test_a_receiver_is_reached_without_being_told_anything(receiver: Receiver) -> None:
    a_receiver(receiver).reach()
    assert receiver.got == []
    receiver.close()
    with pytest.raises(TryAgain):
        a_receiver(receiver).reach()


def test_a_name_of_our_own_network_is_called_and_one_of_the_internet_is_not(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever owns a name of the internet may let it lead anywhere."""
    leads_here = [(2, 1, 6, "", ("127.0.0.1", receiver.port))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: leads_here)
    for host in ("desk", "desk.internal", "desk.shop.svc"):
        a_receiver(receiver, host=host).tell(held())
    with pytest.raises(Refused) as error:
        a_receiver(receiver, host="desk.example.org").tell(held())
    assert (error.value.code, len(receiver.got)) == ("private_address", 3)
