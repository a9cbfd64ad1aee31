"""Cancel and start again: one button, before and after the shop has the order."""

from __future__ import annotations

from tests.browser.people import GOOD_CARD, PLACED_WITHIN, Customer, Staff
from tests.browser.whole_demo import WholeDemo


def test_before_the_shop_has_it(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    ref = iris.orders_with(GOOD_CARD)
    iris.reads("We have your order and keep it safe")

    iris.cancels()

    iris.reads("Your order is cancelled")
    iris.gets_mail(": cancelled")
    assert demo.money(ref)["authorized"] == 0
    assert demo.money(ref)["voided"] == 1

    # The same basket can be bought again.
    iris.return_to_the_shop()
    assert iris.orders_with(GOOD_CARD) != ref
    iris.reads("We have your order and keep it safe")


def test_after_the_shop_has_it(demo: WholeDemo, iris: Customer, staff: Staff) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    ref = iris.orders_with(GOOD_CARD)
    demo.heal("shop")
    iris.reads("The shop has your order", within=PLACED_WITHIN)

    iris.cancels()

    iris.reads("Your order is cancelled and refunded", within=PLACED_WITHIN)
    iris.gets_mail("your refund")
    assert demo.money(ref)["refunded"] == 1794
    [number] = staff.numbers_of(iris.email)
    assert "Cancelled" in staff.order(number)
