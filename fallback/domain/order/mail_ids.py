"""Mails name the order and the notice that they carry, signed: a mail that comes back leads to its order."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Sequence
from hmac import compare_digest, digest

BYTES = 16
_ID = re.compile(r"(FB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])\.([0-9]{1,4})\.([a-z2-7]{26})", re.ASCII | re.IGNORECASE)


class MailIds:
    """`secrets`: newest first; the first signs, all are accepted.

    An id stands in the Message-ID and in the local part of the envelope's sender, of which servers may change the case.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secrets)

    def of(self, ref: str, notice: str) -> str:
        """Such as 'FB-7K3M-92QX-5.3.lq7…'. It opens nothing: it only proves that the mail was ours."""
        return f"{ref}.{notice}.{_signature(self._secrets[0], ref, notice)}"

    def read(self, text: str) -> tuple[str, str] | None:
        """The ref and the notice's id of the first id in this text that we made."""
        for ref, notice, signature in _ID.findall(text):
            ref = ref.upper()
            made = (_signature(secret, ref, notice) for secret in self._secrets)
            if any(compare_digest(signature.lower(), one) for one in made):
                return ref, notice
        return None


def may_take_bounces(address: str) -> bool:
    """Whether it is an address that has room for an id before the @ (RFC 5321, 4.5.3.1.1)."""
    local, _, host = address.rpartition("@")
    return bool(re.fullmatch(r"[^@\s+]{1,17}", local) and re.fullmatch(r"[^@\s]+", host))


def _signature(secret: str, ref: str, notice: str) -> str:
    signed = digest(secret.encode(), f"mail {ref}.{notice}".encode(), "sha256")[:BYTES]
    return b32encode(signed).decode().rstrip("=").lower()
