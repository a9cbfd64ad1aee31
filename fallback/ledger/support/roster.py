"""Who is on duty, and whose turn it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import cast

import redis

from fallback.domain.order.holds import HoldCode
from fallback.domain.support.accounts import Account, Permission, Person, Role
from fallback.domain.support.owners import Roster
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable

# Roles that act on orders and can be on duty; the others only read or switch.
ROLES = (Role.AGENT, Role.LEAD)


class RedisDutyRoster:
    """Implements support.ports.DutyRoster. Each method raises TryAgain while Redis is away."""

    def __init__(
        self,
        client: redis.Redis,
        desk: str,
        teams: Mapping[HoldCode, str],
        accounts: Callable[[], Iterable[Account]] = tuple,
    ) -> None:
        """`accounts`: of all who may sign in."""
        self._redis = client
        self._desk = desk
        self._teams = teams
        self._accounts = accounts

    def begin(self, person: Person, now: datetime) -> None:
        """The person is last in turn. Repeating it changes nothing."""
        write(self._redis, ("ZADD", keys.duty(_role(person)), "NX", now.timestamp(), person.name))

    def end(self, person: Person) -> None:
        # The person's role may have changed.
        write(self._redis, *(("ZREM", keys.duty(role), person.name) for role in ROLES))

    def roster(self) -> Roster:
        """Excludes disabled accounts, on duty or not."""
        pipeline = self._redis.pipeline(transaction=False)
        for role in ROLES:
            pipeline.zrange(keys.duty(role), 0, -1)
        with reachable():
            there = cast(list[list[bytes]], pipeline.execute())
        accounts = list(self._accounts())
        disabled = {account.name for account in accounts if account.disabled}
        agents, leads = (tuple(name for name in _names(entries) if name not in disabled) for entries in there)
        helpers = [account.person for account in accounts if account.person.may(Permission.HELP)]
        away = [person for person in helpers if person.name not in {*agents, *leads, *disabled}]
        return Roster(
            self._desk,
            agents,
            leads,
            self._teams,
            away_agents=tuple(person.name for person in away if _role(person) is Role.AGENT),
            away_leads=tuple(person.name for person in away if _role(person) is Role.LEAD),
        )

    def given(self, name: str, now: datetime) -> None:
        write(self._redis, *(("ZADD", keys.duty(role), "XX", now.timestamp(), name) for role in ROLES))


def _role(person: Person) -> Role:
    return Role.AGENT if person.role is Role.AGENT else Role.LEAD


def _names(entries: list[bytes]) -> tuple[str, ...]:
    return tuple(entry.decode() for entry in entries)
