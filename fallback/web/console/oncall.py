"""/console/oncall: the mode and its switch, and what is due."""

from __future__ import annotations

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Conflict, Invalid
from fallback.domain.mode import ModeState
from fallback.domain.order import Queue
from fallback.domain.people import Permission
from fallback.domain.switching import DOUBTS, Doubt
from fallback.web.auth import allow, container, person
from fallback.web.console import rows
from fallback.web.console.drills import drill_rows
from fallback.web.console.switching import REFUSALS, Wish, mode_panel, wish
from fallback.web.modes import tag
from fallback.web.pages import page, visitor
from fallback.web.typed import NOTHING, Typed, typed

blueprint = Blueprint("oncall", __name__, url_prefix="/console")


@blueprint.get("/oncall")
@allow(Permission.SEE)
def show() -> Response:
    return _page(NOTHING)


@blueprint.post("/oncall/mode")
@allow(Permission.SWITCH)
def switch() -> AnyResponse:
    form, state = typed(), container().modes.read()
    try:
        wished = wish(form)
        if form.values.get("seen") != tag(state):
            raise Invalid("mode", "meanwhile", "Somebody switched meanwhile.")
        doubts = [] if "sure" in form.values else container().weigh_switch(wished.to)
        return _ask_once_more(form, wished, doubts) if doubts else _switched(wished, state)
    except Invalid as error:
        return _page(form.refused(error, REFUSALS), 409 if error.code == "meanwhile" else 400)


def _ask_once_more(form: Typed, wished: Wish, doubts: list[Doubt]) -> Response:
    voice = visitor()
    return page(
        "console/switch.html",
        voice,
        to=wished.to,
        happens=voice.say(rows.MODES[wished.to]),
        doubts=[voice.say(DOUBTS[doubt.code], **doubt.figures) for doubt in doubts],
        form=form,
    )


def _switched(wished: Wish, state: ModeState) -> AnyResponse:
    try:
        container().switch_mode(wished.to, person().name, wished.reason, wished.until, instead_of=state)
    except Conflict:
        raise Invalid("mode", "meanwhile", "Somebody switched meanwhile.") from None
    return redirect("/console/oncall", 303)


def _page(form: Typed, status: int = 200) -> Response:
    voice = visitor()
    due = {queue: container().ledger.count_due(queue, container().clock()) for queue in Queue}
    return page(
        "console/oncall.html",
        voice,
        status,
        panel=mode_panel(voice),
        form=form,
        due=[(voice.say(rows.QUEUES[queue]), count) for queue, count in due.items()],
        problems=container().readiness.problems(),
        halt=container().halts.read(),
        drills=drill_rows(container().drills.newest(), voice),
    )
