"""/console/sign-in: open and end a session."""

from __future__ import annotations

from hmac import compare_digest

from flask import Blueprint, Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.people import Permission, Person, Role
from fallback.web.auth import Rule, allow, container, enter
from fallback.web.limits import limited
from fallback.web.pages import page, visitor

blueprint = Blueprint("sign_in", __name__, url_prefix="/console")

# Who has the token may do everything: it is there to make the first accounts with.
KEEPER = Person("console", Role.ADMIN)


@blueprint.get("/sign-in")
@allow(Rule.PUBLIC)
def form() -> Response:
    return page("console/sign_in.html", visitor(), wrong=False, next=request.args.get("next", ""))


@blueprint.post("/sign-in")
@limited(lambda _: 10)
@allow(Rule.OWN_PAGE)
def open_session() -> AnyResponse:
    given = request.form.get("token", "").strip()
    wanted = request.form.get("next", "")
    if not compare_digest(given.encode(), container().config.console_token.encode()):
        return page("console/sign_in.html", visitor(), 403, wrong=True, next=wanted)
    enter(KEEPER)
    # Only pages of the console: nobody is sent elsewhere by a link that leads through here.
    return redirect(wanted if wanted.startswith("/console/") else url_for("desk.orders"), 303)


@blueprint.post("/sign-out")
@allow(Permission.SEE)
def sign_out() -> AnyResponse:
    session.clear()
    return redirect(url_for("sign_in.form"), 303)
