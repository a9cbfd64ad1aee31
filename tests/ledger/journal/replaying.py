"""Orders that a process of one machine takes into its journal, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fallback.bootstrap.container import Container
from fallback.bootstrap.journal import tend
from fallback.domain.checkout.journal import JournalSettings
from fallback.domain.checkout.requests import CardPayment, Contact, DeliveryChoice, PlaceOrder, ShippingAddress
from fallback.domain.order.order import NoticeKind
from fallback.usecases.checkout.place_order import place_order
from tests.builders import a_cart
from tests.ledger.world import a_container
from tests.redis_server import RedisServer

AWAY = "redis://127.0.0.1:1/0"

Machine = Callable[..., Container]


def orders(built: Container, key: str = "key", body: str = "body", card: bool = True, **of_cart: Any) -> Any:
    """What the customer is told."""
    requested = PlaceOrder(
        cart_token="a.cart.token",
        contact=Contact("Iris Murdoch", "iris@example.org"),
        shipping_address=ShippingAddress("1 Quay", "Hull", "HU1 1AA", country="GB"),
        delivery=DeliveryChoice("standard"),
        payment=CardPayment("ctoken_1") if card else "later",
    )
    return place_order(built, requested, a_cart(**of_cart), key, body, maybe_taken=False)[1]


def closed(built: Container) -> None:
    """The process is over: what it wrote is there for the next one."""
    assert built.journal

    built.journal.replay(lambda _: False)


def replayed(machine: Machine, *processes: Container) -> Container:
    for each in processes:
        closed(each)
    built = machine(there=True)
    tend(built)
    assert built.journal
    assert built.journal.state().entries == 0
    return built


def told(built: Container, ref: str) -> list[str]:
    return [event.what for event in built.ledger.timeline(ref)]


def mails(built: Container, ref: str) -> list[NoticeKind]:
    return [notice.kind for notice in built.ledger.load(ref).notices]


def replayed_and_left(machine: Machine) -> tuple[Container, str]:
    """An order that the ledger has, and whose segment is still there."""
    away = machine()
    ref = orders(away).ref
    closed(away)
    [segment] = Path(away.config.journal.directory).glob("*.segment")
    written = segment.read_bytes()
    built = replayed(machine)
    segment.write_bytes(written)
    return built, ref


def two_machines(tmp_path: Path, redis_server: RedisServer) -> tuple[Machine, Machine]:
    def on(name: str) -> Machine:
        journal = JournalSettings(str(tmp_path / name))
        return lambda there=False: a_container(redis_server.url if there else AWAY, serves=True, journal=journal)

    return on("one"), on("other")
