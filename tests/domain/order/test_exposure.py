"""What an order takes of the shop's stock and of its trust, counted to the piece and to the cent."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Invalid, TryAgain
from fallback.domain.order.exposure import (
    PayFirst,
    SoldOut,
    Terms,
    WhenSoldOut,
    available,
    not_authorized,
    not_in_stock,
    not_unpaid,
    pieces,
    refused_alone,
    taken,
    waits_for_stock,
)
from fallback.domain.order.order import PaymentState, Placement, PlacementState
from tests.builders import BOOK, a_payment, an_order

P, S = PaymentState, PlacementState
FIVE = replace(BOOK, available=5)
CANCELLED = {"placement": S.CANCELLED, "payment": a_payment(P.VOIDED)}
LATE = {"late": ("BK-1",)}


def test_pieces_of_lines_with_the_same_sku_are_added_and_their_lower_stock_counts() -> None:
    lines = (FIVE, replace(FIVE, quantity=3, available=4), replace(BOOK, sku="PN-1"))
    assert pieces(lines) == {"BK-1": 5}
    assert available(lines) == {"BK-1": 4}


def test_an_order_that_is_over_gives_its_pieces_back() -> None:
    assert taken(an_order(lines=(FIVE,))) == {"BK-1": 2}
    assert taken(an_order(lines=(FIVE,), **CANCELLED)) == {}


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({}, ("BK-1",)),
        (CANCELLED, ()),
        ({"placement": S.PLACED}, ()),  # the shop has it, by its own number
        ({"placement": Placement(state=S.CANCELLED, number="100001"), "payment": a_payment(P.VOIDED)}, ()),
    ],
)
def test_an_item_may_be_late_until_the_shop_has_the_order(changes: dict[str, Any], waits: tuple[str, ...]) -> None:
    assert waits_for_stock(an_order(**LATE, **changes)) == waits


@pytest.mark.parametrize(
    ("payment", "sum_"),
    [
        (a_payment(P.NONE), 3093),
        (a_payment(P.UNKNOWN), 3093),
        (a_payment(P.AUTHORIZED), 0),
        (a_payment(P.UNKNOWN, authorized=3093), 0),  # its capture has no outcome yet
        (a_payment(P.UNKNOWN, captured=3093), 0),
        (a_payment(P.VOIDED), 0),
    ],
)
def test_a_sum_that_was_authorized_or_captured_once_is_promised(payment: Any, sum_: int) -> None:
    assert not_authorized(an_order(payment=payment)) == sum_


def test_a_limit_allows_an_order_of_just_this_sum() -> None:
    later = an_order(payment=a_payment(P.NONE))
    assert refused_alone(later, Terms(unpaid_order={"EUR": 3093})) is None
    assert refused_alone(later, Terms(unpaid_order={"EUR": 3092})) == PayFirst(with_card=False)
    assert refused_alone(later, Terms(unpaid_order={"USD": 1})) is None


def test_an_order_with_a_card_is_within_every_limit() -> None:
    with_card = an_order(payment=a_payment(P.PENDING))
    assert refused_alone(with_card, Terms(unpaid_order={"EUR": 1})) is None


def test_who_has_to_pay_first_is_told_whether_a_card_helps_now() -> None:
    without_card = not_unpaid(PayFirst(with_card=False))
    assert isinstance(without_card, Invalid)
    assert (without_card.field, without_card.code) == ("payment", "pay_first")
    assert without_card.detail == "This order can only be taken with a card, not to be paid later."
    with_card = not_unpaid(PayFirst(with_card=True))
    assert isinstance(with_card, TryAgain)
    assert (str(with_card), with_card.after) == ("no more is taken before cards can be charged again", 60)


def test_all_pieces_of_the_stock_can_be_ordered_at_once() -> None:
    refuse = Terms(sold_out=WhenSoldOut.REFUSE)
    assert refused_alone(an_order(lines=(FIVE, replace(FIVE, quantity=3))), refuse) is None
    assert refused_alone(an_order(lines=(FIVE, replace(FIVE, quantity=4))), refuse) == SoldOut({"BK-1": 5})


def test_a_refusal_names_every_item_that_does_not_suffice_and_the_line_of_the_first() -> None:
    pen = replace(BOOK, sku="PN-1", title="A pen")
    error = not_in_stock((replace(BOOK, sku="X"), pen, FIVE), SoldOut({"BK-1": 1, "PN-1": 0}))
    assert error.field == "lines.1"
    assert error.detail == "There is not enough in stock. A pen: 0 left. The Sea, the Sea: 1 left."
    assert error.left == {"BK-1": 1, "PN-1": 0}
