"""/console/sign-in/code and /console/sign-in/set-up: the second step of a sign-in with a password."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.runtime.logs import get_logger
from fallback.web.console.access.authenticator import fault, kept, setting_up
from fallback.web.console.access.half_open import half_in
from fallback.web.console.access.sign_in import welcomed
from fallback.web.http.auth import Rule, allow
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, visitor

blueprint = Blueprint("second_step", __name__, url_prefix="/console/sign-in")
log = get_logger()


@blueprint.get("/code")
@allow(Rule.PUBLIC)
def ask() -> AnyResponse:
    return _asked() if half_in() else _from_the_beginning()


@blueprint.post("/code")
@limited(lambda _: 20)
@allow(Rule.OWN_PAGE)
def answer() -> AnyResponse:
    found = half_in()
    if found is None or found[0].totp is None:
        return _from_the_beginning()
    account, wanted = found
    if word := fault(account, request.form.get("code", "")):
        log.info("sign_in_refused", way="code", who=account.name)
        return _asked(word)
    return welcomed(account.name, wanted)


@blueprint.get("/set-up")
@allow(Rule.PUBLIC)
def set_up() -> AnyResponse:
    """For a role that needs the second step: nobody signs in without it."""
    found = half_in()
    return setting_up(found[0], url_for(".keep")) if found and not found[0].totp else _from_the_beginning()


@blueprint.post("/set-up")
@limited(lambda _: 20)
@allow(Rule.OWN_PAGE)
def keep() -> AnyResponse:
    found = half_in()
    if found is None or found[0].totp:
        return _from_the_beginning()
    return kept(found[0], url_for(".keep"))


def _asked(word: str = "") -> Response:
    voice = visitor()
    return page("console/access/code.html", voice, 403 if word else 200, word=voice.say(word) if word else "")


def _from_the_beginning() -> AnyResponse:
    return redirect(url_for("sign_in.form"), 303)
