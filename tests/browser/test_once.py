"""However a customer clicks, and whatever dies meanwhile: one order, and nothing is lost."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.people import GOOD_CARD, PLACED_WITHIN, Customer
from tests.browser.whole_demo import WholeDemo
from tests.demo.waiting import eventually


def test_a_double_click_buys_once(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    iris.enters_their_address()
    iris.enters_card(GOOD_CARD)
    iris.buy_button.dblclick()
    ref = iris.ref
    iris.reads("We have your order and keep it safe")

    iris.page.reload()
    iris.reads("We have your order and keep it safe")
    iris.page.go_back()
    iris.is_at_our_checkout("You have already ordered this basket")
    iris.page.get_by_role("link", name="View your order").click()

    assert iris.ref == ref
    assert demo.ref_of(iris.cart_id) == ref
    assert len(iris.mails) == 1


def test_a_form_that_is_sent_again_by_the_back_button_changes_nothing(demo: WholeDemo, visit: Visit) -> None:
    iris = visit(java_script_enabled=False)
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    other_tab = iris.context.new_page()
    other_tab.goto(iris.page.url)
    ref = iris.orders_to_pay_later()

    iris.page = other_tab
    iris.enters_their_address(name="Iris M.")
    iris.buys()

    iris.is_at_our_checkout("You have already ordered this basket")
    iris.page.get_by_role("link", name="View your order").click()
    assert iris.ref == ref
    iris.sees("Iris Murdoch")


def test_tabs_closed_before_the_order_leave_the_basket_as_it_was(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    iris.enters_their_address()
    iris.closes_the_tab()

    iris.opens(f"{demo.front}/checkout/")

    iris.is_at_our_checkout()
    iris.sees("The Lighthouse Ledger")
    assert iris.mails == []


def test_a_tab_closed_right_after_buying_loses_nothing(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    iris.enters_their_address()
    iris.enters_card(GOOD_CARD)
    with iris.page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/checkout")):
        iris.buys()
    iris.closes_the_tab()

    iris.opens(iris.gets_mail("we have received your order").link)

    iris.reads("We have your order and keep it safe")


def test_an_order_that_the_shop_may_have_taken_is_not_bought_twice(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    iris.goes_through_the_shops_checkout()
    cart_id = iris.cart_id
    demo.break_shop_at("/", kind="reply_lost")
    iris.page.get_by_role("button", name="Place order").click()
    iris.sees("We are checking whether your order went through")

    ref = iris.orders_with(GOOD_CARD)
    iris.reads("We have your order and keep it safe")
    demo.heal("shop")

    iris.reads("The shop already had your order", within=PLACED_WITHIN)
    [in_shop] = demo.shop_orders(cart_id)
    assert in_shop["ref"] is None
    mail = iris.gets_mail("the shop already had it")
    assert in_shop["number"] in mail.subject
    assert "did not place it again" in mail.text
    money = demo.money(ref)
    assert (money["captures"], money["authorized"], money["voided"]) == (0, 0, 1)


def test_redis_away_at_checkout_the_order_is_taken_and_goes_on_when_it_is_back(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    iris.enters_their_address()
    iris.enters_card(GOOD_CARD)
    iris.watch.forgive("/checkout/draft")
    demo.break_("redis")
    iris.buys()
    iris.reads("Thank you, we have your order")
    iris.sees("It is stored safely. You do not need to order again.")
    ref = iris.ref
    iris.page.get_by_role("link", name="Cancel order").click()
    iris.page.get_by_role("link", name="Keep the order").click()

    demo.heal("redis")
    iris.reads("We have your order and keep it safe", within=PLACED_WITHIN)
    assert demo.money(ref)["authorized"] == 1794


def test_our_own_server_dies_while_the_customer_buys(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    iris.enters_their_address()
    iris.chooses_to_pay_later()
    iris.watch.forgive("/checkout/draft", "/checkout/fields")
    demo.kill("web")
    iris.buys()
    expect(iris.headline).to_have_text("We will be back in a moment")

    eventually(lambda: is_up_again(iris), within=20)

    assert demo.ref_of(iris.cart_id) == iris.ref
    iris.gets_mail("we have received your order")


def is_up_again(customer: Customer) -> bool:
    """The customer loads the page again, and their browser sends the form again."""
    customer.page.reload()
    return "/orders/" in customer.page.url
