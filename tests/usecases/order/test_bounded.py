"""The number of changes to an order is limited, but the customer can always complete or cancel it."""

from __future__ import annotations

import pytest

from fallback.domain.checkout.requests import ChangeOrder, ShippingAddress
from fallback.domain.errors import TooMuch
from fallback.domain.order.bounded import MOST, MOST_FOR_CUSTOMERS
from fallback.domain.order.lifecycle import Headline
from fallback.usecases.order.change_order import change_order
from fallback.usecases.support.add_note import add_note
from fallback.usecases.support.ask_question import ask_question
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.usecases.world import World, an_authorized_order, an_order_with


def moved(to: int) -> ChangeOrder:
    return ChangeOrder(shipping_address=ShippingAddress(f"{to} Quay", "Hull", "HU1 1AA", country="GB"))


def changed_without_end(world: World) -> int:
    """How often they could."""
    for times in range(2 * MOST):
        try:
            world.the_customer_changes(moved(to=times + 2))
        except TooMuch:
            return times
    raise AssertionError("there is no end to it")


def test_the_number_of_changes_to_an_order_is_limited() -> None:
    world = an_authorized_order()
    assert 100 < changed_without_end(world) < MOST_FOR_CUSTOMERS
    assert len(world.ledger.timeline(world.ref)) < 2 * MOST_FOR_CUSTOMERS


def test_a_customer_who_reached_the_limit_of_changes_can_still_cancel() -> None:
    world = an_authorized_order()
    changed_without_end(world)
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()


def test_who_can_change_nothing_more_can_pay_and_ask_a_person_and_is_helped() -> None:
    world = an_order_with(card=None)
    changed_without_end(world)
    world.the_customer_gives(VISA)
    ask_question(world.container, world.ref, "Where does it go?", None)
    change_order(world.container, world.ref, moved(to=1), "Ann", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert world.headline is Headline.SETTLED


def test_people_of_ours_come_to_an_end_too_and_the_order_goes_its_way() -> None:
    world = an_authorized_order()
    while world.order.version < MOST:
        world.ledger.commit(world.order, world.order, ())
    with pytest.raises(TooMuch):
        add_note(world.container, world.ref, "Again", "Ann")
    world.time_passes()
    assert world.is_settled()


def test_whoever_comes_back_from_the_bank_again_and_again_writes_one_line() -> None:
    world = an_order_with(THREE_D_SECURE)
    world.shifts_work()
    for _ in range(50):
        world.the_customer_comes_back()
    assert world.told.count("back_from_bank") == 1


def test_repeated_returns_from_the_bank_write_a_limited_number_of_events() -> None:
    world = an_order_with(THREE_D_SECURE)
    for _ in range(MOST_FOR_CUSTOMERS):
        world.shifts_work()
        world.the_customer_comes_back()
    assert world.told.count("back_from_bank") < MOST_FOR_CUSTOMERS
    world.the_bank_asks_and_the_customer(passes=True)
    world.the_customer_comes_back()
    world.time_passes()
    assert world.is_settled()
