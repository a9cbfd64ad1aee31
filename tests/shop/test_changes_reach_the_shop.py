"""A change of an order reaches this shop's database, and what somebody writes there by hand is caught."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest

from fallback.domain.checkout.requests import ChangeOrder, Contact, ShippingAddress
from fallback.domain.errors import TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, Queue
from fallback.usecases.order.take_back_change import take_back_change
from tests.reference_shop import primary_at
from tests.shop.running import TOKEN, Shop
from tests.usecases.world import TOTAL, World

CARTS = (f"changing-{number}" for number in count(1))
IN_HAMBURG = ChangeOrder(shipping_address=ShippingAddress("Speicherstadt 4", "Hamburg", "20457", country="DE"))
IN_BREMEN = ChangeOrder(shipping_address=ShippingAddress("Deichstrasse 9", "Bremen", "28195", country="DE"))
NEW_MAIL = ChangeOrder(contact=Contact("Iris Murdoch", "murdoch@example.org", "+49 1512 3456789"))
ONE_BOOK = ChangeOrder(quantities=(1,))


@pytest.fixture
def world(shop: Shop) -> Iterator[World]:
    """A customer has ordered two copies of BK-1 for a place in Germany; their payment is authorized."""
    world = World()
    world.primary = primary_at(shop.url, TOKEN)
    world.restart()
    world.a_customer_orders(cart_id=next(CARTS))
    world.the_customer_changes(IN_HAMBURG)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    yield world
    world.primary.cancel(world.ref)


def placed(world: World) -> World:
    """This shop has it as agreed; it is not paid yet."""
    world.gateway.fail_next("capture", TryAgain("away"))
    world.shifts_work(Queue.PLACEMENT)
    assert world.order.placement.number
    return world


def by_hand(shop: Shop, world: World) -> Callable[[], None]:
    """Somebody writes three copies into the order, in this shop's database."""

    def write() -> None:
        shop.sql(
            "update order_line set quantity = 3 where order_id = ("
            "select order_id from fallback_connect_purchase where ref = ?)",
            world.ref,
        )

    return write


def is_stopped(world: World) -> bool:
    world.time_passes(timedelta(minutes=10))
    assert world.holds == [HoldCode.MISMATCH]
    assert "3 there" in world.order.holds[0].detail
    return world.captured == 0 and world.headline is Headline.ON_HOLD


def test_a_change_is_done_when_this_shop_has_it(shop: Shop, world: World) -> None:
    placed(world)
    world.the_customer_changes(IN_BREMEN)
    world.the_customer_changes(ONE_BOOK)
    world.time_passes(timedelta(minutes=10))
    there = shop.call("GET", f"orders/{world.ref}").json()
    assert (there["shipping_address"]["city"], there["lines"][0]["quantity"]) == ("Bremen", 1)
    assert there["total"] == world.captured == TOTAL - 1299
    assert world.told.count("amended") == 1
    assert world.headline is Headline.SETTLED


def settled(world: World) -> World:
    world.time_passes(timedelta(minutes=1))
    assert (world.headline, world.captured) == (Headline.SETTLED, TOTAL)
    return world


def test_what_was_paid_too_much_goes_back_when_this_shop_has_the_change(shop: Shop, world: World) -> None:
    settled(world).the_customer_changes(ONE_BOOK)
    world.time_passes(timedelta(minutes=10))
    assert shop.call("GET", f"orders/{world.ref}").json()["total"] == world.captured == TOTAL - 1299
    assert (world.mails.count(NoticeKind.CHANGED), world.gateway.calls["refund"]) == (1, 1)


def test_nothing_goes_back_and_nothing_is_told_while_somebody_wrote_something_else(shop: Shop, world: World) -> None:
    settled(world)
    world.meanwhile("primary", "amend", by_hand(shop, world))
    world.the_customer_changes(ONE_BOOK)
    world.time_passes(timedelta(minutes=10))
    assert (world.holds, world.captured, world.order.grants) == ([HoldCode.MISMATCH], TOTAL, ())
    assert NoticeKind.CHANGED not in world.mails


def test_a_change_of_what_was_shipped_by_hand_is_taken_back_and_the_customer_is_told(shop: Shop, world: World) -> None:
    settled(world)
    the_order = "id = (select order_id from fallback_connect_purchase where ref = ?)"
    shop.sql(f"update order_order set status = 'Shipped' where {the_order}", world.ref)
    world.the_customer_changes(IN_BREMEN)
    world.time_passes(timedelta(minutes=10))
    assert world.holds == [HoldCode.ALREADY_SHIPPED]
    take_back_change(world.container, world.ref, "Ann", len(world.ledger.timeline(world.ref)))
    world.time_passes(timedelta(minutes=10))
    assert (world.mails.count(NoticeKind.NOT_CHANGED), world.headline) == (1, Headline.SETTLED)
    shop.sql(f"update order_order set status = 'Placed' where {the_order}", world.ref)


def test_this_shop_hears_how_the_customer_is_reached_now(shop: Shop, world: World) -> None:
    settled(world).the_customer_changes(NEW_MAIL)
    world.time_passes(timedelta(minutes=10))
    there = shop.call("GET", f"orders/{world.ref}").json()
    assert (there["email"], there["phone"]) == ("murdoch@example.org", "+4915123456789")
    assert world.told[-1] == "contact_there"


def test_what_is_written_by_hand_after_it_was_placed_is_caught(shop: Shop, world: World) -> None:
    world.meanwhile("primary", "place", by_hand(shop, world))
    assert is_stopped(world)
    assert "verified" not in world.told


def test_what_is_written_by_hand_before_the_capture_is_caught(shop: Shop, world: World) -> None:
    placed(world)
    by_hand(shop, world)()
    assert is_stopped(world)


def test_what_is_written_by_hand_after_it_was_amended_is_caught(shop: Shop, world: World) -> None:
    placed(world)
    world.the_customer_changes(IN_BREMEN)
    world.meanwhile("primary", "amend", by_hand(shop, world))
    assert is_stopped(world)
    assert "amended" not in world.told
    assert world.order.customer.address.city == "Hamburg"


def test_what_is_written_by_hand_between_the_change_and_the_capture_is_caught(shop: Shop, world: World) -> None:
    placed(world)
    world.gateway.fail_next("capture", TryAgain("away"))
    world.the_customer_changes(IN_BREMEN)
    world.shifts_work(Queue.PLACEMENT)
    assert "amended" in world.told
    by_hand(shop, world)()
    assert is_stopped(world)


def test_the_dashboard_shows_what_was_captured_and_given_back(shop: Shop, world: World) -> None:
    world.time_passes(timedelta(minutes=1))
    world.an_agent_gives_back(1_000)
    world.time_passes(timedelta(minutes=1))

    source = shop.sql(
        "select label, amount_debited, amount_refunded, reference from payment_source where order_id = ("
        "select order_id from fallback_connect_purchase where ref = ?)",
        world.ref,
    )
    assert [tuple(row) for row in source] == [("captured", TOTAL / 100, 10, world.intent_id)]
