"""An order's owner, and the handover to another agent or team with all known information."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.order import texts_by_people
from fallback.domain.order.handover_and_callback import Handover
from fallback.domain.order.lifecycle import is_over, next_word_by
from fallback.domain.order.order import Order
from fallback.domain.support import owner_mail
from fallback.domain.support.accounts import Permission
from fallback.domain.support.handovers import Packet, may_accept
from fallback.domain.support.owners import owner_of
from fallback.usecases.support.accept_handover import accept_handover
from fallback.usecases.support.assign_owner import assign_owner
from fallback.usecases.support.hand_over import hand_over
from fallback.web.console.order.answering import answered, moment, text
from fallback.web.console.order.order_page import lines_seen, seen
from fallback.web.console.order.panels import Looking, fills
from fallback.web.console.order.rows import name_of
from fallback.web.http.auth import allow, container, person

blueprint = Blueprint("handovers", __name__, url_prefix="/console/orders")


@dataclass(frozen=True)
class OwnerPanel:
    """`owner` is empty while no agent is needed: then the order is the desk's. `may_own`: the viewer may take it on.

    `unreached`: no mail reaches the owner.
    """

    owner: str
    desk: str
    by: str
    overdue: bool
    may_own: bool
    unreached: bool


@dataclass(frozen=True)
class OnItsWay:
    """The handover as its recipient sees it."""

    to: str
    by: str
    accept_by: str
    asked: str
    tried: str
    promised: str
    may_accept: bool
    unreached: bool


@dataclass(frozen=True)
class HandoverPanel:
    """`names`: the possible recipients. `asked`: the customer's own words, if any."""

    names: list[str]
    asked: str


@fills("owner.html")
def owner_panel(looking: Looking) -> OwnerPanel | None:
    order, now = looking.order, container().clock()
    if is_over(order):
        return None
    by, owner = next_word_by(order), owner_of(order)
    return OwnerPanel(
        owner=name_of(owner, looking.voice),
        desk=container().config.fallback_desk,
        by=looking.voice.moment(by),
        overdue=by < now,
        may_own=looking.person.may(Permission.HELP) and owner != looking.person.name,
        unreached=owner != looking.person.name and owner_mail.is_unreached(order, owner),
    )


@fills("handover.html")
def handover_panel(looking: Looking) -> HandoverPanel | None:
    order = looking.order
    if not _may_hand_over(looking) or order.handover:
        return None
    names = [name for name in container().duty.roster().names if name not in (owner_of(order), looking.person.name)]
    return HandoverPanel(names, _in_own_words(looking, order))


@fills("packet.html")
def packet_panel(looking: Looking) -> OnItsWay | None:
    handover = looking.order.handover
    return _on_its_way(looking, handover) if handover and _may_hand_over(looking) else None


def _may_hand_over(looking: Looking) -> bool:
    order = looking.order
    return not is_over(order) and order.customer is not None and looking.person.may(Permission.HELP)


def _on_its_way(looking: Looking, handover: Handover) -> OnItsWay:
    def words(text_id: int) -> str:
        return texts_by_people.read(looking.order, text_id)

    return OnItsWay(
        to=handover.to,
        by=handover.by,
        accept_by=looking.voice.moment(handover.accept_by),
        asked=words(handover.asked),
        tried=words(handover.tried),
        promised=words(handover.promised),
        may_accept=may_accept(handover, container().duty.roster(), looking.person.name),
        unreached=handover.to != looking.person.name and owner_mail.is_unreached(looking.order, handover.to),
    )


def _in_own_words(looking: Looking, order: Order) -> str:
    """The customer's last question, else the note written with the order."""
    asked = [event.data["said"] for event in looking.timeline if event.who == "customer" and "said" in event.data]
    note = order.customer.note if order.customer else None
    return texts_by_people.read(order, int(asked[-1])) if asked else note or ""


@blueprint.post("/<ref>/owner")
@allow(Permission.HELP)
def own(ref: str) -> AnyResponse:
    return answered(ref, lambda: assign_owner(container(), ref, person().name, seen()))


@blueprint.post("/<ref>/handovers")
@allow(Permission.HELP)
def begin_handover(ref: str) -> AnyResponse:
    def send() -> None:
        packet = Packet(text("to"), text("asked"), text("tried"), text("promised"), moment("by"))
        hand_over(container(), ref, packet, person().name, seen())

    return answered(ref, send)


@blueprint.post("/<ref>/handovers/acceptance")
@allow(Permission.HELP)
def accept(ref: str) -> AnyResponse:
    # Without the claim: the sender may keep the order open until it is accepted.
    return answered(ref, lambda: accept_handover(container(), ref, person().name, lines_seen()))
