"""Pages for people: in their language, never kept by a cache, since each is about one person's cart or order."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Response, current_app, g, request, stream_with_context
from jinja2 import Template

from fallback import i18n
from fallback.web.http.problem_words import CART_PROBLEMS, NOTHING_ORDERED, OTHERWISE, PROBLEMS
from fallback.web.http.static_files import asset
from fallback.web.http.voice import Voice, hear

# A proxy that gathers a page before it sends it would hide one that is sent as it is filled.
NOT_KEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def visitor() -> Voice:
    """The voice that the browser asks for."""
    return voice_in(hear(request.accept_languages.values()))


def voice_in(locale: str) -> Voice:
    """The voice in which an order's or a form's customer is spoken to; its times are those of the shop."""
    return Voice(locale, current_app.extensions["container"].zone)


def page(template: str, voice: Voice, status: int = 200, /, **rows: Any) -> Response:
    """A template filled with presenter rows. Who has just this page already gets 304 (RFC 9110, 13.1.2)."""
    body = _template(template, voice).render(_shown(voice, rows)).encode()
    response = Response(body, status, mimetype="text/html", headers=NOT_KEPT)
    if status != 200 or request.method != "GET":
        return response
    tag = sha256(body).hexdigest()[:16]
    return unchanged(tag) or tagged(response, tag)


def tagged(response: Response, tag: str) -> Response:
    """With the ETag by which an open page asks whether it still says how things stand."""
    response.set_etag(tag)
    return response


def unchanged(tag: str) -> Response | None:
    """304, if that is what the browser has."""
    if request.if_none_match.contains_weak(tag):
        return tagged(Response(status=304, headers=NOT_KEPT), tag)
    return None


def streamed(template: str, voice: Voice, /, **rows: Any) -> Response:
    """A template that is sent as it is filled, for rows that take their time to come."""
    pieces = _template(template, voice).generate(_shown(voice, rows))
    return Response(stream_with_context(pieces), mimetype="text/html", headers=NOT_KEPT)


def _template(name: str, voice: Voice) -> Template:
    return i18n.environment(voice.language).get_template(name)


def _shown(voice: Voice, rows: Mapping[str, Any]) -> dict[str, Any]:
    config = current_app.extensions["container"].config
    shop = {"shop_url": config.fallback_shop_url, "shop_name": config.fallback_shop_name}
    return {"asset": asset, "lang": voice.lang, "person": g.get("person"), "zone": voice.zone, **shop, **rows}


def problem_page(code: str, status: int) -> Response:
    """What a person reads when something stands in the way."""
    voice, words = visitor(), PROBLEMS.get(code, OTHERWISE)
    sentences = [words.text, NOTHING_ORDERED] if code in CART_PROBLEMS else [words.text]
    # Only what was asked for by GET can be asked for again by a link.
    again = request.full_path if code == "try_again" and request.method == "GET" else None
    return page(
        "http/problem.html",
        voice,
        status,
        title=voice.say(words.title),
        sentences=[voice.say(sentence) for sentence in sentences],
        again=again,
    )
