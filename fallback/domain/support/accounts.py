"""Who works in the console, and what each role may do: one table, for the check and for what a page offers."""

from __future__ import annotations

import re
from enum import StrEnum
from unicodedata import normalize

from msgspec import Struct

from fallback.domain.errors import Invalid
from fallback.domain.order.actors import CUSTOMER, MACHINES


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    ONCALL = "oncall"
    ADMIN = "admin"


class Permission(StrEnum):
    """`see`: orders and how things stand. `help`: act on an order for its customer, within the policy.

    `lead`: take over from an agent, decide what is above an agent's limits. `switch`: the mode and the drain.
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
    """`name` is unique among the accounts and stands in timelines."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


class Account(Struct, frozen=True):
    """What is kept about a person. `password`: its hash, None for who signs in elsewhere only.

    `email` in lower case. `by_claim`: made at a sign-in elsewhere, which says the role anew each time.
    """

    name: str
    role: Role
    password: str | None = None
    email: str | None = None
    disabled: bool = False
    by_claim: bool = False

    @property
    def person(self) -> Person:
        return Person(self.name, self.role)


# They act under these names in timelines; `console` is who has the console's token.
RESERVED = MACHINES | {CUSTOMER, "console", "fallback", "setup"}
# Who has the token may do everything: it is there to make the first accounts with.
KEEPER = Person("console", Role.ADMIN)
_NAME = re.compile(r"[^\W_][\w .'-]{1,39}")


def a_name(text: str) -> str:
    """A name as it is kept. Raises Invalid."""
    name = " ".join(normalize("NFKC", text).split())
    if not _NAME.fullmatch(name):
        raise Invalid("name", "invalid", "A name has 2 to 40 letters, digits, spaces or . ' _ -, a letter first.")
    if key_of(name) in RESERVED:
        raise Invalid("name", "reserved", f"Nobody can be called '{name}': that name means somebody else already.")
    return name


def key_of(name: str) -> str:
    """Names are unique in this form: 'Iris' and 'iris' are one person."""
    return " ".join(normalize("NFKC", name).casefold().split())
