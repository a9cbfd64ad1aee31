"""Hands an order over to another person or team with everything known; it is theirs once one of them accepts."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, structs

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.handover_and_callback import Handover
from fallback.domain.order.lifecycle import is_over
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order
from fallback.domain.order.texts_by_people import say, say_if_any
from fallback.domain.support.owners import Roster, owner_of
from fallback.domain.support.promises import promise

# Long enough for a person on duty to notice; after that, the previous owner keeps the order.
ACCEPT_WITHIN = timedelta(minutes=30)


class Packet(Struct, frozen=True):
    """What the next owner has to know, so that the customer need not repeat it.

    `asked`: the customer's request in their own words. `tried`, `promised`: may be empty. `by`: when the customer was
    promised the next update, if they were.
    """

    to: str
    asked: str
    tried: str = ""
    promised: str = ""
    by: datetime | None = None


def hand_over(order: Order, packet: Packet, roster: Roster, now: datetime, who: str) -> Change:
    """Raises Invalid for an invalid recipient or text, NotAllowedNow if the order is over or being handed over."""
    if is_over(order) or order.handover:
        raise NotAllowedNow("over" if is_over(order) else "handed_over", "hand_over")
    if packet.to not in roster.names or packet.to == owner_of(order):
        raise Invalid("to", "nobody", "Please choose another person or team.")
    if packet.by and packet.by <= now:
        raise Invalid("by", "past", "This time is in the past.")
    order, asked = say(order, "asked", packet.asked)
    order, tried = say_if_any(order, "tried", packet.tried)
    order, promised = say_if_any(order, "promised", packet.promised)
    handover = Handover(
        to=packet.to, by=who, accept_by=now + ACCEPT_WITHIN, asked=asked, tried=tried, promised=promised
    )
    # Until it is accepted it keeps its owner; if it has none, the agent who hands it over owns it.
    order = structs.replace(order, handover=handover, owner=order.owner or who)
    if packet.to not in roster.shared:
        order = queue_notice(order, NoticeKind.OWNER, now, owner=packet.to)
    if packet.by:
        order = promise(order, packet.by)
    return Change(order, (Event(now, "handed_over", who, {"to": packet.to, "said": asked}),))


def accept(order: Order, roster: Roster, now: datetime, who: str) -> Change:
    """The agent becomes the owner.

    Raises NotAllowedNow if the order is not, or no longer, being handed over to them.
    """
    if order.handover is None or not may_accept(order.handover, roster, who):
        raise NotAllowedNow("not_handed_over", "accept")
    order = structs.replace(order, handover=None, owner=who)
    return Change(order, (Event(now, "handover_accepted", who, {"owner": who}),))


def may_accept(handover: Handover, roster: Roster, who: str) -> bool:
    """The recipient; for a team or the desk, any of its members except the agent who hands it over."""
    to_a_team = handover.to == roster.desk or handover.to in roster.teams.values()
    return handover.to == who or (to_a_team and who != handover.by)
