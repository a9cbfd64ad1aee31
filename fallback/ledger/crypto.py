"""Personal data at rest: AES-256-GCM with keys derived from SECRET_KEY, and a blind index to find a person by.

SECRET_KEY is a list, newest first. The newest encrypts, all decrypt, so a key is rotated by putting a new one in front;
the old one can go when no document names it any more.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from hmac import digest

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fallback.domain.order import Customer

KEY_ID_BYTES = 4
NONCE_BYTES = 12
BLIND_BYTES = 16


class Undecryptable(Exception):
    """No key of SECRET_KEY opens this, or it was moved from another order."""


class Crypto:
    """Thread safe. `ref` is bound to the ciphertext, so that data cannot be moved to another order."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = {_derive(secret, "key id", KEY_ID_BYTES): AESGCM(_derive(secret, "data")) for secret in secrets}
        self._newest = next(iter(self._keys))
        self._blind_keys = [_derive(secret, "blind index") for secret in secrets]

    def encrypt(self, customer: Customer, ref: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._newest].encrypt(nonce, msgspec.json.encode(customer), ref.encode())
        return self._newest + nonce + sealed

    def decrypt(self, sealed: bytes, ref: str) -> Customer:
        """Raises Undecryptable."""
        key_id, nonce = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        try:
            plain = self._keys[key_id].decrypt(nonce, sealed[KEY_ID_BYTES + NONCE_BYTES :], ref.encode())
        except (KeyError, InvalidTag):
            raise Undecryptable(ref) from None
        return msgspec.json.decode(plain, type=Customer)

    def blind_email(self, email: str) -> str:
        """The index entry of an address; of all its spellings in upper and lower case the same."""
        return _blind(self._blind_keys[0], f"email:{email.strip().casefold()}")

    def blind_phone(self, phone: str) -> str:
        return _blind(self._blind_keys[0], f"phone:{_digits(phone)}")

    def blinds(self, kind: str, value: str) -> list[str]:
        """All entries under which a person may be indexed, one per key; `kind`: 'email' or 'phone'."""
        text = value.strip().casefold() if kind == "email" else _digits(value)
        return [_blind(key, f"{kind}:{text}") for key in self._blind_keys]


def _derive(secret: str, purpose: str, length: int = 32) -> bytes:
    return HKDF(SHA256(), length, None, purpose.encode()).derive(secret.encode())


def _blind(key: bytes, text: str) -> str:
    return urlsafe_b64encode(digest(key, text.encode(), sha256)[:BLIND_BYTES]).rstrip(b"=").decode()


def _digits(phone: str) -> str:
    return "".join(letter for letter in phone if letter.isdigit())
