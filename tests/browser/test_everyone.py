"""Usable by everyone: without JavaScript, by keyboard, on a small screen, with a screen reader."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import barriers
from tests.browser.conftest import Visit
from tests.browser.people import BANK_ASKS_CARD, DECLINED_CARD, GOOD_CARD, PLACED_WITHIN, Customer
from tests.browser.whole_demo import WholeDemo


def test_without_javascript_the_customer_orders_and_cancels(demo: WholeDemo, visit: Visit) -> None:
    iris = visit(java_script_enabled=False)
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    expect(iris.page.locator("noscript .note")).to_be_visible()
    iris.enters_their_address(name="4242 4242 4242 4242", email="iris@example")
    iris.buys()

    iris.sees("There is a problem")
    iris.page.get_by_role("link", name="This looks like a card number").click()
    expect(iris.field("contact.name")).to_be_focused()
    expect(iris.field("contact.name")).to_have_value("")
    iris.enters_their_address()
    iris.buys()
    iris.reads("We have your order, but it is not paid yet")

    iris.cancels()
    iris.page.goto(iris.page.url)
    iris.reads("Your order is cancelled")


def test_by_keyboard_alone(demo: WholeDemo, visit: Visit) -> None:
    iris = visit(has_touch=False, is_mobile=False)
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    expect(iris.card_field.get_by_label("Card number")).to_be_visible()
    for focused, keys in [("contact.email", iris.email), ("contact.name", "Iris Murdoch")]:
        tab_to(iris, focused)
        iris.page.keyboard.type(keys)
    tab_to(iris, "shipping_address.country")
    # One letter again and again: of a word, a browser forgets the first letters when the machine is slow.
    while iris.field("shipping_address.country").input_value() != "DE":
        iris.page.keyboard.press("g")
    # The fields of a country on the way there may lack the city.
    expect(iris.page.locator("[id='shipping_address.fields'][data-by-country=DE]")).to_be_visible()
    for focused, keys in [
        ("shipping_address.line1", "Speicherstadt 4"),
        ("shipping_address.postal_code", "20457"),
        ("shipping_address.city", "Hamburg"),
    ]:
        tab_to(iris, focused)
        iris.page.keyboard.type(keys)
    tab_to(iris, "payment")
    iris.page.keyboard.press("Tab")  # the ways to pay, which are one stop; the card is chosen
    for keys in ("4242424242424242", "1244", "123"):
        iris.page.keyboard.press("Tab")
        iris.page.keyboard.type(keys)
    iris.page.keyboard.press("Enter")
    expect(iris.headline).to_have_text("Checkout")
    tab_to_the_button(iris)
    iris.page.keyboard.press("Enter")

    iris.reads("We have your order and keep it safe")


def test_the_fields_follow_the_country_under_the_hands_of_who_types(demo: WholeDemo, visit: Visit) -> None:
    iris = visit(has_touch=False, is_mobile=False)
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    iris.fill_in("contact.email", iris.email)
    country, street = iris.field("shipping_address.country"), iris.field("shipping_address.line1")
    for code, part in (("US", "ZIP code"), ("IE", "Eircode (optional)"), ("GB", "Postcode")):
        country.select_option(code)
        street.press_sequentially("1 Quay ")
        expect(iris.page.get_by_label(part, exact=True)).to_be_visible()
        expect(street).to_be_focused()
        assert barriers(iris.page) == []
    expect(street).to_have_value("1 Quay 1 Quay 1 Quay ")
    expect(iris.field("contact.email")).to_have_value(iris.email)
    assert iris.field("shipping_address.postal_code").evaluate("it => it.required")


def tab_to(customer: Customer, name: str) -> None:
    focused = ""
    for _ in range(30):
        customer.page.keyboard.press("Tab")
        focused = customer.page.evaluate("document.activeElement.name")
        if focused == name:
            return
    raise AssertionError(f"no way by keyboard to {name}; the last was {focused}")


def tab_to_the_button(customer: Customer) -> None:
    for _ in range(10):
        customer.page.keyboard.press("Tab")
        if customer.page.evaluate("document.activeElement.matches('#checkout .pay .button')"):
            return
    raise AssertionError("no way by keyboard to the button")


@pytest.mark.parametrize("size", ["small phone"])
def test_no_page_on_the_way_of_an_order_has_a_barrier(demo: WholeDemo, iris: Customer) -> None:
    found: dict[str, list[str]] = {}

    def look_at(page: str) -> None:
        found[page] = barriers(iris.page)

    demo.break_("shop", "error")
    iris.page.goto(f"{demo.front}/checkout/")
    look_at("no basket")
    demo.heal("shop")
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    expect(iris.card_field.get_by_label("Card number")).to_be_visible()
    look_at("checkout")
    iris.page.evaluate("document.getElementById('checkout').noValidate = true")
    iris.chooses_to_pay_later()
    iris.buys()
    iris.sees("There is a problem")
    look_at("checkout with mistakes")
    iris.orders_with(BANK_ASKS_CARD)
    iris.reads("Please confirm the payment")
    look_at("the bank asks")
    iris.goes_to_their_bank()
    iris.fails_at_their_bank()
    iris.reads("Your bank did not accept the payment")
    expect(iris.card_field.get_by_label("Card number")).to_be_visible()
    look_at("declined")
    iris.pays_with(GOOD_CARD)
    iris.reads("We have your order and keep it safe")
    look_at("waiting")
    iris.page.get_by_role("link", name="Cancel order").click()
    iris.reads("Cancel this order?")
    look_at("cancel?")
    iris.page.get_by_role("link", name="Keep the order").click()
    iris.reads("We have your order and keep it safe")
    order_page = iris.page.url
    iris.return_to_the_shop()
    iris.reads("You have already ordered this basket")
    look_at("ordered before")
    demo.heal("shop")
    iris.page.goto(order_page)
    iris.reads("The shop has your order", within=PLACED_WITHIN)
    look_at("settled")

    assert {page: barriers for page, barriers in found.items() if barriers} == {}


@pytest.mark.parametrize("size", ["small phone"])
def test_the_console_shows_the_orders_to_whoever_has_an_account(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    ref = iris.orders_with(DECLINED_CARD)
    found: dict[str, list[str]] = {}

    page = iris.page
    page.goto(f"{demo.place.url('fallback')}/console")
    found["sign in"] = barriers(page)
    page.get_by_label("Your name").fill("Anna")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    iris.sees("The name or password is wrong.")
    found["sign in again"] = barriers(page)
    page.get_by_label("Password").fill(demo.password_of("Anna"))
    page.get_by_role("button", name="Sign in").click()
    iris.reads("Orders")
    found["orders"] = barriers(page)
    page.get_by_role("link", name=ref).click()
    iris.sees(iris.email)
    found["order"] = barriers(page)
    page.get_by_role("link", name="On call").click()
    iris.sees("standby")
    found["on call"] = barriers(page)

    assert {page: barriers for page, barriers in found.items() if barriers} == {}
