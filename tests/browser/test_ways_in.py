"""How customers come to us: by the mode, by failover.js, with a cart that is not good, in another language."""

from __future__ import annotations

from time import monotonic

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.people import GOOD_CARD, Customer
from tests.browser.whole_demo import WholeDemo
from tests.demo.waiting import eventually

# Seconds from the shop's death to the first order where no proxy stands in front of it.
TO_FIRST_ORDER = 10


def test_in_active_mode_we_serve_though_the_shop_is_up_and_open_forms_count_afterwards(
    demo: WholeDemo, visit: Visit
) -> None:
    iris, ada = visit(), visit()
    iris.put_a_book_in_the_basket()
    ada.put_a_book_in_the_basket()

    demo.switch_to("active")
    eventually(lambda: comes_to_us(iris))
    iris.enters_their_address()
    iris.enters_card(GOOD_CARD)
    demo.switch_to("standby")
    eventually(lambda: not comes_to_us(ada))

    iris.buys()
    iris.reads("The shop has your order", within=30_000)


def comes_to_us(customer: Customer) -> bool:
    customer.return_to_the_shop()
    return "Your basket" in customer.page.content()


def test_without_a_proxy_a_page_of_the_shop_leads_to_us(demo: WholeDemo, iris: Customer) -> None:
    iris.context.request.get(f"{demo.front}/media/covers/bk-1.svg")  # for our page: the proxy keeps what it has seen
    iris.put_a_book_in_the_basket(shop=demo.place.url("shop"))
    demo.break_("shop")
    died = monotonic()

    iris.check_out()

    iris.is_at_our_checkout()
    iris.sees("The Lighthouse Ledger")
    iris.orders_with(GOOD_CARD)
    iris.reads("We have your order and keep it safe")
    assert monotonic() - died < TO_FIRST_ORDER


def test_without_a_proxy_a_page_of_the_shop_leads_to_us_in_active_too(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket(shop=demo.place.url("shop"))
    demo.switch_to("active")

    iris.check_out()

    iris.is_at_our_checkout()
    iris.sees("The Lighthouse Ledger")
    demo.switch_to("standby")


def test_a_cart_that_was_ordered_is_told_kindly_to_whoever_brings_it(demo: WholeDemo, visit: Visit) -> None:
    iris, ada = visit(), visit()
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    ref = iris.orders_to_pay_later()

    ada.context.add_cookies(iris.context.cookies())
    ada.page.goto(f"{demo.front}/checkout/")

    ada.is_at_our_checkout("You have already ordered this basket")
    ada.sees(ref)


def test_a_forged_cart_is_not_sold(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    [token] = [cookie["value"] for cookie in iris.context.cookies() if cookie["name"] == "fallback_cart"]
    head, claims, signature = token.split(".")
    other = signature[:-4] + signature[-4:].swapcase()
    iris.context.add_cookies([{"name": "fallback_cart", "value": f"{head}.{claims}.{other}", "url": demo.front}])
    demo.break_("shop", "error")

    iris.check_out()

    iris.is_at_our_checkout("This basket does not come from the shop")
    iris.sees("No order was placed and nothing was charged.")


def test_without_a_cart_the_customer_reads_what_to_do(demo: WholeDemo, iris: Customer) -> None:
    demo.break_("shop", "error")
    iris.page.goto(f"{demo.front}/checkout/")

    iris.is_at_our_checkout("We could not find your basket")


def test_a_german_browser_is_spoken_to_in_german(demo: WholeDemo, visit: Visit) -> None:
    iris = visit(locale="de-DE")
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    iris.is_at_our_checkout("Kasse")
    expect(iris.field("shipping_address.country")).to_have_value("DE")

    iris.orders_with(GOOD_CARD)
    iris.reads("Wir haben Ihre Bestellung und bewahren sie sicher auf")
    iris.sees("17,94\xa0€")
    demo.heal("shop")

    iris.reads("Der Shop hat Ihre Bestellung", within=30_000)
    assert "17,94 €" in iris.gets_mail("Der Shop hat Ihre Bestellung").text
