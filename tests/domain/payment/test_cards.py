"""The cards of an order, and the code for each reason to refuse one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.order.amendment import Amendment
from fallback.domain.order.card_given import CardGiven
from fallback.domain.order.cart import Delivery
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order, PaymentState, PlacementState
from fallback.domain.payment import cards
from fallback.domain.payment.cards import CARDS_PER_ORDER
from tests.builders import CUSTOMER, NOW, a_payment, an_order
from tests.refusals import not_now, refused

P = PaymentState
UNPAID = an_order(payment=a_payment(P.ACTION_REQUIRED, cards=0))
GIVEN_UP = "This order was cancelled or merged. No payment is needed."
FREE = "This order costs nothing. No card is needed."
UNDER_WAY = "Another card is being processed. Read the order again in a few seconds before you send a card."


def test_an_order_keeps_only_a_fingerprint_of_a_card() -> None:
    """The prints are in the documents of orders: another length or alphabet, and each of them would be unknown."""
    assert cards.given("pm_card_visa") == CardGiven("CsNIUT9OZhl2jBiX")
    assert cards.given("pm_card_visa", "key-1") == CardGiven("CsNIUT9OZhl2jBiX", "vil0VGl443OebW2o")


def test_a_card_counts_once_however_often_it_is_sent() -> None:
    first = cards.give(UNPAID, "pm_card_visa", NOW, "customer", "key-1")
    assert first
    assert (first.order.payment.token, first.order.payment.cards) == ("pm_card_visa", 1)
    assert first.order.payment.given == (cards.given("pm_card_visa", "key-1"),)
    assert cards.give(first.order, "pm_card_visa", NOW, "customer", "key-1") is None
    assert cards.give(first.order, "pm_card_visa", NOW, "customer", "key-2") is None


def test_a_card_may_come_without_a_key() -> None:
    first = cards.give(UNPAID, "pm_card_visa", NOW, "customer")
    assert first
    assert first.order.payment.given == (cards.given("pm_card_visa"),)


def test_an_order_of_the_version_before_knows_the_card_that_is_under_way() -> None:
    order = an_order(payment=a_payment(P.PENDING, token="pm_card_visa"))
    assert cards.give(order, "pm_card_visa", NOW, "customer") is None


def test_a_key_that_came_with_another_card_is_refused() -> None:
    order = replace(UNPAID, payment=replace(UNPAID.payment, given=(cards.given("pm_card_visa", "key-1"),)))
    with refused("Idempotency-Key", "idempotency_key_reused", "This key was already used with another card."):
        cards.give(order, "pm_card_mastercard", NOW, "customer", "key-1")
    assert cards.give(order, "pm_card_mastercard", NOW, "customer", "key-2")
    without_key = replace(order, payment=replace(order.payment, given=(cards.given("pm_card_visa"),)))
    assert cards.give(without_key, "pm_card_mastercard", NOW, "customer")


@pytest.mark.parametrize(
    ("order", "state", "code", "detail"),
    [
        (replace(UNPAID, cancel_asked=True), Headline.UNDOING, "order_given_up", GIVEN_UP),
        (replace(UNPAID, placement=an_order(placement=PlacementState.MERGED).placement), Headline.UNDOING,
         "order_given_up", GIVEN_UP),
        (an_order(payment=a_payment(P.REFUNDED)), Headline.REFUNDED, "order_given_up", GIVEN_UP),
        (an_order(payment=a_payment(P.NONE, amount=0)), Headline.WAITING, "nothing_to_pay", FREE),
        (an_order(payment=a_payment(P.AUTHORIZED)), Headline.WAITING, "already_paid",
         "This order is already paid. No other card is needed."),
        (an_order(payment=a_payment(P.CAPTURED)), Headline.WAITING, "already_paid",
         "This order is already paid. No other card is needed."),
        (an_order(payment=a_payment(P.PENDING)), Headline.RECEIVED, "card_under_way", UNDER_WAY),
        (an_order(payment=a_payment(P.UNKNOWN)), Headline.CHECKING, "card_under_way", UNDER_WAY),
    ],
)  # fmt: skip
def test_why_no_card_is_taken_is_told(order: Order, state: Headline, code: str, detail: str) -> None:
    with not_now(state, "card_given", code, detail):
        cards.give(order, "pm_another", NOW, "customer")


def test_what_is_to_cost_nothing_once_it_is_changed_needs_no_card() -> None:
    for_nothing = Amendment(
        who="customer", since=NOW, what="lines", lines=(), delivery=Delivery("bike", "By bicycle", 0)
    )
    order = an_order(
        customer=CUSTOMER,
        payment=a_payment(P.ACTION_REQUIRED, amount=495),
        lines=(),
        amendment=for_nothing,
    )
    with not_now(Headline.PAYMENT_NEEDED, "card_given", "nothing_to_pay", FREE):
        cards.give(order, "pm_another", NOW, "customer")


def test_nobody_tries_cards_without_end() -> None:
    tried = replace(UNPAID, payment=replace(UNPAID.payment, cards=CARDS_PER_ORDER))
    with refused("payment", "too_many_cards", "Too many cards were tried. Please choose to pay later."):
        cards.give(tried, "pm_another", NOW, "customer")
    last = replace(UNPAID, payment=replace(UNPAID.payment, cards=CARDS_PER_ORDER - 1))
    assert cards.give(last, "pm_another", NOW, "customer")
