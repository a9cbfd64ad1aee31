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
from fallback.domain.order.withdrawal import WithdrawalState, WithdrawnLine
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
    """The order was accepted. Contains only what never changes, so that a repeated request gets the same response.

    `status_url` opens the order's page without an account. Give it to the customer only.
    """

    ref: str
    payment: PaymentBrief
    placement: PlacementBrief
    total: Total
    status_url: str
    received_at: datetime
    status: Literal["received"] = "received"


class OrderBrief(Struct, frozen=True):
    """The part of an order that anyone who knows the ref may see."""

    ref: str
    status: Headline
    payment: PaymentBrief
    placement: PlacementBrief
    total: Total
    received_at: datetime


class PaymentInFull(Struct, frozen=True):
    """Amounts in minor units. `next_action_url`: the page where the bank asks for confirmation. `pay_by`: the order is
    cancelled if it is not paid by then.
    """

    state: PaymentState
    authorized: int
    captured: int
    refunded: int
    decline: Decline | None
    next_action_url: str | None
    pay_by: datetime | None = None


class PlacementInFull(Struct, frozen=True):
    """`number`: the shop's order number."""

    state: PlacementState
    number: str | None


class HoldBrief(Struct, frozen=True):
    """Why the order waits for an agent, and when the customer gets the next message at the latest."""

    code: HoldCode
    next_word_by: datetime


class HoldInFull(HoldBrief, frozen=True):
    """`about`: the question that the customer is asked about another order. It goes with the answer."""

    about: str | None


class WithdrawnInFull(Struct, frozen=True):
    """One statement, as it was received."""

    received_at: datetime
    lines: tuple[WithdrawnLine, ...]


class WithdrawalInFull(Struct, frozen=True):
    """The customer's withdrawal from the contract. `asked`: the shop is told next, `by_hand` by a person; `told`: it
    knows; `undone`: it never had the goods in an order.
    """

    state: WithdrawalState
    statements: tuple[WithdrawnInFull, ...]


class OrderInFull(Struct, frozen=True):
    """The order for everyone who has its link. `customer` is null once the personal data was erased.

    `late`: SKUs of which the shop may not have enough, so that they may be delivered later, or not at all.

    `asked_for`: the requested changes that the shop has not confirmed yet: 'delivery', 'shipping_address lines', …
    """

    ref: str
    status: Headline
    payment: PaymentInFull
    placement: PlacementInFull
    total: Total
    received_at: datetime
    status_url: str
    holds: tuple[HoldInFull, ...]
    lines: tuple[Line, ...]
    delivery: Delivery
    customer: Customer | None
    asked_for: str | None = None
    late: tuple[str, ...] = ()
    withdrawal: WithdrawalInFull | None = None


class FoundPayment(Struct, frozen=True):
    """Amounts in minor units."""

    state: PaymentState
    authorized: int
    captured: int
    refunded: int


class FoundOrder(Struct, frozen=True):
    """An order as a help desk sees it: no name, no address, no link with which it could be changed.

    `owner`: the agent or team that is responsible. `console_url`: its page for agents, who sign in there.
    """

    ref: str
    status: Headline
    payment: FoundPayment
    placement: PlacementInFull
    total: Total
    received_at: datetime
    holds: tuple[HoldBrief, ...]
    owner: str
    console_url: str


class FoundOrders(Struct, frozen=True):
    """A page of orders, newest first. `next`: send it as `after` for the following page; null at the end.

    `unread`: refs of orders that belong on this page and cannot be read now. On the first page for an
    e-mail address, all that are known to be unreadable: they may be this customer's.
    """

    orders: tuple[FoundOrder, ...]
    next: str | None
    unread: tuple[str, ...]


class Purchase(Struct, frozen=True):
    """The order that we have for a cart."""

    cart_id: str
    ref: str
    status: Headline
    order_url: str
    captured: Literal[True] = True


class CartKept(Struct, frozen=True):
    """`fallback_cart`: what the shop sets as cookie of this name, instead of the token.

    `kept_until`: until then it can be bought; during an incident longer.
    """

    cart_id: str
    fallback_cart: str
    kept_until: datetime


class ModeNow(Struct, frozen=True, omit_defaults=True):
    """`serves`: which system receives the checkout requests of customers. `since`: null if it was never switched.

    `known_at`: the ledger is away; this was the mode when it last answered.
    """

    mode: Mode
    since: datetime | None
    serves: Literal["primary", "fallback"]
    known_at: datetime | None = None


class StatusUpdate(Struct, frozen=True):
    """A line that on call wrote for customers. `next_by`: when the next one was promised, or null."""

    at: datetime
    text: str
    next_by: datetime | None


class PlannedMaintenance(Struct, frozen=True):
    begins: datetime
    ends: datetime
    text: str


class StatusNow(Struct, frozen=True, omit_defaults=True):
    """`sentence`: by language. `url`: a page with details. `trouble`: some requests to the shop fail. `known_at`: the
    ledger is away; this was the status when it last answered. `unknown`: it is away, and was never seen.

    `since`: null if there has been no outage yet. `updates`: newest first, of the last 7 days. `maintenance`: to come
    or under way, the next first.
    """

    status: Literal["usual", "trouble", "helping", "catching_up", "unknown"]
    since: datetime | None
    sentence: dict[str, str]
    url: str
    updates: list[StatusUpdate]
    maintenance: list[PlannedMaintenance]
    known_at: datetime | None = None


class ReadyNow(Struct, frozen=True):
    """`problems`: the reasons why orders cannot be accepted safely now, one sentence each.

    `durability`: what keeps an acknowledged order. `redis`: what Redis says of itself; 'unknown' where it does not.
    `journal`: what the journal of this machine has taken that Redis does not have yet; or that its directory is
    another shop's.
    """

    ready: bool
    problems: tuple[str, ...]
    durability: str
    redis: dict[str, str]
    journal: Literal["off", "nothing", "orders", "full", "broken", "another_shops"] = "off"


class First(Struct, frozen=True):
    """The last event of the purchase. `who`: a name, 'customer', 'worker', 'stripe', 'primary'. `what`: a sentence."""

    who: str
    what: str
    at: datetime


class ProblemDetails(Struct, frozen=True):
    """RFC 9457. `code` is stable, `type` links to its meaning. The other fields are set where they apply.

    `first`, `order`: after a conflict, the event that came first and the order as it is now.
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
