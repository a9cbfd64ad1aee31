"""A new contact takes effect at once, and the primary is told if it supports that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, Contact
from fallback.domain.errors import Refused
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind
from fallback.usecases.order.take_back_change import take_back_change
from tests.usecases.placement.amending import ELSEWHERE, a_settled_order, of_changes, the_shop_has, with_offers
from tests.usecases.world import World, an_authorized_order

NEW_MAIL = ChangeOrder(contact=Contact("Iris Murdoch", "murdoch@example.org", "+44 1482 000 111"))


def the_shop_writes_to(world: World) -> tuple[str | None, str | None]:
    there = world.primary.orders[world.ref]
    return there.email, there.phone


def test_their_new_address_counts_at_once_and_reaches_the_shop() -> None:
    world = a_settled_order()
    world.the_customer_changes(NEW_MAIL)
    assert world.order.customer.email == "murdoch@example.org"
    assert the_shop_writes_to(world)[0] == "iris@example.org"
    world.time_passes()
    assert the_shop_writes_to(world) == ("murdoch@example.org", "+44 1482 000 111")
    assert world.told[-2:] == ["changed", "contact_there"]
    assert world.is_settled()
    assert of_changes(world) == []


def test_a_shop_that_can_just_this_hears_of_it() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"amend", "contact"})
    world.the_customer_changes(NEW_MAIL)
    world.time_passes()
    assert the_shop_writes_to(world)[0] == "murdoch@example.org"


@pytest.mark.parametrize("can", [{"amend", "cancel"}, {"cancel", "contact"}])
def test_a_shop_that_cannot_hear_of_it_keeps_what_it_had_and_nothing_stops(can: set[str]) -> None:
    world = a_settled_order()
    world.primary.can = frozenset(can)
    world.the_customer_changes(NEW_MAIL)
    world.time_passes()
    assert the_shop_writes_to(world)[0] == "iris@example.org"
    assert world.order.customer.email == "murdoch@example.org"
    assert (world.told[-1], world.primary.calls["amend"], world.holds) == ("contact_kept_here", 0, [])
    assert world.is_settled()


def test_goods_that_have_left_do_not_keep_our_mails_from_them() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.the_customer_changes(NEW_MAIL)
    world.time_passes()
    assert (world.told[-1], world.holds) == ("contact_kept_here", [])
    assert world.order.customer.email == "murdoch@example.org"


def test_a_shop_that_has_another_address_after_all_is_caught() -> None:
    world = a_settled_order()
    world.primary.amend = lambda *_: None
    world.the_customer_changes(NEW_MAIL)
    world.time_passes(timedelta(minutes=5))
    assert world.holds == [HoldCode.MISMATCH]
    assert world.order.holds[0].detail == "contact: not as agreed (email)"


def test_the_contact_may_change_while_the_order_is_being_placed() -> None:
    world = with_offers(an_authorized_order())
    world.meanwhile("primary", "place", lambda: world.the_customer_changes(NEW_MAIL))
    world.time_passes()
    assert the_shop_writes_to(world)[0] == "murdoch@example.org"
    assert world.is_settled()


def test_a_customer_may_change_the_contact_after_a_cancellation() -> None:
    world = a_settled_order()
    world.the_customer_cancels()
    world.time_passes()
    world.the_customer_changes(NEW_MAIL)
    assert world.order.customer.email == "murdoch@example.org"
    assert (world.order.amendment, world.headline) == (None, Headline.REFUNDED)


def test_with_another_change_it_goes_to_the_shop_together() -> None:
    world = a_settled_order()
    world.the_customer_changes(replace(NEW_MAIL, shipping_address=ELSEWHERE.shipping_address))
    world.time_passes()
    assert the_shop_has(world)[0] == "2 Quay"
    assert the_shop_writes_to(world)[0] == "murdoch@example.org"
    assert (world.primary.calls["amend"], of_changes(world)) == (1, [NoticeKind.CHANGED])


def test_a_change_that_is_taken_back_leaves_their_new_address() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("out_of_stock"))
    world.the_customer_changes(replace(NEW_MAIL, shipping_address=ELSEWHERE.shipping_address))
    world.shifts_work()
    take_back_change(world.container, world.ref, "Ann", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert (the_shop_has(world)[0], the_shop_writes_to(world)[0]) == ("1 Quay", "murdoch@example.org")
    assert of_changes(world) == [NoticeKind.NOT_CHANGED]
    assert world.is_settled()
