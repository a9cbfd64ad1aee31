"""The main walk: a shop fails, a customer buys at the same address, and the shop has the order exactly once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.people import GOOD_CARD, HARBOURS, PLACED_WITHIN, Customer, Staff
from tests.browser.whole_demo import WholeDemo


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_purchase_goes_through_an_outage_and_into_the_shop_once(
    demo: WholeDemo, iris: Customer, staff: Staff
) -> None:
    iris.put_a_book_in_the_basket()
    iris.put_a_book_in_the_basket(HARBOURS)
    cart_id = iris.cart_id

    demo.break_("shop")
    iris.check_out()
    assert iris.page.url == f"{demo.front}/checkout/"
    iris.is_at_our_checkout()
    expect(iris.page.get_by_role("banner")).to_contain_text("Harbour Books")
    iris.enters_their_address()
    slot = iris.wants_the_courier()
    hours, zone = slot.rsplit(" ", 1)
    assert hours.endswith(("08:00 – 12:00", "13:00 – 18:00")), "the shop's own clock"
    assert zone in ("UTC+01:00", "UTC+02:00"), "which is named, in winter and in summer"
    iris.enters_card(GOOD_CARD)
    iris.buys()

    ref = iris.ref
    iris.reads("We have your order and keep it safe")
    for words in ("The Lighthouse Ledger", "Seven Small Harbours", "€30.88", slot, "Speicherstadt 4", iris.email):
        iris.sees(words)
    received = iris.gets_mail("we have received your order")
    assert ref in received.subject
    assert "€30.88" in received.text
    assert demo.money(ref)["authorized"] == 3088
    assert demo.money(ref)["captured"] == 0

    demo.heal("shop")
    iris.reads("The shop has your order", within=PLACED_WITHIN)
    [number] = staff.numbers_of(iris.email)
    order = staff.order(number)
    for words in ("The Lighthouse Ledger", "Seven Small Harbours", "30.88", "Speicherstadt 4", "20457", "Hamburg"):
        assert words in order
    assert "Courier" in order
    [in_shop] = demo.shop_orders(cart_id)
    assert (in_shop["ref"], in_shop["total"], in_shop["number"]) == (ref, 3088, number)
    assert demo.money(ref)["captures"] == 1
    assert demo.money(ref)["captured"] == 3088
    assert number in iris.gets_mail("the shop has your order").subject
    assert len(iris.mails) == 2
    iris.sees(number)


def test_while_the_order_waits_the_shop_does_not_sell_the_basket_again(demo: WholeDemo, iris: Customer) -> None:
    iris.put_a_book_in_the_basket()
    demo.break_("shop")
    iris.check_out()
    iris.orders_to_pay_later()

    demo.heal("shop")
    iris.return_to_the_shop()

    iris.reads_in_the_shop("We have your order")
    iris.page.get_by_role("link", name="View your order").click()
    iris.reads("We have your order, but it is not paid yet")
