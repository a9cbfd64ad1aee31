"""/console/runbooks: the runbooks of ops/runbooks as pages."""

from __future__ import annotations

import re
from functools import cache

from flask import Blueprint, Response, abort
from markdown_it import MarkdownIt
from markupsafe import Markup

from fallback.domain.support.accounts import Permission
from fallback.runtime.data import ROOT, RUNBOOKS
from fallback.web.http.auth import allow
from fallback.web.http.pages import page, visitor

PAGES = {path.stem: path for path in RUNBOOKS.glob("*.md")}
START = "README"

blueprint = Blueprint("runbooks", __name__, url_prefix="/console/runbooks")


@blueprint.get("/", defaults={"name": START})
@blueprint.get("/<name>")
@allow(Permission.SEE)
def show(name: str) -> Response:
    if name not in PAGES:
        abort(404)
    return page("console/oncall/runbook.html", visitor(), text=_html(name), title=_title(name))


def address(runbook: str) -> str:
    return "/console/runbooks/" if runbook == START else f"/console/runbooks/{runbook}"


@cache
def _html(name: str) -> Markup:
    """Links to other runbooks lead to their pages; files that have none are named by their path."""
    # A long command is scrolled by keyboard too.
    html = (
        MarkdownIt("commonmark").enable("table").render(PAGES[name].read_text()).replace("<pre>", '<pre tabindex="0">')
    )
    return Markup(re.sub(r'<a href="([^"]*)">(.*?)</a>', _link, html))  # noqa: S704 - our own files


def _link(found: re.Match[str]) -> str:
    to, text = found.groups()
    if "://" in to:
        return found[0]
    if to.removesuffix(".md") in PAGES:
        return f'<a href="{address(to.removesuffix(".md"))}">{text}</a>'
    return f"{text} (<code>{(RUNBOOKS / to).resolve().relative_to(ROOT)}</code>)"


def _title(name: str) -> str:
    return PAGES[name].read_text().partition("\n")[0].lstrip("# ")
