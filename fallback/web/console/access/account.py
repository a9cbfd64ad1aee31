"""/console/account: a person's own account, where they set up or turn off the second step of their sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.support.accounts import Account, Permission
from fallback.domain.support.second_step import turned_off
from fallback.runtime.logs import get_logger
from fallback.web.console.access.authenticator import fault, kept, setting_up
from fallback.web.console.access.half_open import is_needed
from fallback.web.http.auth import allow, container, enter, person
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_

blueprint = Blueprint("account", __name__, url_prefix="/console/account")
log = get_logger()

NEEDED = N_("Your role needs the second step, so it cannot be turned off.")


@blueprint.get("")
@allow(Permission.SEE)
def show() -> Response:
    return _shown(_own())


@blueprint.get("/set-up")
@allow(Permission.SEE)
def set_up() -> AnyResponse:
    account = _own()
    return setting_up(account, url_for(".keep")) if account and _may_set_up(account) else _back()


@blueprint.post("/set-up")
@limited(lambda _: 20)
@allow(Permission.SEE)
def keep() -> AnyResponse:
    account = _own()
    return kept(account, url_for(".keep")) if account and _may_set_up(account) else _back()


@blueprint.post("/turn-off")
@limited(lambda _: 20)
@allow(Permission.SEE)
def turn_off() -> AnyResponse:
    """With a code, so that nobody does it at a desk that was left open."""
    account = _own()
    if account is None or account.totp is None:
        return _back()
    word = NEEDED if is_needed(account) else fault(account, request.form.get("code", ""))
    if word:
        return _shown(account, word)
    container().people.change(account.name, turned_off)
    log.warning("second_step_off", who=account.name)
    enter(account.name)
    return _back()


def _own() -> Account | None:
    """None for the holder of the console's token."""
    return container().people.find(person().name)


def _may_set_up(account: Account) -> bool:
    """Those who sign in elsewhere have their second step there."""
    return account.password is not None and account.totp is None


def _back() -> AnyResponse:
    return redirect(url_for(".show"), 303)


def _shown(account: Account | None, word: str = "") -> Response:
    voice = visitor()
    return page(
        "console/access/account.html",
        voice,
        403 if word else 200,
        account=account,
        needed=bool(account and is_needed(account)),
        word=voice.say(word) if word else "",
    )
