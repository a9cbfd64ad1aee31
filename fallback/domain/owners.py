"""Who looks after an order: one owner each, by rule."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import is_over
from fallback.domain.order import Order


class Roster(Struct, frozen=True):
    """Who is on duty now. `agents` and `leads`: who was given an order longest ago comes first.

    `teams`: the team that a hold goes to, for those holds that a shop has a team for. `desk` is there when nobody is.
    """

    desk: str
    agents: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    teams: Mapping[HoldCode, str] = {}

    @property
    def names(self) -> list[str]:
        """To whom an order can be given: people on duty, teams, the desk."""
        return [*self.agents, *self.leads, *sorted({*self.teams.values()} - {self.desk}), self.desk]


def owner_of(order: Order) -> str:
    """Empty while nobody is needed, and when it is over. A new hold is its desk's until somebody is found."""
    if is_over(order):
        return ""
    return order.owner or next((hold.owner for hold in order.holds), "")


def owner_by_rule(order: Order, roster: Roster) -> str:
    """The team for one of its holds, else who on duty has waited longest for an order, else the desk."""
    for hold in order.holds:
        if hold.code in roster.teams:
            return roster.teams[hold.code]
    return next(iter((*roster.agents, *roster.leads)), roster.desk)


def one_step_up(owner: str, roster: Roster) -> str:
    """Whoever did not come to it in time is relieved: by a lead on duty, and a lead by the desk.

    What even the desk has left lying is given out anew, so that it has a person's name again.
    """
    if owner == roster.desk:
        return next(iter((*roster.leads, *roster.agents)), roster.desk)
    leads = [name for name in roster.leads if name != owner]
    return leads[0] if leads and owner not in roster.leads else roster.desk
