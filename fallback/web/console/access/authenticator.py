"""What both the sign-in and a person's own page do with an authenticator app: set it up, and check its codes."""

from __future__ import annotations

import segno
from flask import Response, request, session
from markupsafe import Markup
from msgspec.structs import replace

from fallback.domain.errors import Invalid
from fallback.domain.support import second_step
from fallback.domain.support.accounts import Account
from fallback.runtime.logs import get_logger
from fallback.web.console.access.half_open import is_needed
from fallback.web.http.auth import container, enter
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_

log = get_logger()

WRONG = N_("This code is wrong or was used before. Wait for the next code, and type that.")
TOO_MANY = N_("There were too many wrong codes. Please wait 15 minutes.")


def fault(account: Account, code: str) -> str:
    """Why the code does not open; empty if it does. Each code opens once."""
    people = container().people
    if not people.may_try_code(account.name):
        return TOO_MANY
    step = second_step.step_of(code, account.totp or "", container().clock())
    if step is not None:
        return "" if people.use_code(account.name, step) else WRONG
    try:
        left = people.change(account.name, lambda kept: second_step.without_code(kept, code))
    except Invalid:
        return WRONG
    log.warning("recovery_code_used", who=account.name, count=len(left.recovery))
    return ""


def setting_up(account: Account, action: str, word: str = "") -> Response:
    """The secret stays in the session until a code proves that the app has it."""
    voice = visitor()
    secret = session["totp"] = session.get("totp") or second_step.new_secret()
    shop = container().config.storefront.shop_name or container().config.fallback_shop
    address = second_step.address(secret, account.name, f"{shop} checkout console")
    picture = segno.make(address, error="m").svg_inline(scale=4, border=4, light="#fff")
    return page(
        "console/access/set_up.html",
        voice,
        403 if word else 200,
        picture=Markup(picture),  # noqa: S704
        address=address,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        action=action,
        needed=is_needed(account),
        word=voice.say(word) if word else "",
    )


def kept(account: Account, action: str) -> Response:
    """The app is set up if its code is right: the person is signed in, and shown the recovery codes, once."""
    secret = session.get("totp", "")
    step = second_step.step_of(request.form.get("code", ""), secret, container().clock()) if secret else None
    if step is None:
        return setting_up(account, action, WRONG)
    codes = second_step.new_recovery_codes()
    digests = tuple(map(second_step.digest, codes))
    container().people.change(account.name, lambda now: replace(now, totp=secret, recovery=digests))
    container().people.use_code(account.name, step)
    log.info("second_step_on", who=account.name)
    enter(account.name)
    return page("console/access/recovery_codes.html", visitor(), codes=codes)
