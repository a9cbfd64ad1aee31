"""Signed links, which open an order's page without an account. The same order always has the same link."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from itsdangerous import BadSignature, Signer

from fallback.domain.order.mail_ids import MailIds


class Links:
    """`secrets`: newest first; the first signs, all are accepted. Keys have 256 bits and open one order each.

    `mails`: the ids of mails, which lead from a returned mail to its order.
    """

    def __init__(self, secrets: Sequence[str], public_url: str, console_url: str = "") -> None:
        """`console_url`: the address of the console, if it differs from the customers' address."""
        self._signer = Signer(list(reversed(secrets)), salt="order link", digest_method=sha256)
        self.mails = MailIds(secrets)
        self._base = public_url.rstrip("/")
        self._console = console_url.rstrip("/") or self._base

    def order(self, ref: str, view: str = "") -> str:
        """The order's page, or one of its subpages ('rival/same')."""
        return f"{self._base}/orders/{ref}{'/' if view else ''}{view}?key={self.key(ref)}"

    def console(self, ref: str) -> str:
        """The order's page in the console. The link is no secret: it requires a sign-in."""
        return f"{self._console}/console/orders/{ref}"

    def runbook(self, name: str) -> str:
        """A runbook's page in the console."""
        return f"{self._console}/console/runbooks/{name}"

    def my_work(self) -> str:
        """An agent's own list in the console."""
        return f"{self._console}/console/mine"

    def back_from_bank(self, ref: str) -> str:
        return f"{self._base}/orders/{ref}/back?key={self.key(ref)}"

    def key(self, ref: str) -> str:
        return self._signer.get_signature(ref).decode()

    def opens(self, ref: str, key: str) -> bool:
        try:
            self._signer.unsign(f"{ref}.{key}")
        except BadSignature:
            return False
        return True
