"""The owner of an order: one each, assigned by rule."""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

from msgspec import Struct, structs

from fallback.domain.order.grants import GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import is_over
from fallback.domain.order.order import Order


class Roster(Struct, frozen=True):
    """The possible owners. `agents` and `leads` are on duty, the one whose last assignment is oldest first.

    `away_agents`, `away_leads`: accounts that are off duty. `teams`: the team for a hold, for those holds that the shop
    has a team for. `desk`: the owner where nobody has an account.
    """

    desk: str
    agents: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    teams: Mapping[HoldCode, str] = {}
    away_agents: tuple[str, ...] = ()
    away_leads: tuple[str, ...] = ()

    @property
    def shared(self) -> list[str]:
        """Owners that are not a person: teams, the desk."""
        return [*sorted({*self.teams.values()} - {self.desk}), self.desk]

    @property
    def names(self) -> list[str]:
        """The possible owners by name: people on duty, teams, the desk."""
        return [*self.agents, *self.leads, *self.shared]


def owner_of(order: Order) -> str:
    """Empty while no owner is needed, and when the order is over.

    The desk owns a new hold until an owner is assigned.
    """
    if is_over(order):
        return ""
    return order.owner or next((hold.owner for hold in order.holds), "")


def who_may(order: Order, roster: Roster) -> Roster:
    """Above an agent's limit a lead decides, and nobody about their own request."""
    if not any(hold.code is HoldCode.REFUND_ASKED for hold in order.holds):
        return roster
    asked = {grant.who for grant in order.grants if grant.state is GrantState.ASKED}
    leads = tuple(name for name in roster.leads if name not in asked)
    away = tuple(name for name in roster.away_leads if name not in asked)
    if not leads and not away:
        return roster
    return structs.replace(roster, agents=(), away_agents=(), leads=leads, away_leads=away)


def owner_by_rule(order: Order, roster: Roster) -> str:
    """The team for one of its holds, else the person on duty whose turn it is, else a person off duty.

    While nobody is on duty, orders are spread evenly over all accounts, because no turns are counted then.
    """
    for hold in order.holds:
        if hold.code in roster.teams:
            return roster.teams[hold.code]
    there = (*roster.agents, *roster.leads)
    away = roster.away_agents or roster.away_leads
    if there or not away:
        return next(iter(there), roster.desk)
    return away[crc32(order.ref.encode()) % len(away)]


def one_step_up(owner: str, roster: Roster) -> str:
    """The next owner after one who missed the deadline: a lead, else another agent, preferably on duty.

    If there is no other, the owner keeps it: an order has a person's name as long as there is a person.
    """
    people = (*roster.leads, *roster.away_leads, *roster.agents, *roster.away_agents)
    others = (name for name in people if name != owner)
    return next(others, owner if owner in people else roster.desk)
