"""Text messages by a real gateway on loopback: what it gets, and what each of its answers means."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, NoticeKind, Order, PaymentState, TextMessage
from fallback.notices.text_gateway import HttpTextGateway
from tests.builders import CUSTOMER, NOW, a_payment, an_order
from tests.notices.receiver import Receiver, listening
from tests.ports import free_port
from tests.speaking import speaking

LINKS = Links(["a-secret-of-the-tests-of-messages-012345"], "https://checkout.harbour-books.example")
REACHABLE = replace(CUSTOMER, phone="07400 123456", sms=True)
UNPAID = an_order(
    ref="FB-7K3M-92QX-N",
    customer=REACHABLE,
    payment=a_payment(PaymentState.ACTION_REQUIRED, pay_by=NOW + timedelta(days=7)),
)
MESSAGES = {TextMessage.CANCELLED: NoticeKind.CANCELLED, TextMessage.MAIL_RETURNED: NoticeKind.ANSWER}


@pytest.fixture
def gateway() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def to(url: str) -> HttpTextGateway:
    return HttpTextGateway(url, "the-token", LINKS, "Harbour Books", ZoneInfo("Europe/London"))


def a_notice(message: TextMessage) -> Notice:
    kind = MESSAGES.get(message) or NoticeKind(message)
    return Notice(id="3", kind=kind, due_at=NOW, sms=message)


def send(port: int, message: TextMessage = TextMessage.PAYMENT_NEEDED, order: Order = UNPAID) -> list[str]:
    begun: list[str] = []
    to(f"http://127.0.0.1:{port}/sms").deliver(order, a_notice(message), lambda: begun.append("handing over"))
    return begun


def test_the_gateway_gets_the_number_the_text_and_an_id_that_stays(gateway: Receiver) -> None:
    assert [send(gateway.port), send(gateway.port)] == [["handing over"]] * 2
    got, again = gateway.got
    assert (
        json.loads(got.body)
        == json.loads(again.body)
        == {
            "id": "FB-7K3M-92QX-N.3",
            "to": "+447400123456",
            "text": "Harbour Books: Please pay for your order FB-7K3M-92QX-N by 28 Nov 2026, 10:00 GMT: "
            + LINKS.short("FB-7K3M-92QX-N"),
        }
    )
    assert (got.headers["authorization"], got.headers["idempotency-key"]) == ("Bearer the-token", "FB-7K3M-92QX-N.3")


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("message", TextMessage)
def test_each_message_says_who_writes_and_leads_to_the_order(
    gateway: Receiver, message: TextMessage, locale: str
) -> None:
    send(gateway.port, message, replace(UNPAID, locale=locale))
    text = json.loads(gateway.got[0].body)["text"]
    assert text.startswith("Harbour Books: ")
    assert text.endswith(f" {LINKS.short(UNPAID.ref)}")
    assert "\n" not in text
    assert len(text) <= 2 * 153, "two messages at most"


def test_the_short_link_opens_the_order_and_no_other() -> None:
    key = LINKS.short(UNPAID.ref).partition("?key=")[2]
    assert len(key) == 22
    assert LINKS.opens(UNPAID.ref, key)
    assert not LINKS.opens("FB-AAAA-AAAA-A", key)
    assert not LINKS.opens(UNPAID.ref, LINKS.key(UNPAID.ref)[:22])
    rotated = Links(["another-secret-of-the-tests-0123456789", "a-secret-of-the-tests-of-messages-012345"], "")
    assert rotated.opens(UNPAID.ref, key)
    assert not Links(["another-secret-of-the-tests-0123456789"], "").opens(UNPAID.ref, key)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 503, 302])
def test_an_answer_that_it_was_not_taken_means_try_again(gateway: Receiver, status: int) -> None:
    gateway.status, gateway.headers = status, {"Retry-After": "90"}
    with pytest.raises(TryAgain) as error:
        send(gateway.port)
    assert error.value.after == 90
    assert len(gateway.got) == 1, "no redirect is followed"


@pytest.mark.parametrize(
    ("says", "after"),
    [
        *(("nan", None), ("-1", None), ("inf", None), ("tomorrow", None), ("7200", 3600)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_a_time_that_is_none_keeps_no_message(gateway: Receiver, says: str, after: float | None) -> None:
    gateway.status, gateway.headers = 503, {"Retry-After": says}
    with pytest.raises(TryAgain) as error:
        send(gateway.port)
    assert error.value.after == after


@pytest.mark.parametrize("status", [400, 410, 422])
def test_another_refusal_is_for_good(gateway: Receiver, status: int) -> None:
    gateway.status = status
    with pytest.raises(Refused) as error:
        send(gateway.port)
    assert error.value.code == str(status)


@pytest.mark.parametrize("status", [500, 502, 504, 0])
def test_after_any_other_answer_or_none_nobody_knows(gateway: Receiver, status: int) -> None:
    gateway.status = status
    with pytest.raises(OutcomeUnknown):
        send(gateway.port)
    assert len(gateway.got) == 1


def test_a_gateway_that_is_away_was_sent_nothing() -> None:
    with pytest.raises(TryAgain):
        send(free_port())


def test_without_a_number_or_a_gateway_nothing_leaves(gateway: Receiver) -> None:
    with pytest.raises(Refused, match="bad_number"):
        send(gateway.port, order=replace(UNPAID, customer=replace(REACHABLE, phone="1234")))
    with pytest.raises(Refused, match="sms_is_turned_off"):
        to("").deliver(UNPAID, a_notice(TextMessage.CANCELLED), lambda: None)
    assert gateway.got == []


def test_it_is_reached_without_a_message(gateway: Receiver) -> None:
    assert to(f"http://127.0.0.1:{gateway.port}/sms").reach() == "127.0.0.1"
    assert gateway.got == []
    with pytest.raises(TryAgain):
        to(f"http://127.0.0.1:{free_port()}").reach()


def test_a_gateway_whose_answer_has_no_end_has_taken_the_message() -> None:
    def speak(line: socket.socket, left: Event) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        left.wait()

    with speaking(speak) as port:
        assert send(port) == ["handing over"]
