"""Personal data at rest: AES-256-GCM with keys derived from SECRET_KEY, and a blind index to find a person.

SECRET_KEY is a list, newest first. The newest encrypts, all decrypt, so a key is rotated by putting a new one in front;
the old one can be removed once everything is re-encrypted (rewrapping.py).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import blake2b
from ssl import RAND_bytes

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fallback.domain import phones
from fallback.domain.order.order import Customer
from fallback.ledger.redis.packing import pack, unpack

KEY_ID_BYTES = 4
NONCE_BYTES = 12
BLIND_BYTES = 16
_CUSTOMER = msgspec.json.Decoder(Customer)


class Undecryptable(Exception):
    """No key of SECRET_KEY decrypts this."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No key of SECRET_KEY opens the personal data of {name}: is the key before this one missing?")


class Tampered(Undecryptable):
    """Its key is there, but it was changed, or moved from another order."""

    def __init__(self, name: str) -> None:
        Exception.__init__(self, f"The personal data of {name} is damaged, or that of another order.")


class Crypto:
    """Thread safe. The ciphertext is bound to the order it belongs to, so it cannot be moved to another."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = {_derive(secret, "key id", KEY_ID_BYTES): AESGCM(_derive(secret, "data")) for secret in secrets}
        self._newest = next(iter(self._keys))
        self._blind_keys = [_derive(secret, "blind index") for secret in secrets]

    def encrypt(self, customer: Customer, ref: str) -> bytes:
        return self.seal(pack(msgspec.json.encode(customer)), ref)

    def decrypt(self, sealed: bytes, ref: str) -> Customer:
        """Raises Undecryptable."""
        return _CUSTOMER.decode(unpack(self.open(sealed, ref)))

    def seal(self, plain: bytes, name: str) -> bytes:
        # Asking the system lets another thread have the interpreter; getting it back costs more than the call.
        nonce = RAND_bytes(NONCE_BYTES)
        return self._newest + nonce + self._keys[self._newest].encrypt(nonce, plain, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """Raises Undecryptable."""
        key_id, nonce = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        if key_id not in self._keys:
            raise Undecryptable(name)
        try:
            return self._keys[key_id].decrypt(nonce, sealed[KEY_ID_BYTES + NONCE_BYTES :], name.encode())
        except (InvalidTag, ValueError):  # too short for a nonce
            raise Tampered(name) from None

    def has_key_of(self, sealed: bytes) -> bool:
        """Whether SECRET_KEY still has the key that it was encrypted with."""
        return sealed[:KEY_ID_BYTES] in self._keys

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it is encrypted with the newest key."""
        return sealed.startswith(self._newest)

    def rewrap(self, sealed: bytes, name: str) -> bytes:
        """The same data, encrypted with the newest key. Raises Undecryptable."""
        return sealed if self.is_newest(sealed) else self.seal(self.open(sealed, name), name)

    def blinds(self, kind: str, value: str) -> list[str]:
        """The index entries of a person, newest first; `kind`: 'email' or 'phone'. The first is the one to write.

        All spellings of an address in upper and lower case share one entry. So do those of a phone number, together
        with a few other numbers, which the caller filters out.
        """
        return [_blind(key, f"{kind}:{text}") for text in _spellings(kind, value) for key in self._blind_keys]


def _derive(secret: str, purpose: str, length: int = 32) -> bytes:
    return HKDF(SHA256(), length, None, purpose.encode()).derive(secret.encode())


def _blind(key: bytes, text: str) -> str:
    """Keyed BLAKE2, a MAC by itself (RFC 7693, 2.9)."""
    digest = blake2b(text.encode(), key=key, digest_size=BLIND_BYTES).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _spellings(kind: str, value: str) -> list[str]:
    """For a phone number also all of its digits, as older releases indexed it."""
    if kind != "phone":
        return [value.strip().lower()]
    phone = phones.plain(value)
    return list(dict.fromkeys((phones.last_digits(phone), phones.digits(phone))))
