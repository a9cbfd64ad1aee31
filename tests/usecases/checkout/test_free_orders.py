"""A free order is placed like any other, and nobody is asked to pay."""

from __future__ import annotations

from typing import Any

import pytest

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.cart import DeliveryOption, Discount, Totals
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PaymentState
from tests.fakes.gateway import VISA
from tests.usecases.world import World

FREE: dict[str, Any] = {
    "discounts": (Discount("Voucher", 2598),),
    "totals": Totals(2598, 2598, 319, 0),
    "delivery": (DeliveryOption("standard", "Free delivery", 0),),
}


def a_free_order(card: str | None = None) -> World:
    world = World()
    world.a_customer_orders(card, **FREE)
    return world


@pytest.mark.parametrize("card", [None, VISA], ids=["to pay later", "with a card"])
def test_a_free_order_is_placed_and_settled_without_a_payment(card: str | None) -> None:
    world = a_free_order(card)
    assert world.headline is Headline.WAITING
    world.time_passes()
    assert world.headline is Headline.SETTLED
    assert world.orders_there == 1
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PLACED]
    assert not world.holds
    assert not world.gateway.calls["create"]


def test_no_card_is_taken_for_it() -> None:
    world = a_free_order()
    with pytest.raises(NotAllowedNow):
        world.the_customer_gives()


def test_it_can_be_undone_before_and_after_the_shop_has_it() -> None:
    for placed in (False, True):
        world = a_free_order()
        if placed:
            world.time_passes()
        world.the_customer_cancels()
        world.time_passes()
        assert world.headline is Headline.CANCELLED
        assert world.order.payment.state is PaymentState.VOIDED
