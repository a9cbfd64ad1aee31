"""Pages for people: in their language, and never cached, because each is about one person's cart or order."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Response, current_app, g, request, stream_with_context
from jinja2 import Template

from fallback import i18n
from fallback.web.http import languages
from fallback.web.http.compression import packed
from fallback.web.http.problem_words import CART_PROBLEMS, NOTHING_ORDERED, OTHERWISE, PROBLEMS
from fallback.web.http.static_files import asset, brand
from fallback.web.http.voice import Voice

# The same request may succeed later.
LATER = frozenset({"try_again", "too_many_requests"})
# A proxy that buffers responses would delay a streamed page.
NOT_KEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def visitor() -> Voice:
    """The voice for the language that the visitor chose, or that their browser requests."""
    return _voice(languages.of_visitor())


def voice_in(locale: str) -> Voice:
    """The voice for the customer of an order or a form."""
    return _voice(languages.of_order(locale))


def _voice(locale: str) -> Voice:
    """With times in the shop's time zone."""
    return Voice(locale, current_app.extensions["container"].zone)


def page(template: str, voice: Voice, status: int = 200, /, **rows: Any) -> Response:
    """A template filled with presenter rows, or 304 if the browser has this page already (RFC 9110, 13.1.2)."""
    body = _template(template, voice).render(_shown(voice, rows)).encode()
    response = Response(body, status, mimetype="text/html", headers=NOT_KEPT)
    if status != 200 or request.method != "GET":
        return packed(response)
    tag = sha256(body).hexdigest()[:16]
    return unchanged(tag) or tagged(packed(response), tag)


def tagged(response: Response, tag: str) -> Response:
    """Adds the ETag with which an open page checks whether it is still current. Weak: also of a compressed page."""
    response.set_etag(tag, weak=True)
    return response


def unchanged(tag: str) -> Response | None:
    """304 if the browser has this version."""
    if request.if_none_match.contains_weak(tag):
        return tagged(Response(status=304, headers=NOT_KEPT), tag)
    return None


def streamed(template: str, voice: Voice, /, **rows: Any) -> Response:
    """A template that is streamed while its rows are being computed."""
    pieces = _template(template, voice).generate(_shown(voice, rows))
    return Response(stream_with_context(pieces), mimetype="text/html", headers=NOT_KEPT)


def _template(name: str, voice: Voice) -> Template:
    return i18n.environment(voice.language).get_template(name)


def _shown(voice: Voice, rows: Mapping[str, Any]) -> dict[str, Any]:
    storefront = current_app.extensions["container"].config.storefront
    shop = {"shop_url": storefront.shop_url, "shop_name": storefront.shop_name, "storefront": storefront}
    return {
        "asset": asset,
        "brand": brand(storefront.shop_colour),
        "lang": voice.lang,
        "person": g.get("person"),
        "zone": voice.zone,
        "here": request.path,
        "here_again": languages.here(),
        "languages": languages.choices(),
        **shop,
        **rows,
    }


def problem_page(code: str, status: int) -> Response:
    """The page of a problem, for people."""
    voice, words = visitor(), PROBLEMS.get(code, OTHERWISE)
    sentences = [words.text, NOTHING_ORDERED] if code in CART_PROBLEMS else [words.text]
    # Only a GET request can be repeated with a link.
    again = request.full_path if code in LATER and request.method == "GET" else None
    return page(
        "http/problem.html",
        voice,
        status,
        title=voice.say(words.title),
        sentences=[voice.say(sentence) for sentence in sentences],
        again=again,
    )
