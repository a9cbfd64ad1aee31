"""/console: the orders, read-only, for those who were given the console's token."""

from __future__ import annotations

from hmac import compare_digest

from flask import Blueprint, Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import UnknownOrder
from fallback.domain.lifecycle import Headline
from fallback.domain.order import Queue
from fallback.domain.refs import parse_ref
from fallback.web import console_rows, presenters
from fallback.web.auth import Rule, allow, container
from fallback.web.cart_rows import rows_of_order
from fallback.web.limits import limited
from fallback.web.pages import page, visitor

blueprint = Blueprint("console", __name__, url_prefix="/console")

ORDERS_PER_PAGE = 50


@blueprint.get("/sign-in")
@allow(Rule.PUBLIC)
def sign_in() -> Response:
    return page("console/sign_in.html", visitor(), wrong=False, next=request.args.get("next", ""))


@blueprint.post("/sign-in")
@limited(lambda _: 10)
@allow(Rule.PUBLIC)
def open_session() -> AnyResponse:
    given = request.form.get("token", "").strip()
    wanted = request.form.get("next", "")
    if not compare_digest(given.encode(), container().config.console_token.encode()):
        return page("console/sign_in.html", visitor(), 403, wrong=True, next=wanted)
    session.clear()
    session.permanent = True
    session["console"] = True
    # Only pages of the console: nobody is sent elsewhere by a link that leads through here.
    return redirect(wanted if wanted.startswith("/console/") else url_for("console.orders"), 303)


@blueprint.post("/sign-out")
@allow(Rule.CONSOLE)
def sign_out() -> AnyResponse:
    session.clear()
    return redirect(url_for("console.sign_in"), 303)


@blueprint.get("")
@allow(Rule.CONSOLE)
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
            return redirect(url_for("console.order", ref=ref), 303)
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
        rows=console_rows.order_rows(found.rows, voice),
        filters=console_rows.filter_rows(found.counts, headline, voice),
        headline=headline or "",
        next=found.next,
        first=before is None,
        missed=missed,
    )


@blueprint.get("/orders/<ref>")
@allow(Rule.CONSOLE)
def order(ref: str) -> Response:
    voice = visitor()
    order = container().views.by_ref(ref)
    return page(
        "console/order.html",
        voice,
        row=console_rows.order_row(order, voice),
        facts=console_rows.fact_rows(order, voice),
        events=console_rows.event_rows(container().ledger.timeline(ref), voice),
        cart=rows_of_order(order, voice, container().config.fallback_shop_url),
        agreed=presenters.agreed(order, voice),
    )


@blueprint.get("/oncall")
@allow(Rule.CONSOLE)
def oncall() -> Response:
    voice = visitor()
    mode = container().modes.read()
    due = {queue: container().ledger.count_due(queue, container().clock()) for queue in Queue}
    return page(
        "console/oncall.html",
        voice,
        mode=mode.mode,
        sentence=voice.say(console_rows.MODES[mode.mode]),
        since=voice.moment(mode.since),
        who=mode.who,
        reason=mode.reason,
        due=[(voice.say(console_rows.QUEUES[queue]), count) for queue, count in due.items()],
        problems=container().readiness.problems(),
    )
