"""`python -m tests.workers.once order | erase`: one thing that a process of ours does, at the time of that process."""

from __future__ import annotations

import sys
from uuid import uuid4

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.checkout.requests import Contact, DeliveryChoice, PlaceOrder, ShippingAddress
from fallback.domain.order.ledger import Accepted
from fallback.usecases.checkout.place_order import place_order
from fallback.usecases.order.erase_overdue import erase_overdue
from tests.builders import a_cart


def order(container: Container) -> None:
    """Says its ref."""
    requested = PlaceOrder(
        cart_token="a.cart.token",
        contact=Contact("Iris Murdoch", "iris@example.org"),
        shipping_address=ShippingAddress("1 Quay", "Hull", "HU1 1AA", country="GB"),
        delivery=DeliveryChoice("standard"),
        payment="later",
    )
    _, answer = place_order(container, requested, a_cart(), uuid4().hex, "body", maybe_taken=False)
    assert isinstance(answer, Accepted)
    sys.stdout.write(answer.ref)


def erase(container: Container) -> None:
    erase_overdue(container)


if __name__ == "__main__":
    {"order": order, "erase": erase}[sys.argv[1]](Container(Config.from_env()))
