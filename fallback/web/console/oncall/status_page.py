"""/console/oncall/status: on call writes what customers read on the status page, and announces maintenance."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.outage.public_status import LONGEST_TEXT
from fallback.domain.support.accounts import Permission
from fallback.usecases.outage.write_to_customers import announce_maintenance, end_maintenance, publish_note
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import NOTHING, Typed, typed
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_
from fallback.web.purchase import public_status_rows as status_rows

blueprint = Blueprint("status_page", __name__, url_prefix="/console/oncall/status")

PAGE = "/console/oncall/status"
SPANS: Mapping[str, timedelta | None] = {
    "30": timedelta(minutes=30),
    "60": timedelta(hours=1),
    "120": timedelta(hours=2),
    "240": timedelta(hours=4),
    "": None,
}
SPAN_WORDS = {
    "30": N_("in 30 minutes"),
    "60": N_("in 1 hour"),
    "120": N_("in 2 hours"),
    "240": N_("in 4 hours"),
    "": N_("None promised"),
}
REFUSALS = {
    "empty": N_("The field is empty, so nothing was changed. Please enter a text."),
    "too_long": N_("Too long. Please shorten it."),
    "card_number": N_("That looks like a card number. Please leave it out."),
    "not_a_time": N_("Enter a date and a time"),
    "ends_before": N_("The end has to be after the begin"),
    "past": N_("This is over already"),
    "too_far": N_("This is more than half a year ahead"),
    "too_long_a_time": N_("This is longer than three days"),
}


@blueprint.get("")
@allow(Permission.SEE)
def show() -> Response:
    return _page(NOTHING)


@blueprint.post("/notes")
@allow(Permission.SWITCH)
def note() -> AnyResponse:
    form = typed()
    try:
        publish_note(container(), request.form.get("text", ""), SPANS.get(form.values.get("next", "")), person().name)
    except Invalid as error:
        return _page(form.refused(error, REFUSALS), 400)
    return redirect(PAGE, 303)


@blueprint.post("/maintenance")
@allow(Permission.SWITCH)
def announce() -> AnyResponse:
    form = typed()
    try:
        times = _time(form, "begins"), _time(form, "ends")
        announce_maintenance(container(), times, request.form.get("about", ""), person().name)
    except Invalid as error:
        there = Invalid("about", error.code, error.detail) if error.field == "text" else error
        return _page(form.refused(there, REFUSALS), 400)
    return redirect(PAGE, 303)


@blueprint.post("/maintenance/<maintenance_id>/end")
@allow(Permission.SWITCH)
def end(maintenance_id: str) -> AnyResponse:
    """A second press, or one after its end, changes nothing."""
    with suppress(NotAllowedNow):
        end_maintenance(container(), maintenance_id, person().name)
    return redirect(PAGE, 303)


def _time(form: Typed, name: str) -> datetime:
    """In the shop's time zone, as its field and the status page say."""
    try:
        given = datetime.fromisoformat(form.values.get(name, ""))
        return given.replace(tzinfo=container().zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(name, "not_a_time", "Enter a date and a time.") from None


def _page(form: Typed, status: int = 200) -> Response:
    built, voice = container(), visitor()
    now, public = built.clock(), built.public_statuses.read()
    return page(
        "console/oncall/status_page.html",
        voice,
        status,
        form=form,
        longest=LONGEST_TEXT,
        spans=[(value, voice.say(words)) for value, words in SPAN_WORDS.items()],
        zone_name=built.zone.key,
        notes=[
            (status_rows.note_row(each, voice), each.who, voice.moment(each.next_by) if each.next_by else "")
            for each in public.notes
        ],
        planned=[(each.id, status_rows.planned_row(each, now, voice), each.who) for each in public.planned(now)],
    )
