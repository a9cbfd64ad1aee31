"""The order's page, where the customer has their money back: by a refund, or because their bank took it back."""

from __future__ import annotations

from typing import Any

import pytest

from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Order
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.web.customer.order_page import P, S, WithLink

REFUNDED = "We have refunded €30.93 to the card that you paid with."
TAKEN_BACK = "Your bank has returned €30.93 to you."


def lost(amount: int) -> tuple[Concern, ...]:
    """A dispute that the customer's bank decided for them."""
    return (Concern("du_1", ConcernKind.DISPUTE, ConcernState.UPHELD, NOW, amount=amount),)


def taken_back(state: P = P.CAPTURED, **changes: Any) -> Order:
    return an_order(payment=a_payment(state, refunded=0), concerns=lost(3093), **changes)


@pytest.mark.parametrize(
    ("refunded", "amount", "told"),
    [
        (0, 3093, TAKEN_BACK),
        (2093, 1000, "We have refunded €20.93 to the card that you paid with. Your bank has returned €10.00 to you."),
    ],
)
@pytest.mark.parametrize("placement", [S.CANCELLED, S.MERGED])
def test_what_the_bank_took_back_was_not_refunded_to_the_card(
    with_link: WithLink, placement: S, refunded: int, amount: int, told: str
) -> None:
    order = an_order(payment=a_payment(P.REFUNDED, refunded=refunded), placement=placement, concerns=lost(amount))
    said = with_link(order).open().one("div", id="status").text
    assert told in said
    assert "€0.00" not in said


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (an_order(payment=a_payment(P.REFUNDED), placement=S.VERIFIED, cancel_asked=True), REFUNDED),
        (taken_back(placement=S.VERIFIED, cancel_asked=True), TAKEN_BACK),
        (taken_back(placement=S.CANCELLED), TAKEN_BACK),
        (
            an_order(
                payment=a_payment(P.CAPTURED, refunded=1000),
                placement=S.VERIFIED,
                concerns=lost(2093),
                cancel_asked=True,
            ),
            "We have refunded €10.00 to the card that you paid with. Your bank has returned €20.93 to you.",
        ),
    ],
    ids=["refunded before", "taken back before", "taken back", "both before"],
)
def test_of_an_order_that_is_being_cancelled_nothing_is_said_to_go_back_twice(
    with_link: WithLink, order: Order, told: str
) -> None:
    page = with_link(order).open()
    assert page.title == "We are cancelling your order"
    assert told in page.one("div", id="status").text
    assert "will be refunded" not in page.text
    assert [line for line in page.all("li", **{"class": "ahead"}) if "refunded" in line.text] == []


def test_while_a_person_decides_what_the_bank_took_back_was_not_refunded_to_the_card(with_link: WithLink) -> None:
    payment = a_payment(P.REFUNDED, refunded=2093)
    order = an_order(payment=payment, concerns=lost(1000), holds=(a_hold(HoldCode.PRICE_CHANGED),))
    page = with_link(order).open()
    assert (
        "We have refunded €20.93 to the card that you paid with. Your bank has returned €10.00 to you."
        in page.one("div", id="status").text
    )


def test_what_was_charged_stays_said_of_an_order_that_the_shop_keeps(with_link: WithLink) -> None:
    said = with_link(taken_back(placement=S.VERIFIED)).open().one("div", id="status").text
    assert "You were charged €30.93." in said


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (an_order(payment=a_payment(P.REFUNDED), placement=S.VERIFIED), REFUNDED),
        (taken_back(placement=S.VERIFIED), TAKEN_BACK),
        (
            an_order(payment=a_payment(P.CAPTURED, refunded=1000), placement=S.VERIFIED, concerns=lost(2093)),
            "We have refunded €10.00 to the card that you paid with. Your bank has returned €20.93 to you.",
        ),
    ],
)
def test_before_it_is_cancelled_no_refund_is_promised_of_money_that_is_back(
    with_link: WithLink, order: Order, told: str
) -> None:
    asked = with_link(order).open("/cancellation")
    assert told in asked.text
    assert "We refund" not in asked.text
