"""Reading back line by line finds every difference from what the customer agreed to, in any order of lines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from fallback.domain.money import Money
from fallback.domain.order.cart import Line
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import PrimaryDelivery, PrimaryLine, PrimaryOrder, differences
from tests.builders import CUSTOMER, STANDARD, a_primary_order, an_order, wanted

SKUS = some.sampled_from(["BK-1", "BK-2", "BK-3"])
PRICES = some.integers(0, 3000)
A_LINE = some.builds(Line, sku=SKUS, title=some.just("A book"), quantity=some.integers(1, 9), unit_price=PRICES)
LINES = some.lists(A_LINE, min_size=1, max_size=6)


def there(order: Order, **changes: Any) -> PrimaryOrder:
    """The order as an honest primary reads it back, but for the changes."""
    return replace(wanted(order), **{"id": "1", "number": "100001", "status": "placed"} | changes)


@given(LINES, some.randoms())
def test_lines_in_another_order_are_no_difference(lines: list[Line], random: Any) -> None:
    order = an_order(lines=tuple(lines))
    mixed = list(there(order).lines)
    random.shuffle(mixed)

    assert differences(order, there(order, lines=tuple(mixed))) == ()
    assert there(order, lines=tuple(mixed)) == there(order)


@given(LINES)
def test_a_line_in_single_pieces_is_no_difference(lines: list[Line]) -> None:
    order = an_order(lines=tuple(lines))
    pieces = tuple(PrimaryLine(line.sku, 1, line.unit_price) for line in lines for _ in range(line.quantity))

    assert differences(order, there(order, lines=pieces)) == ()


@given(LINES, some.data())
def test_a_line_that_changed_is_named(lines: list[Line], data: Any) -> None:
    order = an_order(lines=tuple(lines))
    changed = list(there(order).lines)
    place = data.draw(some.integers(0, len(changed) - 1))
    change = data.draw(
        some.sampled_from([{"sku": "BK-9"}, {"quantity": 10}, {"quantity": 0}, {"unit_price": 3001}]), "change"
    )
    sku = changed[place].sku
    changed[place] = replace(changed[place], **change)

    assert any(sku in words for words in differences(order, there(order, lines=tuple(changed))))


@given(LINES, some.data())
def test_a_line_that_is_missing_or_too_many_is_named(lines: list[Line], data: Any) -> None:
    order = an_order(lines=tuple(lines))
    place = data.draw(some.integers(0, len(lines) - 1))
    line = there(order).lines[place]
    fewer = there(order).lines[:place] + there(order).lines[place + 1 :]
    more = (*there(order).lines, line)

    for changed in (fewer, more):
        (difference,) = differences(order, there(order, lines=changed))
        assert difference.startswith(f"{line.sku} at {Money(line.unit_price, order.currency)}: ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"currency": "GBP"}, "currency: EUR agreed, GBP there"),
        ({"total": 1}, "total: 30.93 EUR agreed, 0.01 EUR there"),
        ({"delivery": PrimaryDelivery("express", "2026-11-23-am")}, "delivery: standard agreed, express there"),
        ({"delivery": PrimaryDelivery("standard", "noon")}, "slot: 2026-11-23-am agreed, noon there"),
        ({"delivery": PrimaryDelivery("standard")}, "slot: 2026-11-23-am agreed, None there"),
        ({"cart_id": "basket-2"}, "cart: basket-1 agreed, basket-2 there"),
        ({"ref": None}, "ref: FB-7K3M-92QX-5 agreed, None there"),
        ({"status": "cancelled"}, "status: cancelled there"),
    ],
)
def test_a_field_that_changed_is_named(changes: dict[str, Any], words: str) -> None:
    order = an_order(ref="FB-7K3M-92QX-5", cart_id="basket-1")

    assert differences(order, there(order, **changes)) == (words,)


def test_a_slot_that_nobody_chose_is_a_difference() -> None:
    order = an_order(delivery=replace(STANDARD, slot=None))

    assert differences(order, there(order, delivery=PrimaryDelivery("standard", "noon"))) == (
        "slot: None agreed, noon there",
    )


@pytest.mark.parametrize("status", ["placed", "packed", "shipped"])
def test_how_far_the_primary_is_with_it_is_no_difference(status: str) -> None:
    order = an_order()

    assert differences(order, there(order, status=status)) == ()


def test_another_address_names_the_fields_and_nothing_of_what_stands_in_them() -> None:
    order = an_order()
    elsewhere = replace(CUSTOMER.address, line1="2 Quay", city="York")

    assert differences(order, there(order, shipping_address=elsewhere)) == ("address: not as agreed (line1, city)",)


@pytest.mark.parametrize(
    "same",
    [
        None,
        replace(CUSTOMER.address, postal_code="hu1  1aa ", city="HULL"),
        replace(CUSTOMER.address, line2="", region=" "),
        replace(CUSTOMER.address, postal_code="hu11aa"),
        replace(CUSTOMER.address, postal_code="HU1-1AA"),
    ],
)
def test_an_address_that_is_set_otherwise_or_not_said_is_no_difference(same: Any) -> None:
    order = an_order()

    assert differences(order, there(order, shipping_address=same)) == ()


def test_the_number_of_a_house_is_not_what_its_digits_are_in_a_row() -> None:
    order = an_order(customer=replace(CUSTOMER, address=replace(CUSTOMER.address, line1="1/12 Quay")))
    elsewhere = replace(CUSTOMER.address, line1="11/2 Quay")
    assert differences(order, there(order, shipping_address=elsewhere)) == ("address: not as agreed (line1)",)


def test_the_same_text_in_another_normal_form_is_no_difference() -> None:
    order = an_order(customer=replace(CUSTOMER, address=replace(CUSTOMER.address, line1="Rue de l'E\u0301te\u0301 3")))

    there_in_nfc = replace(CUSTOMER.address, line1="Rue de l'\u00c9t\u00e9 3")
    assert differences(order, there(order, shipping_address=there_in_nfc)) == ()


def test_an_address_without_a_postcode_may_read_back_empty_or_null() -> None:
    order = an_order(customer=replace(CUSTOMER, address=replace(CUSTOMER.address, postal_code="", country="HK")))
    assert order.customer
    for said in ("", None):
        there = replace(order.customer.address, postal_code=said)
        assert differences(order, a_primary_order(order, shipping_address=there)) == ()


def test_a_company_counts_only_in_a_shop_that_has_a_field_for_it() -> None:
    order = an_order(customer=replace(CUSTOMER, address=replace(CUSTOMER.address, company="Murdoch Ltd")))
    for said, different in ((None, ()), ("murdoch ltd", ()), ("", ("address: not as agreed (company)",))):
        there = replace(CUSTOMER.address, company=said)
        assert differences(order, a_primary_order(order, shipping_address=there)) == different


def test_where_an_order_goes_nowhere_the_shop_may_say_what_it_likes() -> None:
    nowhere = replace(CUSTOMER.address, line1="", city="", postal_code="", country="")
    order = an_order(customer=replace(CUSTOMER, address=nowhere))
    assert differences(order, a_primary_order(order, shipping_address=CUSTOMER.address)) == ()
