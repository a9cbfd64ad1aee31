"""/console/sign-in: open and end a session, with a name and a password, or with the console's token."""

from __future__ import annotations

from datetime import timedelta
from hmac import compare_digest
from secrets import token_urlsafe
from threading import BoundedSemaphore

from flask import Blueprint, Response, current_app, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from msgspec.structs import replace
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import TryAgain
from fallback.domain.support import passwords
from fallback.domain.support.accounts import KEEPER, Account, Permission, key_of
from fallback.runtime.logs import get_logger
from fallback.web.console.access.half_open import begin, is_needed
from fallback.web.http.auth import Rule, allow, container, enter, leave
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, visitor
from fallback.web.http.security import client_address
from fallback.web.http.voice import N_

blueprint = Blueprint("sign_in", __name__, url_prefix="/console")

log = get_logger()

NOT_KNOWN = N_("The name or password is wrong.")
NOT_THE_TOKEN = N_("The token is wrong.")
KNOWN_BROWSER, KNOWN_FOR = "fallback_known", timedelta(days=180)
# A password check takes a quarter of a second of CPU time on purpose; the other CPUs serve customers.
_TRYING = BoundedSemaphore(2)


@blueprint.get("/sign-in")
@allow(Rule.PUBLIC)
def form() -> Response:
    return sign_in_page(wanted=request.args.get("next", ""))


def sign_in_page(word: str = "", status: int = 200, wanted: str = "", wrong: str = "") -> Response:
    """`word` says what went wrong, in `wrong`: 'password', 'token' or neither."""
    voice = visitor()
    set_up = container().config.fallback_oidc_discovery_url
    provider = url_for("provider.begin", next=wanted or None) if set_up else ""
    return page(
        "console/access/sign_in.html",
        voice,
        status,
        word=voice.say(word) if word else "",
        wrong=wrong,
        name=request.form.get("name", ""),
        next=wanted,
        provider=provider,
    )


def _whose_password() -> str:
    """Guesses at one account are counted together, wherever they come from; the wait is a minute at most.

    A browser in which the person signed in before is counted separately, so that no stranger can lock them out:
    https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
    """
    name = key_of(request.form.get("name", ""))
    known = request.cookies.get(KNOWN_BROWSER, "")
    return known if _is_known(known, name) else name or client_address()


def _is_known(cookie: str, name: str) -> bool:
    try:
        return bool(_signer().loads(cookie)[0] == name)
    except BadSignature:
        return False


def _signer() -> URLSafeSerializer:
    """Newest key last, as itsdangerous wants them."""
    return URLSafeSerializer(container().config.secret_key[::-1], salt="known browser")


@blueprint.post("/sign-in")
@limited(lambda _: 10)
@limited(lambda _: 30, by=_whose_password)
@allow(Rule.OWN_PAGE)
def open_session() -> AnyResponse:
    wanted = request.form.get("next", "")
    way = "token" if "token" in request.form else "password"
    if way == "token" and _is_token():
        return welcomed(KEEPER.name, wanted)
    account = _by_password() if way == "password" else None
    if account is None:
        # Without the name: people type their password there too.
        log.info("sign_in_refused", way=way)
        return sign_in_page(NOT_THE_TOKEN if way == "token" else NOT_KNOWN, 403, wanted, way)
    answer = begin(account, wanted) if account.totp or is_needed(account) else welcomed(account.name, wanted)
    _know_again(answer, account.name)
    return answer


def _is_token() -> bool:
    given = request.form["token"].strip()
    return compare_digest(given.encode(), container().config.console_token.encode())


def _by_password() -> Account | None:
    """The same answer after the same time, whether there is such an account or not."""
    account = container().people.find(request.form.get("name", ""))
    kept = account.password if account and not account.disabled else None
    if not _TRYING.acquire(blocking=False):
        raise TryAgain("too many passwords are being checked at the same time")
    given = request.form.get("password", "")
    try:
        if not passwords.matches(given, kept):
            return None
        anew = passwords.hashed(given) if kept and passwords.is_outdated(kept) else None
    finally:
        _TRYING.release()
    if account and anew:
        now = container().people.change(
            account.name, lambda now: replace(now, password=anew) if now.password == kept else now
        )
        return now if now.password == anew else None  # it was given another one meanwhile
    return account


def welcomed(name: str, wanted: str) -> AnyResponse:
    """Redirects only to pages of the console, so that a link to this page cannot lead elsewhere."""
    enter(name)
    log.info("signed_in", who=name)
    ours = wanted.startswith("/console/") and wanted.isprintable()
    return redirect(wanted if ours else url_for("desk.orders"), 303)


def _know_again(answer: AnyResponse, name: str) -> None:
    """The cookie grants no access: it only lets the person try their password while others guess at it."""
    answer.set_cookie(
        KNOWN_BROWSER,
        _signer().dumps([key_of(name), token_urlsafe(16)]),
        max_age=KNOWN_FOR,
        path=url_for(".form"),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


@blueprint.post("/sign-out")
@allow(Permission.SEE)
def sign_out() -> AnyResponse:
    leave()
    return redirect(url_for("sign_in.form"), 303)
