"""/console/drafts: help a customer who is stuck in the checkout form, before there is an order.

There is no list of all: a form is found by the customer's e-mail address or phone number, and each search is
logged.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.checkout.drafts import Draft, Look
from fallback.domain.errors import Invalid, TryAgain
from fallback.domain.order.order import NoticeState, Queue
from fallback.domain.support.accounts import Permission
from fallback.usecases.checkout.invite_customer import invite_customer
from fallback.usecases.checkout.read_cart import read_cart
from fallback.web.http.auth import allow, container, person
from fallback.web.http.pages import page, visitor
from fallback.web.http.problems import Problem
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase.cart_rows import CartRows, rows_of_cart

blueprint = Blueprint("forms", __name__, url_prefix="/console")

LOOKS_SHOWN = 20
MAILS = {
    NoticeState.QUEUED: N_("%(who)s sent the link by mail; delivery is pending."),
    NoticeState.HANDING_OVER: N_("%(who)s sent the link by mail; delivery is pending."),
    NoticeState.SENT: N_("%(who)s sent the link by mail; delivered to the mail server at %(when)s."),
    NoticeState.UNKNOWN: N_(
        "%(who)s sent the link by mail. The mail server's reply was lost: ask the customer whether it arrived."
    ),
    NoticeState.FAILED: N_("The mail server rejects this address: ask the customer for another one."),
    NoticeState.DROPPED: N_("The mail was not sent: the customer removed the address."),
}


@dataclass(frozen=True)
class DraftRow:
    """`cart` is None when its prices have expired. `link` opens the form on another device.

    `mail`: the state of the mail with the link; empty if none was sent. `may_send`: one can be sent.
    """

    here: bool
    since: str
    seen: str
    contact: list[str]
    cart: CartRows | None
    link: str
    cart_id: str
    email: str
    mail: str
    may_send: bool


@dataclass(frozen=True)
class LookRow:
    moment: str
    who: str
    found: int


@blueprint.get("/drafts")
@allow(Permission.HELP)
def show() -> Response:
    voice = visitor()
    find = request.args.get("find", "").strip()
    return page(
        "console/desk/drafts.html",
        voice,
        find=find,
        drafts=[_row(draft, voice) for draft in _look(find)] if find else [],
        looks=_looks(voice) if person().may(Permission.LEAD) else [],
    )


def _look(find: str) -> list[Draft]:
    """Drafts without an order; a draft that became an order is deleted."""
    built = container()
    found = []
    for draft in built.drafts.find(find):
        if built.ledger.ref_of_cart(draft.cart_id):
            built.drafts.drop(draft.cart_id)
        else:
            found.append(draft)
    built.drafts.record(Look(built.clock(), person().name, tuple(draft.cart_id for draft in found)))
    return found


@blueprint.post("/drafts/mails")
@allow(Permission.HELP)
def send_link() -> AnyResponse:
    """Send the link to the address in the form."""
    draft = container().drafts.of_cart(request.form.get("cart_id", ""))
    if draft is None:
        raise Problem(404, "draft_gone", "The form was sent, or erased after a day.")
    invite_customer(container(), draft, person().name)
    container().bells.ring(Queue.NOTICE)
    return redirect(url_for("forms.show", find=draft.email), 303)


def _row(draft: Draft, voice: Voice) -> DraftRow:
    invited = container().invitation_mails.of_cart(draft.cart_id)
    return DraftRow(
        here=draft.is_here(container().clock()),
        since=voice.moment(draft.since),
        seen=voice.moment(draft.seen_at),
        contact=[text for text in (draft.name, draft.email, draft.phone) if text],
        cart=_cart(draft, voice),
        link=container().invitations.link(draft),
        cart_id=draft.cart_id,
        email=draft.email,
        mail=voice.say(MAILS[invited.state], who=invited.who, when=voice.moment(invited.at)) if invited else "",
        may_send=bool(draft.email) and not (invited and invited.is_open),
    )


def _cart(draft: Draft, voice: Voice) -> CartRows | None:
    built = container()
    try:
        cart = read_cart(built, draft.cart_token)
    except (Invalid, TryAgain):
        return None
    return rows_of_cart(cart, voice, built.config.storefront.shop_url)


def _looks(voice: Voice) -> list[LookRow]:
    looks = container().drafts.looks(LOOKS_SHOWN)
    return [LookRow(voice.moment(look.at), look.who, len(look.carts)) for look in looks]
