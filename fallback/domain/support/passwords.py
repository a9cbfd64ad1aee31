"""Passwords, stored as scrypt hashes: `scrypt$n$r$p$salt$hash`, the last two in base64.

The parameters are stored with each hash, so that they can be raised while old hashes stay valid.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import scrypt
from hmac import compare_digest
from secrets import token_bytes

from fallback.domain.errors import Invalid

# 16 MiB and about a quarter of a second: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
N, R, P = 2**14, 8, 5
SALT_BYTES = 16
# https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver: length counts, composition rules do not help.
SHORTEST = 12
LONGEST = 200


def hashed(password: str) -> str:
    """Raises Invalid."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password", "too_short", f"A password needs {SHORTEST} to {LONGEST} characters.")
    salt = token_bytes(SALT_BYTES)
    return "$".join(("scrypt", str(N), str(R), str(P), _text(salt), _text(_scrypt(password, salt, N, R, P))))


def matches(password: str, kept: str | None) -> bool:
    """Takes the same time if there is no hash to compare with, so that it does not reveal which accounts exist."""
    _, n, r, p, salt, digest = (kept or _OF_NOBODY).split("$")
    found = _scrypt(password[:LONGEST], b64decode(salt), int(n), int(r), int(p))
    return compare_digest(found, b64decode(digest)) and kept is not None


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


_OF_NOBODY = f"scrypt${N}${R}${P}${_text(bytes(SALT_BYTES))}${_text(bytes(32))}"
