"""/orders/language: the buttons at the foot of each page. Proxies send what is below /orders/ to us."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from fallback.web.http import languages
from fallback.web.http.auth import Rule, allow

blueprint = Blueprint("language", __name__)


@blueprint.post("/orders/language")
@allow(Rule.PUBLIC)
def choose() -> Response:
    """Back to the page, in the language that was chosen."""
    answer = redirect(_own(request.form.get("to", "")), 303)
    languages.remember(answer, request.form.get(languages.FIELD, ""))
    return answer


def _own(page: str) -> str:
    """An address of ours, or that of the status page: a form of other people could send visitors anywhere else.

    Browsers read any number of slashes as two, and a backslash as a slash (https://url.spec.whatwg.org).
    """
    own = page.startswith("/") and not page.startswith("//") and "\\" not in page and page.isprintable()
    return page if own else "/status"
