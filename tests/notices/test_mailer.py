from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from threading import Thread

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, NoticeKind
from fallback.notices import mailer
from fallback.notices.mailer import SmtpMailer
from tests.builders import CUSTOMER, NOW, an_order
from tests.notices.mail_server import HOST, MailServer, mail_server
from tests.ports import free_port

LINKS = Links(("a-secret-for-the-tests-of-the-mail-0123",), "https://pay.example")
NOTICE = Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW)


class Handed:
    """Hands one notice to a server, and knows whether it came to handing over."""

    def __init__(self, url: str, email: str = CUSTOMER.email, before: Callable[[], None] = lambda: None) -> None:
        self.over = False
        self._mailer = SmtpMailer(url, "Orders <orders@pay.example>", LINKS)
        self._customer = replace(CUSTOMER, email=email)
        self._before = before

    def __call__(self) -> None:
        self._mailer.deliver(an_order(), self._customer, NOTICE, self._begin)

    def _begin(self) -> None:
        self.over = True
        self._before()


def test_a_mail_arrives_once_and_was_handed_over(server: MailServer) -> None:
    hand = Handed(server.url)
    hand()
    assert hand.over
    assert [mail["To"] for mail in server.mails] == ["iris@example.org"]


def test_what_cannot_be_delivered_goes_back_to_an_address_that_names_the_mail(server: MailServer) -> None:
    order = an_order()
    Handed(server.url)()
    there = SmtpMailer(server.url, "Orders <orders@pay.example>", LINKS, bounce_address="bounces@back.example")
    there.deliver(order, CUSTOMER, NOTICE, lambda: None)
    there.greet()
    named = f"bounces+{LINKS.mails.of(order.ref, '1')}@back.example"
    assert server.senders == ["orders@pay.example", named, "bounces@back.example"]
    assert server.mails[1]["From"].addresses[0].addr_spec == "orders@pay.example"


def test_handing_over_begins_when_the_server_has_agreed_and_before_it_has_a_text(server: MailServer) -> None:
    seen: list[tuple[int, int]] = []
    Handed(server.url, before=lambda: seen.append((len(server.recipients), len(server.mails))))()
    assert seen == [(1, 0)]


def test_when_handing_over_cannot_be_recorded_nothing_is_sent(server: MailServer) -> None:
    def fails() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Handed(server.url, before=fails)()
    Handed(server.url)()
    assert len(server.mails) == 1


# --- the server does not take it now


def test_no_server_means_try_again() -> None:
    hand = Handed(f"smtp://{HOST}:{free_port()}")
    with pytest.raises(TryAgain):
        hand()
    assert not hand.over


def test_a_server_that_says_nothing_means_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "STEP_SECONDS", 0.2)
    with socket.create_server((HOST, 0)) as silent:
        hand = Handed(f"smtp://{HOST}:{silent.getsockname()[1]}")
        with pytest.raises(TryAgain):
            hand()
    assert not hand.over


@pytest.mark.parametrize("answer", ["421 going down", "550 we do not take your mail"])
def test_a_server_that_refuses_us_is_no_fault_of_the_notice(server: MailServer, answer: str) -> None:
    server.at_sender = answer
    hand = Handed(server.url)
    with pytest.raises(TryAgain):
        hand()
    assert not hand.over


def test_a_recipient_refused_for_now_means_try_again(server: MailServer) -> None:
    server.at_recipient = "450 mailbox busy"
    hand = Handed(server.url)
    with pytest.raises(TryAgain):
        hand()
    assert not hand.over


def test_a_text_refused_for_now_means_try_again(server: MailServer) -> None:
    server.at_text = "451 try later"
    hand = Handed(server.url)
    with pytest.raises(TryAgain):
        hand()
    assert hand.over
    assert server.mails == []


# --- the server will never take it


def test_a_recipient_refused_for_good_is_refused(server: MailServer) -> None:
    server.at_recipient = "550 no such mailbox"
    hand = Handed(server.url)
    with pytest.raises(Refused) as refusal:
        hand()
    assert refusal.value.code == "550"
    assert not hand.over


def test_a_text_refused_for_good_is_refused(server: MailServer) -> None:
    server.at_text = "554 spam"
    with pytest.raises(Refused):
        Handed(server.url)()


@pytest.mark.parametrize("email", ["iris@exa<mple.org", "a,b@example.org", "iris@example..org", "i>ris@example.org"])
def test_an_address_that_is_none_is_refused(server: MailServer, email: str) -> None:
    with pytest.raises(Refused):
        Handed(server.url, email)()
    assert server.recipients == []


@pytest.mark.parametrize(
    ("email", "recipient"),
    [("iris@müller.example", "iris@xn--mller-kva.example"), ("irís@example.org", "irís@example.org")],
)
def test_an_address_beyond_ascii_is_written_to(server: MailServer, email: str, recipient: str) -> None:
    Handed(server.url, email)()
    assert server.recipients == [recipient]
    assert len(server.mails) == 1


def test_without_a_mail_server_in_the_settings_each_notice_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        Handed("")()
    assert refusal.value.code == "mail_is_turned_off"


# --- nobody knows


def test_a_line_that_breaks_after_the_final_dot_leaves_it_unknown(server: MailServer) -> None:
    server.at_text = None
    hand = Handed(server.url)
    with pytest.raises(OutcomeUnknown):
        hand()
    assert hand.over
    assert len(server.mails) == 1


def test_an_answer_to_the_text_that_does_not_come_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "ANSWER_SECONDS", 0.2)
    with socket.create_server((HOST, 0)) as listener:
        Thread(target=_takes_the_text_and_says_nothing, args=(listener,), daemon=True).start()
        with pytest.raises(OutcomeUnknown):
            Handed(f"smtp://{HOST}:{listener.getsockname()[1]}")()


def _takes_the_text_and_says_nothing(listener: socket.socket) -> None:
    line, _ = listener.accept()
    with line, line.makefile("rwb", buffering=0) as talk:
        talk.write(b"220 here\r\n")
        for answer in (b"250 hello", b"250 sender", b"250 recipient", b"354 go on"):
            talk.readline()
            talk.write(answer + b"\r\n")
        while talk.readline():
            pass


# --- TLS and passwords


@pytest.mark.usefixtures("trusted")
def test_smtps_is_tls_from_the_first_byte(tls: ssl.SSLContext) -> None:
    with mail_server(tls=tls) as server:
        Handed(server.url.replace("smtp:", "smtps:"))()
        assert len(server.mails) == 1


@pytest.mark.usefixtures("trusted")
def test_tls_is_used_when_it_is_offered_and_the_password_goes_through_it(tls: ssl.SSLContext) -> None:
    with mail_server(starttls=tls) as server:
        Handed(f"smtp://orders:p%40ss@{HOST}:{server.port}")()
        assert server.logins == [("orders", "p@ss")]
        assert len(server.mails) == 1


def test_a_certificate_that_nobody_vouches_for_means_try_again(tls: ssl.SSLContext) -> None:
    with mail_server(starttls=tls) as server:
        with pytest.raises(TryAgain):
            Handed(server.url)()
        assert server.mails == []


def test_no_password_is_sent_in_the_clear(server: MailServer) -> None:
    with pytest.raises(TryAgain):
        Handed(f"smtp://orders:secret@{HOST}:{server.port}")()
    assert server.logins == []
