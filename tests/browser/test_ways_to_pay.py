"""Not a card: Klarna on its page, with all that can happen there, and Google Pay in its window, on a small phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.people import PLACED_WITHIN, SOON, Customer
from tests.browser.whole_demo import WholeDemo
from tests.chromium import pays_with_google

ASKED, NOT_COMPLETED = "Please confirm the payment", "The payment was not completed"
WAITS, PLACED = "We have your order and keep it safe", "The shop has your order"


@pytest.fixture
def size() -> str:
    return "small phone"


def chooses_klarna(customer: Customer) -> None:
    customer.card_field.get_by_text("Klarna", exact=True).click()
    customer.card_field.get_by_label("Email").fill(customer.email)


def goes_to_klarna(customer: Customer) -> str:
    """Its page's address."""
    customer.reads(ASKED)
    customer.page.get_by_role("link", name="Confirm the payment").click()
    expect(customer.headline).to_contain_text("in 30 days", timeout=SOON)
    return customer.page.url


def presses(customer: Customer, button: str) -> None:
    customer.page.get_by_role("button", name=button, exact=True).click()


def test_klarna_and_google_pay_are_authorized_captured_released_and_refunded(demo: WholeDemo, visit: Visit) -> None:
    iris, ada = visit(), visit()
    for customer in (iris, ada):
        customer.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    for customer in (iris, ada):
        customer.check_out()
        customer.enters_their_address()

    chooses_klarna(iris)
    iris.buys()
    ref = iris.ref
    goes_to_klarna(iris)
    iris.closes_the_tab()
    iris.opens(iris.gets_mail("please complete the payment").link)
    goes_to_klarna(iris)
    presses(iris, "Cancel and go back to the shop")
    iris.reads(NOT_COMPLETED)
    iris.sees("You did not confirm the payment.")

    chooses_klarna(iris)
    presses(iris, "Pay now")
    klarna = goes_to_klarna(iris)
    presses(iris, "Buy")
    iris.reads(WAITS)
    iris.page.goto(klarna)
    iris.reads(WAITS)
    money = demo.money(ref)
    assert (money["authorized"], money["captured"], len(money["intents"])) == (1794, 0, 1)

    ada.card_field.get_by_text("Google Pay", exact=True).click()
    with ada.page.expect_popup() as wallet:
        ada.buys()
    pays_with_google(wallet.value)
    released = ada.ref
    ada.reads(WAITS)
    assert demo.money(released)["authorized"] == 1794
    ada.cancels()
    ada.reads("Your order is cancelled")
    assert demo.money(released)["voided"] == 1

    demo.heal("shop")
    iris.reads(PLACED, within=PLACED_WITHIN)
    assert demo.money(ref)["captures"] == 1
    iris.cancels()
    iris.reads("Your order is cancelled and refunded", within=PLACED_WITHIN)
    assert demo.money(ref)["refunded"] == 1794
