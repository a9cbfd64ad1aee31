"""Who looks after an order: one owner each, by rule."""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

from msgspec import Struct, structs

from fallback.domain.order.grants import GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import is_over
from fallback.domain.order.order import Order


class Roster(Struct, frozen=True):
    """Who may be given an order. `agents` and `leads` are on duty: who was given one longest ago comes first.

    `away_agents`, `away_leads`: who has an account and is off duty. `teams`: the team that a hold goes to, for those
    holds that a shop has a team for. `desk`: who has it where nobody has an account.
    """

    desk: str
    agents: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    teams: Mapping[HoldCode, str] = {}
    away_agents: tuple[str, ...] = ()
    away_leads: tuple[str, ...] = ()

    @property
    def shared(self) -> list[str]:
        """Who is not a person: teams, the desk."""
        return [*sorted({*self.teams.values()} - {self.desk}), self.desk]

    @property
    def names(self) -> list[str]:
        """To whom an order can be given: people on duty, teams, the desk."""
        return [*self.agents, *self.leads, *self.shared]


def owner_of(order: Order) -> str:
    """Empty while nobody is needed, and when it is over. A new hold is its desk's until somebody is found."""
    if is_over(order):
        return ""
    return order.owner or next((hold.owner for hold in order.holds), "")


def who_may(order: Order, roster: Roster) -> Roster:
    """Above an agent's limit a lead decides, and nobody about what they asked for themselves."""
    if not any(hold.code is HoldCode.REFUND_ASKED for hold in order.holds):
        return roster
    asked = {grant.who for grant in order.grants if grant.state is GrantState.ASKED}
    leads = tuple(name for name in roster.leads if name not in asked)
    away = tuple(name for name in roster.away_leads if name not in asked)
    if not leads and not away:
        return roster
    return structs.replace(roster, agents=(), away_agents=(), leads=leads, away_leads=away)


def owner_by_rule(order: Order, roster: Roster) -> str:
    """The team for one of its holds, else who on duty has waited longest for an order, else somebody by name.

    While nobody is on duty orders are spread over all who will be: whose turn it is nobody counts then.
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
    """Whoever did not come to it in time is relieved: by a lead, else by a colleague, on duty if anybody is.

    Who is all alone keeps it: it has a person's name as long as there is one.
    """
    people = (*roster.leads, *roster.away_leads, *roster.agents, *roster.away_agents)
    others = (name for name in people if name != owner)
    return next(others, owner if owner in people else roster.desk)
