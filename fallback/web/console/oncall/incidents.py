"""/console/incidents: the timeline, the balance sheet and the report of each incident."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Conflict, Invalid, UnknownIncident
from fallback.domain.incident.balance import Missing
from fallback.domain.incident.closing import NotBalanced, why_open
from fallback.domain.incident.incident import Incident
from fallback.domain.incident.incident_report import as_csv, as_markdown
from fallback.domain.incident.standby import incident_or_standby
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.support.accounts import Permission
from fallback.usecases.incident.close_incident import close_incident
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.incident.lift_halt import lift_halt
from fallback.usecases.incident.note_incident import note_incident
from fallback.web.console.oncall import incident_balance_rows, incident_rows
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import NOTHING, Typed, typed
from fallback.web.http.pages import page, visitor
from fallback.web.http.problems import Problem
from fallback.web.http.voice import N_

blueprint = Blueprint("incidents", __name__, url_prefix="/console")

LISTED = 50
REFUSALS = {
    "empty": N_("The field is empty, so nothing was changed. Please enter a text."),
    "too_long": N_("Too long. Please shorten it."),
    "card_number": N_("That looks like a card number. Please leave it out."),
    "meanwhile": N_("The hand-over was halted again in the meantime, so it was not resumed. Please check again."),
}


@blueprint.get("/incidents")
@allow(Permission.SEE)
def all_() -> Response:
    return _list(NOTHING)


@blueprint.post("/halt/lifting")
@allow(Permission.SWITCH)
def lift() -> AnyResponse:
    form = typed()
    try:
        lift_halt(container(), person().name, request.form.get("reason", ""), form.values.get("seen", ""))
    except Invalid as error:
        return _list(form.refused(error, REFUSALS), 400)
    except Conflict:
        return _list(form.refused(Invalid("reason", "meanwhile", "Another halt."), REFUSALS), 409)
    return redirect(url_for("incidents.all_"), 303)


def _list(form: Typed, status: int = 200) -> Response:
    built, voice = container(), visitor()
    follow_mode(built)
    halt, audit = built.halts.read(), built.books.last_audit()
    return page(
        "console/oncall/incidents.html",
        voice,
        status,
        form=form,
        rows=[incident_rows.incident_row(each, voice) for each in built.incidents.newest(LISTED)],
        halt=incident_rows.halt_row(halt, voice) if halt else None,
        audit=incident_rows.audit_sentence(audit, voice) if audit else "",
        unread=audit.unread if audit else 0,
    )


@blueprint.get("/incidents/<incident_id>")
@allow(Permission.SEE)
def show(incident_id: str) -> Response:
    return _shown(_counted(incident_id), NOTHING)


@blueprint.post("/incidents/<incident_id>/notes")
@allow(Permission.SEE)
def note(incident_id: str) -> AnyResponse:
    form, incident = typed(), _find(incident_id)
    try:
        note_incident(container(), incident.id, request.form.get("note", ""), person().name)
    except Invalid as error:
        return _shown(incident, form.refused(error, REFUSALS))
    return redirect(url_for("incidents.show", incident_id=incident.id), 303)


@blueprint.post("/incidents/<incident_id>/balance")
@allow(Permission.REPORT)
def count(incident_id: str) -> AnyResponse:
    """The clock process counts, since it may take minutes; the page shows the time of the last count."""
    incident = _counted(incident_id)
    container().books.ask(incident.id)
    return redirect(url_for("incidents.show", incident_id=incident.id), 303)


@blueprint.post("/incidents/<incident_id>/closure")
@allow(Permission.REPORT)
def close(incident_id: str) -> AnyResponse:
    incident = _find(incident_id)
    try:
        close_incident(container(), incident.id, person().name)
    except NotBalanced as error:
        return _shown(incident, NOTHING, error.lacking)
    return redirect(url_for("incidents.show", incident_id=incident.id), 303)


def _find(incident_id: str) -> Incident:
    """An incident that has a timeline and can be closed: not standby."""
    if incident_id == NO_INCIDENT:
        raise _none()
    return _counted(incident_id)


def _none() -> Problem:
    return Problem(404, "not_found", "There is no incident with this id.")


def _counted(incident_id: str) -> Incident:
    built = container()
    follow_mode(built)
    try:
        return incident_or_standby(incident_id, built.incidents, built.books, built.clock())
    except UnknownIncident:
        raise _none() from None


def _shown(incident: Incident, form: Typed, refused: Mapping[Missing, int] | None = None) -> Response:
    built, voice, now = container(), visitor(), container().clock()
    balance = built.books.balance(incident.id)
    lacking = refused or why_open(incident, balance, built.books.by_headline(incident.span), now)
    return page(
        "console/oncall/incident.html",
        voice,
        409 if refused else 400 if form.errors else 200,
        form=form,
        row=incident_rows.incident_row(incident, voice),
        lasted=incident_rows.lasted(incident, now),
        captured=sum(map(built.books.accepted, incident.spans)),
        entries=incident_rows.entry_rows(incident.timeline, voice),
        sheet=incident_balance_rows.sheet(balance, voice) if balance else None,
        unread=balance.unread if balance else 0,
        asked=incident.id in built.books.asked(),
        refused=refused is not None,
        lacking=incident_balance_rows.lacking_sentences(lacking, balance, voice),
    )


@blueprint.get("/incidents/<incident_id>/report")
@allow(Permission.REPORT)
def report(incident_id: str) -> Response:
    incident, voice = _counted(incident_id), visitor()
    balance = container().books.balance(incident.id)
    return page(
        "console/oncall/incident_report.html",
        voice,
        row=incident_rows.incident_row(incident, voice),
        lasted=incident_rows.lasted(incident, container().clock()),
        sheet=incident_balance_rows.sheet(balance, voice) if balance else None,
        unread=balance.unread if balance else 0,
        figures=list(incident_balance_rows.figures(balance, voice)) if balance else [],
        pictures=incident_balance_rows.pictures(balance, voice) if balance else [],
        entries=incident_rows.entry_rows(incident.timeline, voice),
    )


@blueprint.get("/incidents/<incident_id>/report.md")
@allow(Permission.REPORT)
def report_markdown(incident_id: str) -> Response:
    incident = _counted(incident_id)
    return _file(as_markdown(incident, container().books.balance(incident.id)), "text/markdown", f"{incident.id}.md")


@blueprint.get("/incidents/<incident_id>/report.csv")
@allow(Permission.REPORT)
def report_csv(incident_id: str) -> Response:
    incident = _counted(incident_id)
    balance = container().books.balance(incident.id)
    if balance is None:
        raise Problem(404, "not_found", "This incident is not counted yet.")
    return _file(as_csv(balance), "text/csv", f"{incident.id}.csv")


def _file(text: str, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename=incident-{name}", "Cache-Control": "no-store"}
    return Response(text, mimetype=mimetype, headers=headers)
