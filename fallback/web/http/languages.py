"""The language of a page: chosen at its foot, else the one that the browser asks for, else the first of the shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response

from fallback import i18n
from fallback.web.http.voice import asked_for, hear

COOKIE = "fallback_language"
REMEMBERED = timedelta(days=365)
# The field of the buttons at the foot.
FIELD = "language"


def offered() -> Sequence[str]:
    """Those that the shop offers its customers; to colleagues, all."""
    chosen: tuple[str, ...] = current_app.extensions["container"].config.storefront.customer_languages
    return i18n.LANGUAGES if request.path.startswith("/console") else chosen or i18n.LANGUAGES


def of_visitor() -> str:
    """The locale: also with the region that the browser names, where it names this language."""
    wanted, chosen = asked_for(request.headers.get("Accept-Language", "")), _chosen()
    same = [tag for tag in wanted if chosen and tag[:2].lower() == chosen]
    return hear([*same, chosen, *wanted], offered())


def of_order(locale: str) -> str:
    """The order has a language, which its mails keep; a visitor who chose another one reads the page in that."""
    chosen = _chosen()
    return chosen if chosen and chosen != i18n.language_of(locale) else locale


def remember(answer: Response, language: str) -> None:
    """It names no person. Where a page is not offered in it, it does not count."""
    if language in i18n.LANGUAGES:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(COOKIE, language, REMEMBERED, secure=secure, httponly=True, samesite="Lax")


def choices() -> list[tuple[str, str]]:
    """Codes, and the names that the languages give themselves."""
    return [(language, i18n.own_name(language)) for language in offered()] if len(offered()) > 1 else []


def here() -> str:
    """The address of this page, for the way back to it; empty if it was not opened but sent."""
    return request.full_path.removesuffix("?") if request.method == "GET" else ""


def _chosen() -> str:
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in offered() else ""
