"""An order goes to another person or team with all that is known: it is theirs when one of them has accepted it."""

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

# Long enough for somebody on duty to look up from what she does; then it goes on with who had it.
ACCEPT_WITHIN = timedelta(minutes=30)


class Packet(Struct, frozen=True):
    """What whoever takes over has to know, so that the customer need not tell it again.

    `asked`: what she asked for, in her own words. `tried`, `promised`: may be empty. `by`: when she was promised to
    hear next, if she was told.
    """

    to: str
    asked: str
    tried: str = ""
    promised: str = ""
    by: datetime | None = None


def hand_over(order: Order, packet: Packet, roster: Roster, now: datetime, who: str) -> Change:
    """Raises Invalid for a packet that reaches nobody or says nothing, NotAllowedNow when it is over or on its way."""
    if is_over(order) or order.handover:
        raise NotAllowedNow("over" if is_over(order) else "handed_over", "hand_over")
    if packet.to not in roster.names or packet.to == owner_of(order):
        raise Invalid("to", "nobody", "Please choose somebody else who is there.")
    if packet.by and packet.by <= now:
        raise Invalid("by", "past", "That time is over.")
    order, asked = say(order, "asked", packet.asked)
    order, tried = say_if_any(order, "tried", packet.tried)
    order, promised = say_if_any(order, "promised", packet.promised)
    handover = Handover(
        to=packet.to, by=who, accept_by=now + ACCEPT_WITHIN, asked=asked, tried=tried, promised=promised
    )
    # Until it is accepted somebody has it: who hands it over, where nobody had it before.
    order = structs.replace(order, handover=handover, owner=order.owner or who)
    if packet.to not in roster.shared:
        order = queue_notice(order, NoticeKind.OWNER, now, owner=packet.to)
    if packet.by:
        order = promise(order, packet.by)
    return Change(order, (Event(now, "handed_over", who, {"to": packet.to, "said": asked}),))


def accept(order: Order, roster: Roster, now: datetime, who: str) -> Change:
    """It is hers from now on. Raises NotAllowedNow if it is not on its way to her, or not any more."""
    if order.handover is None or not may_accept(order.handover, roster, who):
        raise NotAllowedNow("not_handed_over", "accept")
    order = structs.replace(order, handover=None, owner=who)
    return Change(order, (Event(now, "handover_accepted", who, {"owner": who}),))


def may_accept(handover: Handover, roster: Roster, who: str) -> bool:
    """Whoever it goes to; what goes to a team or the desk may be accepted by each of them but her who hands it over."""
    to_a_team = handover.to == roster.desk or handover.to in roster.teams.values()
    return handover.to == who or (to_a_team and who != handover.by)
