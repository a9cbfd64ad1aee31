"""Accounts and sessions of the console."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import cast

import msgspec
import redis
from msgspec.structs import replace

from fallback.domain.checkout.mail_addresses import is_address
from fallback.domain.errors import Conflict, Invalid
from fallback.domain.order.record import TRIES as TRIES_TO_WRITE
from fallback.domain.support.accounts import KEEPER, Account, Person, a_name, key_of
from fallback.domain.support.second_step import REMEMBERED_SECONDS, TRIES, TRIES_SECONDS
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import Command, write
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable

SESSION_LIFE = timedelta(hours=12)
_ACCOUNT = msgspec.json.Decoder(Account)


class UnknownPerson(Invalid):
    """There is no account with this name."""

    def __init__(self, name: str) -> None:
        super().__init__("name", "unknown_person", f"There is no account '{name}'.")


class People:
    """A few hundred accounts at most, in one hash, encrypted. Each method raises TryAgain.

    All of them work while Redis' memory is full: then somebody may have to sign in, or to be locked out.
    """

    def __init__(self, client: redis.Redis, crypto: Crypto) -> None:
        self._redis = client
        self._crypto = crypto

    # --- accounts

    def all(self) -> list[Account]:
        """By name."""
        with reachable():
            kept = cast(dict[bytes, bytes], self._redis.hgetall(keys.PEOPLE))
        return sorted((self._opened(key.decode(), sealed) for key, sealed in kept.items()), key=lambda one: one.name)

    def find(self, name: str) -> Account | None:
        key = key_of(name)
        sealed = self._stored(key)
        return self._opened(key, sealed) if sealed else None

    def with_email(self, email: str) -> Account | None:
        return next((account for account in self.all() if account.email == email.strip().lower()), None)

    def add(self, account: Account) -> Account:
        """Raises Invalid: the name or the e-mail address is not allowed, or taken. A provider's address is its own."""
        if account.email and not account.by_claim:
            _check_address(account.email.strip())
        email = self._free(account.email, account.name) if account.email else None
        account = replace(account, name=a_name(account.name), email=email)
        key = key_of(account.name)
        if not self._put(key, account, b""):
            raise Invalid("name", "taken", f"There is already an account '{account.name}'.")
        return account

    def give_email(self, name: str, email: str) -> Account:
        """Raises Invalid: it is no address, or another account has it. Raises UnknownPerson."""
        _check_address(email)
        free = self._free(email, name)
        return self.change(name, lambda account: replace(account, email=free))

    def _free(self, email: str, name: str) -> str:
        """The address in lower case. Raises Invalid if an account other than that of `name` has it."""
        holder = self.with_email(email)
        if holder and key_of(holder.name) != key_of(name):
            raise Invalid("email", "taken", "Another account has this e-mail address.")
        return email.strip().lower()

    def change(self, name: str, change: Callable[[Account], Account]) -> Account:
        """Ends the person's open sessions: they have to sign in again. Raises UnknownPerson, and Conflict."""
        key = key_of(name)
        for _ in range(TRIES_TO_WRITE):
            stood = self._stored(key)
            if stood is None:
                raise UnknownPerson(name)
            account = change(self._opened(key, stood))
            if self._put(key, account, stood, ("DEL", keys.sessions(key))):
                return account
        raise Conflict(name)

    # --- sessions

    def begin_session(self, name: str, now: datetime) -> str:
        """Returns the secret of the session, which ends after SESSION_LIFE."""
        secret, key = token_urlsafe(32), keys.sessions(key_of(name))
        write(
            self._redis,
            ("ZREMRANGEBYSCORE", key, "-inf", now.timestamp()),
            ("ZADD", key, (now + SESSION_LIFE).timestamp(), _digest(secret)),
            ("EXPIRE", key, int(SESSION_LIFE.total_seconds())),
        )
        return secret

    def signed_in(self, name: str, secret: str, now: datetime) -> Person | None:
        """The person according to their account now, in one round trip."""
        key = key_of(name)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zscore(keys.sessions(key), _digest(secret))
        pipeline.hget(keys.PEOPLE, key)
        with reachable():
            ends, sealed = cast(tuple[float | None, bytes | None], pipeline.execute())
        if ends is None or ends <= now.timestamp():
            return None
        if name == KEEPER.name:
            return KEEPER
        account = self._opened(key, sealed) if sealed else None
        return account.person if account and not account.disabled else None

    def end_session(self, name: str, secret: str) -> None:
        with reachable():
            self._redis.zrem(keys.sessions(key_of(name)), _digest(secret))

    # --- codes of the second step

    def may_try_code(self, name: str) -> bool:
        """Count a try. False if there were too many lately, or come at once. The first begins a quarter of an hour."""
        key = keys.code_tries(key_of(name))
        for _ in range(TRIES_TO_WRITE):
            with reachable():
                stood = cast(bytes | None, self._redis.get(key)) or b""
                left = self._redis.pttl(key)
            tries = int(stood or 0)
            if tries >= TRIES:
                return False
            life = left if left > 0 else TRIES_SECONDS * 1000
            if write(self._redis, ("SET", key, tries + 1, "PX", life), instead_of=(key, stood)):
                return True
        return False

    def use_code(self, name: str, step: int) -> bool:
        """False if the code of this time step was used before. The count of tries begins anew."""
        key = key_of(name)
        used, tries = keys.used_code(key, step), keys.code_tries(key)
        remember = ("SET", used, 1, "EX", REMEMBERED_SECONDS)
        return write(self._redis, remember, ("DEL", tries), instead_of=(used, b""))

    def _stored(self, key: str) -> bytes | None:
        with reachable():
            return cast(bytes | None, self._redis.hget(keys.PEOPLE, key))

    def _put(self, key: str, account: Account, instead_of: bytes, *besides: Command) -> bool:
        put = ("HSET", keys.PEOPLE, key, self._sealed(account))
        return write(self._redis, put, *besides, instead_of=(keys.PEOPLE, instead_of), field=key)

    def _sealed(self, account: Account) -> bytes:
        return self._crypto.seal(msgspec.json.encode(account), sealed_as(key_of(account.name)))

    def _opened(self, key: str, sealed: bytes) -> Account:
        return _ACCOUNT.decode(self._crypto.open(sealed, sealed_as(key)))


def _check_address(email: str) -> None:
    if not is_address(email):
        raise Invalid("email", "invalid", f"'{email}' is not an e-mail address.")


def sealed_as(key: str) -> str:
    """The name that the ciphertext of an account is bound to."""
    return f"account:{key}"


def _digest(secret: str) -> str:
    """Reading Redis is not enough to sign in: only a digest is stored."""
    return urlsafe_b64encode(sha256(secret.encode()).digest()).decode()
