"""Pages for people: in their language, never kept by a cache, since each is about one person's cart or order."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, request

from fallback import i18n
from fallback.web.problem_words import CART_PROBLEMS, NOTHING_ORDERED, OTHERWISE, PROBLEMS
from fallback.web.static_files import asset
from fallback.web.voice import Voice, hear


def visitor() -> Voice:
    """The voice that the browser asks for."""
    return voice_in(hear(request.accept_languages.values()))


def voice_in(locale: str) -> Voice:
    """The voice in which an order's or a form's customer is spoken to; its times are those of the shop."""
    return Voice(locale, current_app.extensions["container"].zone)


def page(template: str, voice: Voice, status: int = 200, /, **rows: Any) -> Response:
    """A template filled with presenter rows."""
    config = current_app.extensions["container"].config
    shop = {"shop_url": config.fallback_shop_url, "shop_name": config.fallback_shop_name}
    shown = {"asset": asset, "lang": voice.lang, "person": g.get("person"), "zone": voice.zone, **shop, **rows}
    body = i18n.environment(voice.language).get_template(template).render(shown)
    return Response(body, status, mimetype="text/html", headers={"Cache-Control": "no-store"})


def problem_page(code: str, status: int) -> Response:
    """What a person reads when something stands in the way."""
    voice, words = visitor(), PROBLEMS.get(code, OTHERWISE)
    sentences = [words.text, NOTHING_ORDERED] if code in CART_PROBLEMS else [words.text]
    # Only what was asked for by GET can be asked for again by a link.
    again = request.full_path if code == "try_again" and request.method == "GET" else None
    return page(
        "problem.html",
        voice,
        status,
        title=voice.say(words.title),
        sentences=[voice.say(sentence) for sentence in sentences],
        again=again,
    )
