"""Accounts and sessions, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import count

from msgspec.structs import replace

from fallback.domain.errors import Invalid
from fallback.domain.support.accounts import KEEPER, Account, Person, a_name, key_of
from fallback.domain.support.second_step import TRIES
from fallback.ledger.support.people import SESSION_LIFE, UnknownPerson


class FakePeople:
    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._sessions: dict[tuple[str, str], datetime] = {}
        self._numbers = count(1)
        self._tries: Counter[str] = Counter()
        self._used: set[tuple[str, int]] = set()

    def all(self) -> list[Account]:
        return sorted(self._accounts.values(), key=lambda account: account.name)

    def find(self, name: str) -> Account | None:
        return self._accounts.get(key_of(name))

    def with_email(self, email: str) -> Account | None:
        return next((account for account in self.all() if account.email == email.strip().lower()), None)

    def add(self, account: Account) -> Account:
        account = replace(account, name=a_name(account.name), email=account.email and account.email.strip().lower())
        if account.email and self.with_email(account.email):
            raise Invalid("email", "taken", "Taken.")
        if self.find(account.name):
            raise Invalid("name", "taken", "Taken.")
        self._accounts[key_of(account.name)] = account
        return account

    def change(self, name: str, change: Callable[[Account], Account]) -> Account:
        account = self.find(name)
        if account is None:
            raise UnknownPerson(name)
        account = self._accounts[key_of(name)] = change(account)
        self._sessions = {key: ends for key, ends in self._sessions.items() if key[0] != key_of(name)}
        return account

    def begin_session(self, name: str, now: datetime) -> str:
        secret = f"session-{next(self._numbers)}"
        self._sessions[key_of(name), secret] = now + SESSION_LIFE
        return secret

    def signed_in(self, name: str, secret: str, now: datetime) -> Person | None:
        ends = self._sessions.get((key_of(name), secret))
        if ends is None or ends <= now:
            return None
        if name == KEEPER.name:
            return KEEPER
        account = self.find(name)
        return account.person if account and not account.disabled else None

    def may_try_code(self, name: str) -> bool:
        self._tries[key_of(name)] += 1
        return self._tries[key_of(name)] <= TRIES

    def use_code(self, name: str, step: int) -> bool:
        if (key_of(name), step) in self._used:
            return False
        self._used.add((key_of(name), step))
        self._tries[key_of(name)] = 0
        return True

    def end_session(self, name: str, secret: str) -> None:
        self._sessions.pop((key_of(name), secret), None)
