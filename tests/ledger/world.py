"""Builders for the ledger's tests: a ledger as the application builds it, and orders as customers send them."""

from __future__ import annotations

from typing import Any

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Address, Customer, NoticeKind, Order, Payment, PaymentState
from fallback.ledger.order.ledger import RedisLedger
from tests.builders import NOW, an_order
from tests.web.world import a_config

IRIS = Customer(
    name="Iris Murdoch",
    email="Iris.Murdoch@example.org",
    address=Address("Dame Iris Murdoch", "1 Lighthouse Quay", "Kingston", "HU1 1AA", "GB", line2="Rear door"),
    phone="+44 1482 300300",
    note="Please ring twice",
)


_connected: list[Container] = []


def a_container(redis_url: str, serves: bool = False, **settings: Any) -> Container:
    """Its clock stands still where tests begin. `serves`: as a web process, not as a command."""
    built = Container(a_config(redis_url=redis_url, **settings), serves=serves)
    built.clock = lambda: NOW
    _connected.append(built)
    return built


def hang_up() -> None:
    """Close the connections of all that were made."""
    while _connected:
        _connected.pop().redis.close()


def a_ledger(redis_url: str, **settings: Any) -> RedisLedger:
    return a_container(redis_url, **settings).ledger


def a_new_order(**changes: Any) -> Order:
    """An order as intake makes it: a card was given, nothing was paid yet, a notice is due."""
    payment = Payment(amount=3093, state=PaymentState.PENDING, token="ctoken_1", cards=1)
    return queue_notice(an_order(**({"payment": payment, "customer": IRIS} | changes)), NoticeKind.RECEIVED, NOW)


def accepted(ledger: RedisLedger, order: Order | None = None) -> Order:
    """The order as it stands in the ledger, after a customer sent it under a key of its own."""
    order = order or a_new_order()
    ledger.accept(order, f"key-{order.ref}", "print")
    return ledger.load(order.ref)


def acknowledged(ledger: RedisLedger, **changes: Any) -> Order | None:
    """A new order, if the ledger took it now."""
    order = a_new_order(**changes)
    try:
        ledger.accept(order, order.ref, "print")
    except TryAgain:
        return None
    return order
