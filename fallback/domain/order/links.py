"""Signed links, which open an order's page without an account. The same order always has the same link."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest

from itsdangerous import BadSignature, Signer

from fallback.domain.order.mail_ids import MailIds

# Characters of a key in a text message, which has room for 160 with its words.
SHORT = 22


class Links:
    """`secrets`: newest first; the first signs, all are accepted. Keys open one order each; they have 256 bits, and in
    text messages 132.

    `mails`: the ids of mails, which lead from a returned mail to its order.
    """

    def __init__(self, secrets: Sequence[str], public_url: str, console_url: str = "") -> None:
        """`console_url`: the address of the console, if it differs from the customers' address."""
        self._signer = Signer(list(reversed(secrets)), salt="order link", digest_method=sha256)
        self._short = [Signer(secret, salt="short order link", digest_method=sha256) for secret in secrets]
        self.mails = MailIds(secrets)
        self._base = public_url.rstrip("/")
        self._console = console_url.rstrip("/") or self._base

    def order(self, ref: str, view: str = "") -> str:
        """The order's page, or one of its subpages ('rival/same')."""
        return f"{self._base}/orders/{ref}{'/' if view else ''}{view}?key={self.key(ref)}"

    def short(self, ref: str) -> str:
        """The order's page, for a text message."""
        return f"{self._base}/orders/{ref}?key={_short_key(self._short[0], ref)}"

    def console(self, ref: str) -> str:
        """The order's page in the console. The link is no secret: it requires a sign-in."""
        return f"{self._console}/console/orders/{ref}"

    def runbook(self, name: str) -> str:
        """A runbook's page in the console."""
        return f"{self._console}/console/runbooks/{name}"

    def subscription(self, name: str) -> str:
        """The page on which the owner of an address confirms, or takes back, that they want a mail."""
        return f"{self._base}/status/subscription/{name}"

    def my_work(self) -> str:
        """An agent's own list in the console."""
        return f"{self._console}/console/mine"

    def back_from_bank(self, ref: str) -> str:
        return f"{self._base}/orders/{ref}/back?key={self.key(ref)}"

    def key(self, ref: str) -> str:
        return self._signer.get_signature(ref).decode()

    def opens(self, ref: str, key: str) -> bool:
        if len(key) == SHORT:
            return any(compare_digest(_short_key(signer, ref).encode(), key.encode()) for signer in self._short)
        try:
            self._signer.unsign(f"{ref}.{key}")
        except BadSignature:
            return False
        return True


def _short_key(signer: Signer, ref: str) -> str:
    return signer.get_signature(ref).decode()[:SHORT]
