"""Mail by SMTP, in two steps: the server agrees to take the text, then receives it (RFC 5321).

smtplib's errors are OSErrors, like those of the connection.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, tzinfo
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import structs

from fallback.domain.checkout.drafts import Draft
from fallback.domain.checkout.mail_addresses import deliverable
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.links import Links
from fallback.domain.order.order import Customer, Notice, Order
from fallback.domain.storefront import Storefront
from fallback.domain.support.accounts import Account
from fallback.domain.support.subscriptions import Subscription
from fallback.i18n import WRITTEN_IN
from fallback.notices.message import (
    NO_STOREFRONT,
    compose,
    compose_for_owner,
    compose_for_subscriber,
    compose_invitation,
)

STEP_SECONDS = 10
# The server may take longer over the text, but less than a notice may stay HANDING_OVER (PATIENCE).
ANSWER_SECONDS = 20
PORTS = {"smtp": 25, "smtps": 465}


class SmtpMailer:
    """Implements support.mailer.Mailer. Thread-safe: each notice has its own connection.

    `smtp_url`: smtp://user:password@host:port, or smtps for TLS from the first byte; smtp uses TLS when it is offered,
    and sends no password without it. Empty: no mail is sent, each notice is refused. `mail_from`: the sender's address.
    `bounce_address`: gets what cannot be delivered, with the mail's id behind a plus; empty: the sender's address does.
    `zone`: the time zone of times in mails. `language`: of the mails to agents. `storefront`: in mails to customers.
    """

    def __init__(
        self,
        smtp_url: str,
        mail_from: str,
        links: Links,
        zone: tzinfo = UTC,
        language: str = WRITTEN_IN,
        storefront: Storefront = NO_STOREFRONT,
        bounce_address: str = "",
    ) -> None:
        self._url = urlsplit(smtp_url)
        self._mail_from = mail_from
        self._links = links
        self._zone = zone
        self._language = language
        self._storefront = storefront
        self._bounce_address = bounce_address

    def deliver(
        self, order: Order, customer: Customer, notice: Notice, before_handing_over: Callable[[], None]
    ) -> None:
        if not self._url.hostname:
            raise Refused("mail_is_turned_off")
        customer = structs.replace(customer, email=_deliverable(customer.email))
        message = compose(order, customer, notice, self._links, self._mail_from, self._zone, self._storefront)
        self._send(customer.email, message, before_handing_over)

    def tell(
        self,
        owner: Account,
        order: Order,
        notice: Notice,
        before_handing_over: Callable[[], None],
        all_theirs: Sequence[Order] = (),
    ) -> None:
        if not self._url.hostname:
            raise Refused("mail_is_turned_off")
        owner = structs.replace(owner, email=_deliverable(owner.email or ""))
        message = compose_for_owner(
            owner, order, notice, self._links, self._mail_from, self._language, self._zone, all_theirs
        )
        self._send(message["To"].addresses[0].addr_spec, message, before_handing_over)

    def invite(self, draft: Draft, link: str, before_handing_over: Callable[[], None]) -> None:
        if not self._url.hostname:
            raise Refused("mail_is_turned_off")
        email = _deliverable(draft.email)
        message = compose_invitation(draft, email, link, self._mail_from, self._storefront)
        self._send(email, message, before_handing_over)

    def tell_subscriber(self, subscription: Subscription, link: str, before_handing_over: Callable[[], None]) -> None:
        if not self._url.hostname:
            raise Refused("mail_is_turned_off")
        email = _deliverable(subscription.email)
        message = compose_for_subscriber(subscription, email, link, self._mail_from, self._storefront)
        self._send(email, message, before_handing_over)

    def _send(self, email: str, message: EmailMessage, before_handing_over: Callable[[], None]) -> None:
        with self._session(self._returns_to(message), email) as smtp:
            _agree(smtp, email)
            before_handing_over()
            _hand_over(smtp, message)

    def greet(self) -> str:
        if not self._url.hostname:
            raise Refused("mail_is_turned_off")
        own = parseaddr(self._mail_from)[1]
        with self._session(self._bounce_address or own, own):
            return self._url.hostname

    def _returns_to(self, message: EmailMessage) -> str:
        """The envelope's sender, which names the mail, so that a report without the mail's header leads to it, too."""
        id = message["Message-ID"].strip("<>").rpartition("@")[0]
        local, _, host = self._bounce_address.rpartition("@")
        return f"{local}+{id}@{host}" if host else parseaddr(self._mail_from)[1]

    @contextmanager
    def _session(self, sender: str, recipient: str) -> Iterator[smtplib.SMTP]:
        """A server that is ready for a recipient. However this ends, a text without its final dot is not sent."""
        smtp = self._connected(sender.rpartition("@")[2])
        try:
            self._introduce(smtp, sender, recipient)
            yield smtp
        finally:
            smtp.close()

    def _connected(self, own_name: str) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port or PORTS[self._url.scheme]
        try:
            if self._url.scheme == "smtps":
                context = ssl.create_default_context()
                return smtplib.SMTP_SSL(host, port, own_name, timeout=STEP_SECONDS, context=context)
            return smtplib.SMTP(host, port, own_name, timeout=STEP_SECONDS)
        except OSError as error:
            raise TryAgain("the mail server does not answer") from error

    def _introduce(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> None:
        """A refusal here concerns us, not this notice: it waits until the setting or the server is corrected."""
        try:
            smtp.ehlo_or_helo_if_needed()
            if smtp.has_extn("starttls"):
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            _log_in(smtp, self._url)
            if not recipient.isascii() and not smtp.has_extn("smtputf8"):
                raise Refused("address_not_supported")
            options = [] if recipient.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
            code, _ = smtp.mail(sender, options)
        except OSError as error:
            raise TryAgain("the mail server did not accept the connection") from error
        if code != 250:
            raise TryAgain(f"the mail server refuses our sender address: {code}")


def _deliverable(email: str) -> str:
    try:
        return deliverable(email)
    except ValueError as error:
        raise Refused("bad_address") from error


def _log_in(smtp: smtplib.SMTP, url: SplitResult) -> None:
    if not url.username:
        return
    if not isinstance(smtp.sock, ssl.SSLSocket):
        raise TryAgain("the mail server offers no TLS, and the password is not sent without it")
    smtp.login(unquote(url.username), unquote(url.password or ""))


def _agree(smtp: smtplib.SMTP, recipient: str) -> None:
    try:
        code, _ = smtp.rcpt(recipient)
        if code in (250, 251):
            code, _ = smtp.docmd("DATA")
    except OSError as error:
        raise TryAgain("the mail server closed the connection before it received the text") from error
    _judge(code, 354)


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    text = re.sub(rb"(?m)^\.", b"..", message.as_bytes())  # RFC 5321, 4.5.2
    try:
        assert smtp.sock
        smtp.sock.settimeout(ANSWER_SECONDS)
        smtp.send(text + b"\r\n.\r\n")
        code, _ = smtp.getreply()
    except OSError as error:
        raise OutcomeUnknown("the mail server's reply to the text was lost") from error
    _judge(code, 250)
    with suppress(OSError):  # it has the mail; a lost QUIT changes nothing
        smtp.quit()


def _judge(code: int, expected: int) -> None:
    if code == expected:
        return
    if 500 <= code < 600:
        raise Refused(str(code))
    raise TryAgain(f"the mail server answered {code}")
