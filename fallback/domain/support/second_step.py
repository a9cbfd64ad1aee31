"""The second step of a sign-in with a password: a code of an authenticator app (TOTP, RFC 6238), or a recovery code."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from secrets import choice

import pyotp
from msgspec.structs import replace

from fallback.domain.errors import Invalid
from fallback.domain.support.accounts import Account

# Without letters and digits that look alike; 50 bits in ten of them, which are guessed at only a few times an hour.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
GROUP, RECOVERY_CODES = 5, 10
STEP_SECONDS = 30
# One step earlier or later: a phone's clock may be off, and typing takes time (RFC 6238, 5.2).
DRIFT = (-1, 0, 1)
# A code that was used is remembered for as long as it would be right.
REMEMBERED_SECONDS = STEP_SECONDS * (len(DRIFT) + 1)
# Wrong codes for one account in a quarter of an hour: with the password known, a guess succeeds once in two years.
TRIES, TRIES_SECONDS = 5, 15 * 60


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, name: str, issuer: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(code: str, secret: str, now: datetime) -> int | None:
    """The time step whose code this is, if it is one of those that are right now."""
    totp, given = pyotp.TOTP(secret), "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    right = [present + away for away in DRIFT if _same(totp.generate_otp(present + away), given)]
    return right[0] if right else None


def _same(code: str, given: str) -> bool:
    return compare_digest(code.encode(), given.encode())


def new_recovery_codes() -> list[str]:
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def _recovery_code() -> str:
    letters = [choice(ALPHABET) for _ in range(2 * GROUP)]
    return f"{''.join(letters[:GROUP])}-{''.join(letters[GROUP:])}"


def digest(recovery_code: str) -> str:
    """The codes are random, so a plain digest cannot be reversed within their use."""
    return sha256("".join(filter(str.isalnum, recovery_code.lower())).encode()).hexdigest()


def without_code(account: Account, code: str) -> Account:
    """The account after this recovery code was used. Raises Invalid if it has no such code, or no longer."""
    used = digest(code)
    if used not in account.recovery:
        raise Invalid("code", "wrong_code", "This is no recovery code of the account, or it was used before.")
    return replace(account, recovery=tuple(each for each in account.recovery if each != used))


def turned_off(account: Account) -> Account:
    return replace(account, totp=None, recovery=())
