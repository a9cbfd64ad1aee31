"""What can be chosen for a change, and where an order may move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, DeliveryChoice, ShippingAddress
from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.cart import Discount
from fallback.domain.order.order import Order
from fallback.domain.placement import changes
from tests.builders import BOOK, CUSTOMER, NOW, SLOT, STANDARD
from tests.domain.placement.test_changes import BIKE, COURIER, ELSEWHERE, STONE, changed, ours, theirs
from tests.refusals import refused

BY_BIKE = replace(STANDARD, id="bike")


# --- what is on offer


def test_offered_is_what_could_be_chosen_with_the_times_still_to_come() -> None:
    order = theirs()
    assert [option.id for option in changes.offers(order, NOW)] == ["bike"]
    assert [option.id for option in changes.offers(ours(), NOW)] == ["bike", "courier"]
    [_, courier] = changes.offers(ours(), SLOT.starts)
    assert [slot.id for slot in courier.slots] == ["later"]
    assert [option.id for option in changes.offers(ours(), SLOT.ends)] == ["bike"]
    assert changes.offers(ours(cancel_asked=True), NOW) == ()


def test_one_piece_less_can_be_asked_for_where_something_is_left_to_pay_for() -> None:
    assert changes.may_take_lines_away(ours(), NOW)
    assert not changes.may_take_lines_away(ours(lines=(replace(BOOK, quantity=1),)), NOW)
    assert changes.may_take_lines_away(ours(lines=(replace(BOOK, quantity=1), STONE)), NOW)
    assert not changes.may_take_lines_away(ours(discounts=(Discount("Spring", 1),)), NOW)


def test_of_many_lines_one_of_each_price_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[ChangeOrder] = []

    def refuse(_: Order, requested: ChangeOrder, *others: Any) -> None:
        tried.append(requested)
        raise NotAllowedNow("waiting", "change")

    monkeypatch.setattr(changes, "change", refuse)
    many = tuple(replace(BOOK, sku=f"BK-{place}", quantity=1 + place % 2) for place in range(100))
    assert not changes.may_take_lines_away(ours(lines=(*many, STONE)), NOW)
    assert len(tried) == 2


def test_a_change_that_was_asked_for_counts_as_done_when_the_next_is_asked_for() -> None:
    one = Amendment(who="customer", since=NOW, what="lines", lines=(replace(BOOK, quantity=1),))
    assert not changes.may_take_lines_away(theirs(amendment=one), NOW + timedelta(seconds=1))


# --- another country


ABROAD = ShippingAddress("2 Speicherstadt", "Hamburg", "20457", country="DE")


def test_an_order_moves_within_the_places_that_its_tax_was_signed_for() -> None:
    for places in ((), ("GB", "DE")):
        assert changed(ours(taxed_for=places), shipping_address=ABROAD).customer.address.country == "DE"
    with refused("shipping_address.country", "taxed_elsewhere", "The tax of another country may be another one."):
        changed(ours(taxed_for=("GB",)), shipping_address=ABROAD)


def test_an_order_moves_within_the_part_of_a_country_that_its_tax_and_its_delivery_are_for() -> None:
    order = ours(taxed_for=("US-CA",), options=(replace(BIKE, countries=("US-CA",)),), delivery=BY_BIKE)
    california = ShippingAddress("1 Pier", "San Francisco", "94111", country="US", region="CA")
    assert changed(order, shipping_address=california).customer.address.city == "San Francisco"
    with refused("shipping_address.country", "taxed_elsewhere", "The tax of another country may be another one."):
        changed(order, shipping_address=replace(california, city="Reno", postal_code="89501", region="NV"))


def test_an_order_moves_to_where_its_delivery_option_goes() -> None:
    british = replace(BIKE, countries=("GB",))
    order = ours(options=(british, COURIER), delivery=BY_BIKE)
    assert changed(order, shipping_address=ELSEWHERE).customer.address.line1 == "2 Quay"
    gone = "This delivery option does not go to this country."
    with refused("shipping_address.country", "not_delivered_there", gone):
        changed(order, shipping_address=ABROAD)
    moved = changed(ours(options=(british, COURIER)), shipping_address=ABROAD)
    with refused("delivery.id", "not_delivered_there", gone):
        changed(moved, delivery=DeliveryChoice("bike"))


def test_an_order_without_an_address_stays_so() -> None:
    fetched = replace(BIKE, id="fetched", needs_address=False)
    nowhere = replace(CUSTOMER, address=replace(CUSTOMER.address, line1="", city="", postal_code="", country=""))
    order = ours(options=(fetched, BIKE), customer=nowhere)
    assert not changes.may_change_address(order)
    assert changed(order, delivery=DeliveryChoice("fetched")).delivery.id == "fetched"
    with refused("delivery.id", "address_missing", "This delivery option needs an address."):
        changed(order, delivery=DeliveryChoice("bike"))
