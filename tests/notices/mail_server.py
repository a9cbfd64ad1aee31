"""A real mail server on loopback that answers as a test says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.ports import free_port

HOST = "127.0.0.1"


@dataclass
class MailServer:
    """`mails`: what it has taken, oldest first. `recipients`: whom it was asked to take a mail for;
    `senders`: from whom.

    `at_sender`, `at_recipient` and `at_text` are its answers there; None as the answer to the text closes the line
    after the final dot. While `waits` is not set, it thinks about the recipient.
    """

    port: int = field(default_factory=free_port)
    at_sender: str = "250 ok"
    at_recipient: str = "250 ok"
    at_text: str | None = "250 kept"
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    goes_on: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.goes_on.set()

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        self.senders.append(address)
        return self.at_sender

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.recipients.append(address)
        await asyncio.to_thread(self.goes_on.wait, 20)
        envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.at_text is None or self.at_text.startswith("250"):
            mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        if self.at_text is None:
            assert server.transport
            server.transport.abort()
        return self.at_text or "250 nobody hears this"

    def knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object) -> AuthResult:
        assert isinstance(login, LoginPassword)
        self.logins.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=True)


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """`tls`: from the first byte; `starttls`: when the client asks for it."""
    server = MailServer()
    options: dict[str, Any] = {"tls_context": starttls, "auth_require_tls": False, "authenticator": server.knows}
    controller = Controller(server, HOST, server.port, enable_SMTPUTF8=True, ssl_context=tls, **options)
    controller.start()
    yield server
    server.goes_on.set()
    controller.stop()
