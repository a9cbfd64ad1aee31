"""GET /v1/orders: a help desk's software finds orders, to show them beside a conversation. Read only."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta, Struct
from werkzeug.datastructures import MultiDict

from fallback.domain.checkout.mail_addresses import readable
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order
from fallback.ledger.order.views import OrderFilter, Place
from fallback.web.http.answers import (
    FoundOrder,
    FoundOrders,
    FoundPayment,
    HoldBrief,
    PlacementInFull,
    Total,
    respond,
)
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.limits import limited
from fallback.web.http.problems import Problem
from fallback.web.http.strict_json import refuse

blueprint = Blueprint("order_search", __name__, url_prefix="/v1")

MOST = 100
_CURSOR = msgspec.json.Decoder(tuple[float, str])


class _Query(Struct, frozen=True, forbid_unknown_fields=True):
    """`since`: received then or later. `after`: the `next` of the page before."""

    email: Annotated[str, Meta(min_length=1, max_length=254)] = ""
    state: Headline | None = None
    since: Annotated[datetime, Meta(tz=True)] | None = None
    after: Annotated[str, Meta(min_length=1, max_length=200)] = ""
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 50


@blueprint.get("/orders")
@limited(lambda _: 600)
@allow(Rule.SEARCH)
def find() -> Response:
    """Newest first. No order is shown twice or left out because others come and go between two pages."""
    asked = _read(request.args)
    wanted = OrderFilter(email=_address(asked.email), headline=asked.state, since=asked.since)
    page = container().views.page(wanted, _place(asked.after), asked.limit)
    following = _cursor(page.next) if page.next else None
    found = FoundOrders(tuple(map(_shown, page.rows)), following, tuple(page.unread.refs))
    response = respond(found)
    response.headers["Cache-Control"] = "no-store"
    return response


def _read(args: MultiDict[str, str]) -> _Query:
    given = args.to_dict()
    if "since" in given:  # an unescaped '+' of a time zone arrives as a space
        given["since"] = given["since"].replace(" ", "+")
    try:
        return msgspec.convert(given, _Query, strict=False)
    except msgspec.ValidationError as error:
        refuse(str(error))


def _address(text: str) -> str:
    try:
        return readable(text) if text else ""
    except ValueError:
        raise Problem(400, "invalid", "This is not an e-mail address.", field="email") from None


def _cursor(place: Place) -> str:
    return urlsafe_b64encode(msgspec.json.encode((place.score, place.ref))).decode().rstrip("=")


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    try:
        text = urlsafe_b64decode(f"{cursor}{'=' * (-len(cursor) % 4)}")
        return Place(*_CURSOR.decode(text))
    except (ValueError, msgspec.DecodeError):
        raise Problem(400, "invalid", "Send `after` as you received it in `next`.", field="after") from None


def _shown(order: Order) -> FoundOrder:
    payment = order.payment
    return FoundOrder(
        ref=order.ref,
        status=headline(order),
        payment=FoundPayment(payment.state, payment.authorized, payment.captured, payment.refunded),
        placement=PlacementInFull(order.placement.state, order.placement.number),
        total=Total(order.total.amount, order.total.currency),
        received_at=order.received_at,
        holds=tuple(HoldBrief(hold.code, hold.next_word_by) for hold in order.holds),
        owner=order.owner,
        console_url=container().links.console(order.ref),
    )
