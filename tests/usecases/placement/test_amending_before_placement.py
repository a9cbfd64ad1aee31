"""A change before the placement takes effect at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.checkout.requests import ChangeOrder, DeliveryChoice
from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.payment.set_aside import SetAside, set_aside
from tests.builders import SLOT
from tests.fakes.gateway import VISA
from tests.usecases.placement.amending import BY_BIKE, BY_COURIER, ELSEWHERE, ONE_BOOK, the_shop_has, with_offers
from tests.usecases.world import TOTAL, an_authorized_order, an_order_with


def test_before_placement_a_change_is_part_of_the_order_at_once() -> None:
    world = with_offers(an_authorized_order())
    world.the_customer_changes(BY_BIKE)
    world.the_customer_changes(ELSEWHERE)
    assert world.order.amendment is None
    world.time_passes()
    assert the_shop_has(world) == ("2 Quay", "bike", 2, TOTAL)
    assert world.primary.calls["amend"] == 0
    assert world.is_settled()


def test_fewer_pieces_take_less_of_what_is_set_aside() -> None:
    world = with_offers(an_authorized_order())
    world.the_customer_changes(ONE_BOOK)
    assert (world.order.payment.amount, world.order.payment.authorized) == (TOTAL - 1299, TOTAL)
    assert set_aside(world.order) == SetAside(TOTAL, TOTAL - 1299, 1299)
    [changed] = [event for event in world.ledger.timeline(world.ref) if event.what == "changed"]
    assert changed.data == {"what": "lines", "amount": TOTAL - 1299, "before": TOTAL}
    world.time_passes(timedelta(minutes=1), Queue.NOTICE)
    assert world.mails[-1] is NoticeKind.CHANGED
    world.time_passes()
    assert set_aside(world.order) is None
    assert (world.headline, world.captured, len(world.gateway.intents)) == (Headline.SETTLED, TOTAL - 1299, 1)


def test_a_dearer_delivery_is_not_placed_before_the_new_sum_is_set_aside() -> None:
    world = with_offers(an_authorized_order())
    world.the_customer_changes(BY_COURIER)
    assert set_aside(world.order) == SetAside(TOTAL, 0, TOTAL)
    world.time_passes(timedelta(hours=1))
    assert NoticeKind.CHANGED not in world.mails  # the mail that asks for the card names both sums
    assert (world.headline, world.orders_there, world.authorized) == (Headline.PAYMENT_NEEDED, 0, 0)
    assert world.order.payment.decline
    assert (world.order.payment.decline.code, world.order.payment.outgrown) == ("amount_raised", TOTAL)
    assert world.mails[-1] is NoticeKind.PAYMENT_NEEDED
    assert world.told[-2:] == ["changed", "released"]
    world.the_customer_gives(VISA)
    world.time_passes()
    assert (world.headline, world.captured, world.orders_there) == (Headline.SETTLED, TOTAL - 495 + 790, 1)
    assert world.order.payment.outgrown == 0


def test_a_dearer_order_asks_for_the_new_sum_also_when_it_is_not_paid_yet() -> None:
    world = with_offers(an_order_with(None))
    world.the_customer_changes(BY_COURIER)
    world.the_customer_gives(VISA)
    world.time_passes()
    assert (world.headline, world.captured) == (Headline.SETTLED, TOTAL - 495 + 790)


def test_the_sum_does_not_change_under_a_call_to_the_bank() -> None:
    world = with_offers(an_order_with())
    with pytest.raises(NotAllowedNow):
        world.the_customer_changes(ONE_BOOK)
    world.the_customer_changes(ELSEWHERE)


@pytest.mark.parametrize(
    ("requested", "field", "code"),
    [
        (ChangeOrder(quantities=(3,)), "quantities.0", "more_than_ordered"),
        (ChangeOrder(quantities=(0,)), "quantities", "nothing_left"),
        (ChangeOrder(quantities=(1, 1)), "quantities", "other_lines"),
        (ChangeOrder(delivery=DeliveryChoice("drone")), "delivery.id", "unknown_delivery"),
        (ChangeOrder(delivery=DeliveryChoice("courier")), "delivery.slot", "unknown_slot"),
        (ChangeOrder(delivery=DeliveryChoice("courier", "never")), "delivery.slot", "unknown_slot"),
    ],
)
def test_what_cannot_be_had_names_its_field(requested: ChangeOrder, field: str, code: str) -> None:
    world = with_offers(an_authorized_order())
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(requested)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_time_that_has_begun_is_not_on_offer_any_more() -> None:
    world = with_offers(an_authorized_order())
    world.now = SLOT.starts
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(BY_COURIER)
    assert refused.value.code == "unknown_slot"
