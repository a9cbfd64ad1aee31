"""/console/bulk: one decision about several orders that are on hold for the same reason; each is recorded by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from fallback.domain.errors import Conflict, Invalid, NotAllowedNow, TooMuch, TryAgain, UnknownOrder
from fallback.domain.order import texts_by_people
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Order, Queue
from fallback.domain.support.accounts import Permission
from fallback.usecases.placement.release_hold import release_hold
from fallback.usecases.support.add_note import add_note
from fallback.web.console.order.answering import REFUSALS
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import NOTHING, Typed, typed
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_

blueprint = Blueprint("bulk", __name__, url_prefix="/console/bulk")

# These are questions, each with its own answer.
ONE_BY_ONE = frozenset({HoldCode.ASKED_FOR_A_PERSON, HoldCode.REFUND_ASKED})

RELEASED = N_("The hold was released.")
NOTED = N_("The note was added.")
CHANGED = N_("Not done: the order has changed since the list was shown. Please look at it.")
UNKNOWN = N_("It is not known whether this was done: the orders cannot be reached. Please look at this one again.")
IMPOSSIBLE = N_("Not done: this is not possible in the order's present state.")


@dataclass(frozen=True)
class Outcome:
    ref: str
    done: bool
    text: str


@blueprint.post("/release")
@allow(Permission.HELP)
def release() -> Response:
    code = request.form.get("hold", "")

    def let_go(order: Order) -> None:
        held = [hold.code for hold in order.holds if hold.code == code and hold.code not in ONE_BY_ONE]
        if not held:
            raise NotAllowedNow("not_held", "release")
        release_hold(container(), order.ref, held[0], person().name)

    outcomes = _each(let_go, RELEASED)
    for queue in (Queue.PAYMENT, Queue.PLACEMENT):
        container().bells.ring(queue)
    return _shown(outcomes)


@blueprint.post("/note")
@allow(Permission.HELP)
def note() -> Response:
    """A note that is refused is shown again, with the orders that were chosen; nothing was written."""
    try:
        text = texts_by_people.checked("note", request.form.get("note", ""))
    except Invalid as error:
        return _shown([], typed().refused(error, REFUSALS), 400)
    return _shown(_each(lambda order: add_note(container(), order.ref, text, person().name), NOTED))


def _each(act: Callable[[Order], object], done: str) -> list[Outcome]:
    """`order`: `<ref>~<version>`, as the list showed it. An order that has changed since is left as it is."""
    voice, outcomes = visitor(), []
    for chosen in dict.fromkeys(request.form.getlist("order")):
        ref, _, version = chosen.partition("~")
        try:
            order = container().ledger.load(ref)
            if str(order.version) != version:
                raise Conflict(ref)
            act(order)
        except (Conflict, UnknownOrder):
            outcomes.append(Outcome(ref, False, voice.say(CHANGED)))
        except TryAgain:
            outcomes.append(Outcome(ref, False, voice.say(UNKNOWN)))
        except (NotAllowedNow, TooMuch):
            outcomes.append(Outcome(ref, False, voice.say(IMPOSSIBLE)))
        else:
            outcomes.append(Outcome(ref, True, voice.say(done)))
    return outcomes


def _shown(outcomes: list[Outcome], form: Typed = NOTHING, status: int = 200) -> Response:
    return page(
        "console/desk/bulk.html",
        visitor(),
        status,
        outcomes=outcomes,
        form=form,
        chosen=request.form.getlist("order"),
        hold=(hold := request.form.get("hold", "")),
        back=url_for("desk.orders", hold=hold),
    )
