"""Usable by everyone: without JavaScript, by keyboard, on a small screen, with a screen reader."""

from __future__ import annotations

from tests.browser.conftest import Visit
from tests.browser.people import BANK_ASKS_CARD, GOOD_CARD, SOON, Customer, on_console, sideways_scroll
from tests.browser.whole_demo import WholeDemo
from playwright.sync_api import expect
import pytest


def test_without_javascript_she_orders_and_cancels(demo: WholeDemo, visit: Visit) -> None:
    iris = visit(java_script_enabled=False)
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    expect(iris.page.locator("noscript .note")).to_be_visible()
    iris.enters_her_address(name="4242 4242 4242 4242", email="iris@example")
    iris.buys()

    iris.sees("Please look at this again")
    iris.page.get_by_role("link", name="This looks like a card number").click()
    expect(iris.field("contact.name")).to_be_focused()
    expect(iris.field("contact.name")).to_have_value("")
    iris.enters_her_address()
    iris.buys()
    iris.reads("Your order is in hand, but not paid yet")

    iris.cancels()
    iris.page.goto(iris.page.url)
    iris.reads("Your order is cancelled")


def test_by_keyboard_alone(demo: WholeDemo, visit: Visit) -> None:
    iris = visit(has_touch=False, is_mobile=False)
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    expect(iris.card_field.get_by_label("Card number")).to_be_visible()
    for focused, keys in [
        ("contact.email", iris.email),
        ("contact.name", "Iris Murdoch"),
        ("shipping_address.country", "Germany"),
        ("shipping_address.line1", "Speicherstadt 4"),
        ("shipping_address.postal_code", "20457"),
        ("shipping_address.city", "Hamburg"),
    ]:
        tab_to(iris, focused)
        iris.page.keyboard.type(keys)
    tab_to(iris, "payment")
    for keys in ("4242424242424242", "1244", "123"):
        iris.page.keyboard.press("Tab")
        iris.page.keyboard.type(keys)
    iris.page.keyboard.press("Enter")
    expect(iris.headline).to_have_text("Checkout")
    tab_to_the_button(iris)
    iris.page.keyboard.press("Enter")

    iris.reads("Your order is in hand")


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
        if customer.page.evaluate("document.activeElement.matches('#checkout .button')"):
            return
    raise AssertionError("no way by keyboard to the button")
