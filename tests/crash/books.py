"""What all sides say of our orders: the ledger, Stripe (the sandbox), the shop (its contract) and the mail sink."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import requests
from msgspec import Struct

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Event, Order
from fallback.domain.placement.matching import PrimaryOrder
from ops.demo.mail_sink import mails

SECONDS = 30
PAGE = 200


class SeenIntent(Struct, frozen=True):
    id: str
    status: str
    amount: int


class Money(Struct, frozen=True):
    """What Stripe has done for one ref, in minor units. `captures` counts charges whose money was taken."""

    intents: tuple[SeenIntent, ...] = ()
    currency: str | None = None
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    captures: int = 0


class Books(Struct, frozen=True):
    """Orders, timelines and money by ref; `shop`: all that it ever took; `mails`: the Message-ID of each mail."""

    orders: dict[str, Order]
    timelines: dict[str, list[Event]]
    money: dict[str, Money]
    shop: list[PrimaryOrder]
    mails: list[str]
    money_without_ref: int = 0


class _Summary(Struct):
    orders: dict[str, Money]
    without_ref: int


class _Listing(Struct):
    orders: list[PrimaryOrder]
    next: str | None = None


def read_books(container: Container, mail: Path) -> Books:
    """Read them when nothing is due: the sides are asked one after the other. `mail` is the sink's directory."""
    orders = {order.ref: order for order in _ledger(container)}
    summary = _summary(container.config.stripe_api_base)
    return Books(
        orders=orders,
        timelines={ref: container.ledger.timeline(ref) for ref in orders},
        money=summary.orders,
        shop=list(_shop(container.config.primary_url, container.config.shop_token)),
        mails=[str(each["Message-ID"]).strip() for each in mails(mail)],
        money_without_ref=summary.without_ref,
    )


def _ledger(container: Container) -> Iterator[Order]:
    return container.views.each()


def _summary(stripe: str) -> _Summary:
    with requests.get(f"{stripe}/_sandbox/summary", timeout=SECONDS) as answer:
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=_Summary)


def _shop(url: str, token: str) -> Iterator[PrimaryOrder]:
    query = {"since": "2000-01-01T00:00:00Z", "limit": str(PAGE)}
    headers = {"Authorization": f"Bearer {token}"}
    after: str | None = ""
    while after is not None:
        more = {"after": after} if after else {}
        with requests.get(f"{url}/fallback/v1/orders", query | more, headers=headers, timeout=SECONDS) as answer:
            answer.raise_for_status()
            page = msgspec.json.decode(answer.content, type=_Listing)
        yield from page.orders
        after = page.next
