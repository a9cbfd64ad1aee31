"""/console: all orders, a page at a time."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import UnknownOrder
from fallback.domain.lifecycle import Headline
from fallback.domain.people import Permission
from fallback.domain.refs import parse_ref
from fallback.web.auth import allow, container
from fallback.web.console import rows
from fallback.web.pages import page, visitor

blueprint = Blueprint("desk", __name__, url_prefix="/console")

ORDERS_PER_PAGE = 50


@blueprint.get("")
@allow(Permission.SEE)
def orders() -> AnyResponse:
    """Newest first, a page at a time; `find` leads to the one order with that ref."""
    find = request.args.get("find", "").strip()
    if find:
        return _find(find)
    return _list(request.args.get("headline"), request.args.get("before", type=int))


def _find(text: str) -> AnyResponse:
    ref = parse_ref(text)
    try:
        if ref:
            container().views.by_ref(ref)
            return redirect(url_for("order_page.show", ref=ref), 303)
    except UnknownOrder:
        pass
    return _list(None, None, missed=text)


def _list(wanted: str | None, before: int | None, missed: str = "") -> Response:
    voice = visitor()
    headline = Headline(wanted) if wanted in list(Headline) else None
    found = container().views.newest(before, ORDERS_PER_PAGE, headline)
    return page(
        "console/orders.html",
        voice,
        rows=rows.order_rows(found.rows, voice),
        filters=rows.filter_rows(found.counts, headline, voice),
        headline=headline or "",
        next=found.next,
        first=before is None,
        missed=missed,
    )
