"""Accounts of the console and what each role may do: one table, used by the checks and by the pages."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from fallback.domain.errors import Invalid
from fallback.domain.order.actors import CUSTOMER, MACHINES
from fallback.domain.plain_text import normalized


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    ONCALL = "oncall"
    ADMIN = "admin"


class Permission(StrEnum):
    """`see`: orders and the situation. `help`: act on an order for its customer, within the policy.

    `lead`: take over from an agent, approve what is above an agent's limits. `switch`: the mode and the drain.
    `report`: figures about everybody. `people`: accounts.
    """

    SEE = "see"
    HELP = "help"
    LEAD = "lead"
    SWITCH = "switch"
    REPORT = "report"
    PEOPLE = "people"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({Permission.SEE, Permission.HELP}),
    Role.LEAD: frozenset({Permission.SEE, Permission.HELP, Permission.LEAD, Permission.REPORT}),
    Role.ONCALL: frozenset({Permission.SEE, Permission.SWITCH, Permission.REPORT}),
    Role.ADMIN: frozenset(Permission),
}


class Person(Struct, frozen=True):
    """`name` is unique among the accounts and appears in timelines."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


class Account(Struct, frozen=True):
    """The stored account of a person. `password`: its hash, None for people who sign in only through single sign-on.

    `email` in lower case. `by_claim`: created at a single sign-on, which sets the role anew each time. `totp`: the
    secret of their authenticator app, asked for after the password. `recovery`: digests of the codes that replace it,
    once each.
    """

    name: str
    role: Role
    password: str | None = None
    email: str | None = None
    disabled: bool = False
    by_claim: bool = False
    totp: str | None = None
    recovery: tuple[str, ...] = ()

    @property
    def person(self) -> Person:
        return Person(self.name, self.role)


# Names under which others act in timelines; `console` is the holder of the console's token.
RESERVED = MACHINES | {CUSTOMER, "console", "fallback", "setup"}
# The holder of the token may do everything: it is there to create the first accounts.
KEEPER = Person("console", Role.ADMIN)
_NAME = re.compile(r"[^\W_][\w .'-]{1,39}")


def a_name(text: str) -> str:
    """Normalize a name for storage. Raises Invalid."""
    name = " ".join(normalized("NFKC", text).split())
    if not _NAME.fullmatch(name):
        raise Invalid("name", "invalid", "A name has 2 to 40 letters, digits, spaces or . ' _ -, a letter first.")
    if key_of(name) in RESERVED:
        raise Invalid("name", "reserved", f"The name '{name}' is reserved. Please choose another.")
    return name


def key_of(name: str) -> str:
    """Names are unique in this form: 'Iris' and 'iris' are the same person."""
    return " ".join(normalized("NFKC", name).casefold().split())
