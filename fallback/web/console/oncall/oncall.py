"""/console/oncall: the status and what to do next, the key figures, the mode and its switch."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Conflict, Invalid, NotAllowedNow
from fallback.domain.oncall.alerts import Alert
from fallback.domain.outage.mode import ModeState
from fallback.domain.outage.switching import DOUBTS, Doubt
from fallback.domain.support.accounts import Permission
from fallback.usecases.oncall.acknowledge_alert import acknowledge_alert
from fallback.usecases.outage.drain_status import drain_status
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.usecases.outage.warn_before_switch import warn_before_switch
from fallback.web.console.oncall import figures, incident_rows
from fallback.web.console.oncall.drain import STATES
from fallback.web.console.oncall.drills import drill_rows
from fallback.web.console.oncall.hour import hour
from fallback.web.console.oncall.situation_words import how_it_stands, somebody_was_first
from fallback.web.console.oncall.switching import REFUSALS, SwitchRequest, mode_panel, read_switch
from fallback.web.console.order import rows
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import NOTHING, Typed, typed
from fallback.web.http.pages import page, visitor

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
        requested = read_switch(form)
        if form.values.get("seen") != state.tag:
            raise Invalid("mode", "meanwhile", "Somebody switched meanwhile.")
        doubts = [] if "sure" in form.values else warn_before_switch(container(), requested.to)
        return _ask_once_more(form, requested, doubts) if doubts else _switched(requested, state)
    except Invalid as error:
        return _page(form.refused(error, REFUSALS), 409 if error.code == "meanwhile" else 400)


@blueprint.post("/oncall/alerts/<alert>/acknowledgement")
@allow(Permission.SWITCH)
def acknowledge(alert: str) -> AnyResponse:
    """An alert that is over by now needs nobody: the page shows it no longer, or one of its kind that began later."""
    with suppress(NotAllowedNow):
        if alert in list(Alert):
            taken = acknowledge_alert(container(), Alert(alert), person().name, typed().values.get("seen", ""))
            if taken.who != person().name:
                return _page(NOTHING, 409, somebody_was_first(Alert(alert), taken, visitor()))
    return redirect("/console/oncall", 303)


def _ask_once_more(form: Typed, requested: SwitchRequest, doubts: list[Doubt]) -> Response:
    voice = visitor()
    return page(
        "console/oncall/switch.html",
        voice,
        to=requested.to,
        happens=voice.say(rows.MODES[requested.to]),
        doubts=[voice.say(DOUBTS[doubt.code], **doubt.figures) for doubt in doubts],
        form=form,
    )


def _switched(requested: SwitchRequest, state: ModeState) -> AnyResponse:
    try:
        switch_mode(container(), requested.to, person().name, requested.reason, requested.until, instead_of=state)
    except Conflict:
        raise Invalid("mode", "meanwhile", "Somebody switched meanwhile.") from None
    return redirect("/console/oncall", 303)


def _page(form: Typed, status: int = 200, late: str = "") -> Response:
    """`late`: what somebody else did before this person."""
    built, voice = container(), visitor()
    snapshot, drain, incident = built.overview.see(built.clock()), drain_status(built), built.incidents.last()
    totals = built.books.last_running_totals()
    return page(
        "console/oncall/oncall.html",
        voice,
        status,
        form=form,
        late=late,
        as_of=voice.second(built.clock()),
        now=how_it_stands(snapshot, drain, voice),
        figures=figures.figures(snapshot, drain, totals, voice),
        unread=totals.unread if totals else 0,
        hour=hour(voice),
        panel=mode_panel(voice),
        switches=figures.switches(voice),
        incident=incident_rows.incident_row(incident, voice) if incident and not incident.closed else None,
        drain=voice.say(STATES[drain.state]),
        drills=drill_rows(built.drills.newest(), voice),
    )
