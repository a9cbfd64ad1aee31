"""Cards that do not simply work: the bank asks, the bank says no, Stripe is away."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.people import (
    BANK_ASKS_CARD,
    DECLINED_CARD,
    GOOD_CARD,
    OTHER_GOOD_CARD,
    PLACED_WITHIN,
    Customer,
)
from tests.browser.whole_demo import WholeDemo

WAITS = "We have your order and keep it safe"
BANK_ASKS = "Please confirm the payment"
DECLINED = "Your bank did not accept the payment"


@pytest.fixture
def at_checkout(demo: WholeDemo, iris: Customer) -> Customer:
    """Iris, whose shop has failed them on the way to its checkout."""
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    iris.is_at_our_checkout()
    return iris


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_bank_asks_and_the_customer_confirms(demo: WholeDemo, at_checkout: Customer) -> None:
    ref = at_checkout.orders_with(BANK_ASKS_CARD)
    at_checkout.reads(BANK_ASKS)
    assert demo.money(ref)["authorized"] == 0

    at_checkout.goes_to_their_bank()
    at_checkout.confirms_at_their_bank()

    at_checkout.reads(WAITS)
    assert demo.money(ref)["authorized"] == 1794


def test_the_bank_asks_in_vain_and_another_card_pays(demo: WholeDemo, at_checkout: Customer) -> None:
    ref = at_checkout.orders_with(BANK_ASKS_CARD)
    at_checkout.goes_to_their_bank()
    at_checkout.fails_at_their_bank()
    at_checkout.reads(DECLINED)

    at_checkout.pays_with(GOOD_CARD)

    at_checkout.reads(WAITS)
    assert demo.money(ref)["authorized"] == 1794


def test_who_leaves_before_it_is_paid_comes_back_by_the_mail(demo: WholeDemo, visit: Visit) -> None:
    iris, ada = visit(), visit()
    for customer in (iris, ada):
        customer.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    for customer, card, title in ((iris, BANK_ASKS_CARD, BANK_ASKS), (ada, DECLINED_CARD, DECLINED)):
        customer.check_out()
        customer.orders_with(card)
        customer.reads(title)
    iris.goes_to_their_bank()
    for customer in (iris, ada):
        customer.closes_the_tab()

    for customer in (iris, ada):
        customer.opens(customer.gets_mail("please complete the payment").link)
    iris.goes_to_their_bank()
    iris.confirms_at_their_bank()
    ada.pays_with(GOOD_CARD)

    iris.reads(WAITS)
    ada.reads(WAITS)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_declined_card_and_then_a_good_one(demo: WholeDemo, at_checkout: Customer) -> None:
    ref = at_checkout.orders_with(DECLINED_CARD)
    at_checkout.reads(DECLINED)
    at_checkout.sees("Nothing was charged")

    at_checkout.pays_with(OTHER_GOOD_CARD)

    at_checkout.reads(WAITS)
    assert demo.money(ref)["declines"] == 1
    assert demo.money(ref)["authorized"] == 1794


def test_without_stripe_the_customer_orders_and_pays_later(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    demo.break_("stripe")
    iris.watch.forgive("/v3/")
    iris.check_out()
    iris.sees("we cannot reach our payment provider")
    iris.enters_their_address()
    iris.buys()
    ref = iris.ref
    iris.reads("We have your order, but it is not paid yet")
    iris.sees("we cannot reach our payment provider")
    iris.closes_the_tab()

    demo.heal("stripe")
    iris.opens(iris.gets_mail("we have received your order").link)
    iris.pays_with(GOOD_CARD)

    iris.reads(WAITS)
    assert demo.money(ref)["authorized"] == 1794


def test_an_order_whose_card_was_taken_before_stripe_fell_is_authorized_by_itself(
    demo: WholeDemo, at_checkout: Customer
) -> None:
    demo.break_stripe_at("/v1/payment_intents*", kind="error_before")
    ref = at_checkout.orders_with(GOOD_CARD)
    at_checkout.is_at_our_checkout("Thank you, we have your order")
    at_checkout.gets_mail("we have received your order")
    assert demo.money(ref)["authorized"] == 0

    demo.heal("stripe")

    at_checkout.reads(WAITS, within=PLACED_WITHIN)
    assert demo.money(ref)["authorized"] == 1794
