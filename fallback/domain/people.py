"""Who works in the console, and what each role may do: one table, for the check and for what a page offers."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


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
