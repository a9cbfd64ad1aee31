"""/console/remarks: agents report recurring problems; leads read them in the report."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Invalid
from fallback.domain.order.texts_by_people import checked
from fallback.domain.support.accounts import Permission
from fallback.ledger.support.remarks import Remark
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import NOTHING, Typed, typed
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_, Voice

blueprint = Blueprint("remarks", __name__, url_prefix="/console")

LONGEST = 500
SHOWN = 50
REFUSALS = {
    "empty": N_("Please enter a text."),
    "too_long": N_("Too long: 500 characters at most."),
    "card_number": N_("This looks like a card number. Please leave it out."),
}


@dataclass(frozen=True)
class RemarkRow:
    moment: str
    who: str
    text: str


@blueprint.get("/remarks")
@allow(Permission.SEE)
def show() -> Response:
    return _shown(NOTHING)


@blueprint.post("/remarks")
@allow(Permission.SEE)
def add() -> AnyResponse:
    try:
        remark = Remark(container().clock(), person().name, checked("remark", request.form.get("remark", ""), LONGEST))
    except Invalid as error:
        return _shown(typed().refused(error, REFUSALS))
    container().remarks.add(remark)
    return redirect(url_for("remarks.show", said="1"), 303)


def _shown(form: Typed) -> Response:
    voice, status = visitor(), 400 if form.errors else 200
    remarks = remark_rows(voice) if person().may(Permission.REPORT) else []
    said = "said" in request.args
    return page("console/desk/remarks.html", voice, status, form=form, remarks=remarks, said=said, longest=LONGEST)


def remark_rows(voice: Voice) -> list[RemarkRow]:
    """Newest first."""
    return [RemarkRow(voice.moment(each.at), each.who, each.text) for each in container().remarks.newest(SHOWN)]
