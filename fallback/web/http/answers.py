"""The HTTP API's response types: the views encode them, /openapi.json describes them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from flask import Response
from msgspec import UNSET, Struct, UnsetType

from fallback.domain.order.cart import Delivery, Line
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Customer, Decline, PaymentState, PlacementState
from fallback.domain.outage.mode import Mode

_ENCODER = msgspec.json.Encoder()


class Total(Struct, frozen=True):
    """`amount` in minor units of `currency` (ISO 4217), delivery included."""

    amount: int
    currency: str


class PaymentBrief(Struct, frozen=True):
    state: PaymentState


class PlacementBrief(Struct, frozen=True):
    state: PlacementState


class Receipt(Struct, frozen=True):
    """The order was captured. Made of what never changes, so that an equal request gets an equal answer.

    `status_url` opens the order's page without an account: it is for the customer only.
    """

    ref: str
    payment: PaymentBrief
    placement: PlacementBrief
    total: Total
    status_url: str
    received_at: datetime
    status: Literal["received"] = "received"


class OrderBrief(Struct, frozen=True):
    """What anyone who knows the ref may see."""

    ref: str
    status: Headline
    payment: PaymentBrief
    placement: PlacementBrief
    total: Total
    received_at: datetime


class PaymentInFull(Struct, frozen=True):
    """Amounts in minor units. `next_action_url`: where the bank asks. `pay_by`: when it ends unless paid."""

    state: PaymentState
    authorized: int
    captured: int
    refunded: int
    decline: Decline | None
    next_action_url: str | None
    pay_by: datetime | None = None


class PlacementInFull(Struct, frozen=True):
    """`number` is the shop's own."""

    state: PlacementState
    number: str | None


class HoldBrief(Struct, frozen=True):
    """Why the order waits for a person, and by when the customer hears next."""

    code: HoldCode
    next_word_by: datetime


class OrderInFull(Struct, frozen=True):
    """What anyone with the order's link may see. `customer` is null once the personal data was erased.

    `asked_for`: what shall be changed and is not confirmed by the shop yet: 'delivery', 'shipping_address lines', …
    """

    ref: str
    status: Headline
    payment: PaymentInFull
    placement: PlacementInFull
    total: Total
    received_at: datetime
    status_url: str
    holds: tuple[HoldBrief, ...]
    lines: tuple[Line, ...]
    delivery: Delivery
    customer: Customer | None
    asked_for: str | None = None


class Purchase(Struct, frozen=True):
    """The order that stands for a cart."""

    cart_id: str
    ref: str
    status: Headline
    order_url: str
    captured: Literal[True] = True


class ModeNow(Struct, frozen=True):
    """`serves`: who gets the customers' checkout requests."""

    mode: Mode
    since: datetime
    serves: Literal["primary", "fallback"]


class StatusNow(Struct, frozen=True):
    """`sentence`: by language; `url`: the page that says more. `trouble`: the shop fails some, and still serves."""

    status: Literal["usual", "trouble", "helping", "catching_up"]
    since: datetime
    sentence: dict[str, str]
    url: str


class ReadyNow(Struct, frozen=True):
    """`problems`: why no order can be accepted safely now, each in a sentence."""

    ready: bool
    problems: tuple[str, ...]


class First(Struct, frozen=True):
    """What moved the purchase last: by whom (a name, or 'customer', 'worker', 'stripe', 'primary'), in a sentence."""

    who: str
    what: str
    at: datetime


class ProblemDetails(Struct, frozen=True):
    """RFC 9457. `code` is the stable word, `type` leads to what it means; the others stand where they say more.

    `first`, `order`: for who came too late, what has happened and how the order stands now.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | UnsetType = UNSET
    ref: str | UnsetType = UNSET
    status_url: str | UnsetType = UNSET
    cart_id: str | UnsetType = UNSET
    captured: bool | UnsetType = UNSET
    first: First | UnsetType = UNSET
    order: OrderInFull | UnsetType = UNSET


def encode(answer: Struct) -> bytes:
    return _ENCODER.encode(answer)


def respond(answer: Struct, status: int = 200) -> Response:
    return Response(encode(answer), status, mimetype="application/json")
