"""/console/orders/{ref}: one order, made of panels. Each panel shows one matter and has the forms to act on it."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback import i18n
from fallback.domain.errors import Conflict, Invalid, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.unpaid import ends_by
from fallback.domain.support import claims
from fallback.domain.support.accounts import Permission
from fallback.domain.support.claims import Claimed
from fallback.domain.support.late import Finish, Late, done_by_others, finished_by_customer
from fallback.web.console.order import actions, rows, timeline
from fallback.web.console.order.facts import facts
from fallback.web.console.order.panels import PANELS, Looking, filled, fills
from fallback.web.console.order.status import Standing, standing
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import Typed, typed
from fallback.web.http.pages import page, visitor
from fallback.web.http.problems import or_its_error
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import order_view, who_was_first
from fallback.web.purchase.cart_rows import rows_of_order

blueprint = Blueprint("order_page", __name__, url_prefix="/console/orders")

AT_WORK = N_("%(who)s is working on this order. Nothing was changed. You can request it below.")
FINISHED = N_("The customer completed it at %(when)s. No action needed.")
WITH_HELP = N_("The customer completed it at %(when)s, with help from %(names)s. No action needed.")
NOT_NOW = N_("That is no longer possible. This is the order's current status.")
SINCE = N_("That is no longer possible: %(what)s (%(who)s, %(when)s). This is the order's current status.")


# Phone calls are about the latest events.
EVENTS_SHOWN = 5


@fills("standing.html")
def _standing(looking: Looking) -> Standing:
    built, order = container(), looking.order
    pay_by = ends_by(order, looking.timeline, built.unpaid_for)
    return standing(order, looking.voice, built.clock(), built.modes.read().mode, pay_by)


def state(order: Order, voice: Voice) -> str:
    """Changes whenever the page would show something else, also by time or mode alone."""
    return "\n".join([str(order.version), *_standing(Looking(order, (), person(), voice)).looks])


@blueprint.get("/<ref>")
@allow(Permission.SEE)
def show(ref: str) -> Response:
    return _shown(ref)


def seen() -> int:
    """The number of timeline entries on the page of this form. Sending the form also takes the claim.

    Raises Invalid; Late if another person did something since; Claimed if another agent works on the order.
    """
    count = lines_seen()
    _claim((request.view_args or {})["ref"], count)
    return count


def lines_seen() -> int:
    count = request.form.get("seen", type=int)
    if count is None:
        raise Invalid("seen", "invalid", "Please open the order again and send the form from there.")
    return count


def _claim(ref: str, count: int) -> None:
    """What others did is checked before the claim. Claims are advisory: without them the order stays correct."""
    who = person().name
    others = done_by_others(container().ledger.timeline(ref)[count:], who)
    if others:
        raise Late(ref, others)
    with suppress(TryAgain, Conflict):
        container().claims.change(ref, lambda claim: claims.take(claim, who, container().clock()))


def done(ref: str) -> AnyResponse:
    """Back to the order, after a form."""
    return redirect(url_for("order_page.show", ref=ref), 303)


def late(error: Late) -> Response:
    """The current order, with what was done in the meantime and by whom."""
    return _shown(error.ref, first(error), 409)


def first(error: Late) -> str:
    voice, last = visitor(), error.events[-1]
    return voice.sentence(who_was_first.FIRST, who=rows.name_of(last.who, voice), what=timeline.sentence(last, voice))


def claimed(error: Claimed) -> Response:
    """Another agent works on the order: show who, and how to request it."""
    word = visitor().say(AT_WORK, who=error.holder)
    return _shown((request.view_args or {})["ref"], word, 409)


blueprint.app_errorhandler(Late)(or_its_error(late))
blueprint.app_errorhandler(Claimed)(or_its_error(claimed))


def refused(ref: str, word: str = "") -> Response:
    """The response to NotAllowedNow: the last event; or `word`, where the form itself refuses."""
    voice = visitor()
    event = who_was_first.last(container().ledger.timeline(ref))
    if word or event is None:
        return _shown(ref, voice.say(word or NOT_NOW), 409)
    name, what = rows.name_of(event.who, voice), timeline.sentence(event, voice)
    return _shown(ref, voice.say(SINCE, what=what, who=name, when=voice.moment(event.at)), 409)


def refilled(ref: str, form: Typed, status: int = 400) -> Response:
    """The response to an invalid form: its input, with the errors at their fields."""
    return _shown(ref, status=status, form=form)


def _shown(ref: str, word: str = "", status: int = 200, form: Typed | None = None) -> Response:
    """The input is kept, also if it was refused because of what others did: then the typed texts are shown once more,
    since their form may be gone."""
    voice, form = visitor(), form or typed()
    order, happened = who_was_first.as_it_stands(ref)
    looking = Looking(order, happened, person(), voice)
    finished = finished_by_customer(order, happened)
    panels = filled(looking)
    return page(
        "console/order/order.html",
        voice,
        status,
        word=word,
        form=form,
        written=form.prose if status == 409 else [],
        finished=_finished(finished, voice) if finished else "",
        row=rows.order_row(order, voice),
        actions=actions.offered(looking),
        facts=facts(order, voice),
        events=timeline.event_rows(order, happened, voice),
        seen=len(happened),
        panels={
            place: [(f"console/order/panels/{name}", panels[name]) for name in names if panels[name] is not None]
            for place, names in PANELS.items()
        },
        deciding=panels["holds.html"],
        shown=EVENTS_SHOWN,
        here=panels["here.html"],
        state=state(order, voice),
        version=order.version,
        cart=rows_of_order(order, voice, container().config.storefront.shop_url),
        agreed=order_view.agreed(order, voice),
    )


def _finished(finish: Finish, voice: Voice) -> str:
    word = WITH_HELP if finish.helped else FINISHED
    return voice.say(word, when=voice.moment(finish.at), names=i18n.listed(finish.helped, voice.locale))
