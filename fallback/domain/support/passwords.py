"""Passwords, stored as hashes of werkzeug: `scrypt:n:r:p$salt$hash`.

The parameters are stored with each hash, so that they can be raised while old hashes stay valid; an old one is replaced
when its owner signs in. Hashes of the first releases are `scrypt$n$r$p$salt$hash`, the last two in base64.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from hmac import compare_digest

from werkzeug.security import check_password_hash, generate_password_hash

from fallback.domain.errors import Invalid

# 16 MiB and about a quarter of a second: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
# (werkzeug's own choice has a third of the work that this page asks for with its amount of memory).
METHOD = f"scrypt:{2**14}:8:5"
SALT_CHARACTERS = 22  # 130 bits
# https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver: length counts, composition rules do not help.
SHORTEST = 12
LONGEST = 200
_OLD = "scrypt$"


def hashed(password: str) -> str:
    """Raises Invalid."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password", "too_short", f"A password needs {SHORTEST} to {LONGEST} characters.")
    return generate_password_hash(password, METHOD, SALT_CHARACTERS)


def matches(password: str, kept: str | None) -> bool:
    """Takes the same time if there is no hash to compare with, so that it does not reveal which accounts exist."""
    given = password[:LONGEST]
    found = _fits_old(given, kept) if kept and kept.startswith(_OLD) else check_password_hash(kept or _OF_NOBODY, given)
    return found and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it should be made anew from the password, once that is known to be right."""
    return not kept.startswith(f"{METHOD}$")


def _fits_old(password: str, kept: str) -> bool:
    _, n, r, p, salt, digest = kept.split("$")
    work = {"n": int(n), "r": int(r), "p": int(p), "maxmem": 256 * int(n) * int(r), "dklen": 32}
    return compare_digest(hashlib.scrypt(password.encode(), salt=b64decode(salt), **work), b64decode(digest))


_OF_NOBODY = f"{METHOD}${'x' * SALT_CHARACTERS}${bytes(64).hex()}"
