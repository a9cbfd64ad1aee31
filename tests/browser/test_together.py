"""A customer and two agents on one purchase at the same moment: three browsers, and it goes well for all of them."""

from __future__ import annotations

from tests.browser.people import GOOD_CARD, PLACED_WITHIN, Colleague, Customer
from tests.browser.whole_demo import WholeDemo


def waits_for_their_card(demo: WholeDemo, iris: Customer) -> str:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    ref = iris.orders_to_pay_later()
    iris.reads("We have your order, but it is not paid yet")
    return ref


def is_settled(demo: WholeDemo, iris: Customer) -> str:
    iris.put_a_book_in_the_basket()
    demo.break_("shop", "error")
    iris.check_out()
    ref = iris.orders_with(GOOD_CARD)
    demo.heal("shop")
    iris.reads("The shop has your order", within=PLACED_WITHIN)
    return ref


def test_the_customer_finishes_it_while_the_agent_works_on_it(demo: WholeDemo, iris: Customer, anna: Colleague) -> None:
    ref = waits_for_their_card(demo, iris)
    anna.finds(iris.email)
    anna.sees("Also viewing: the customer.")
    iris.sees("Anna at the shop has your order open right now.")
    anna.begins_to_cancel()

    demo.heal("shop")
    iris.pays_with(GOOD_CARD)
    iris.reads("The shop has your order", within=PLACED_WITHIN)
    anna.presses("Cancel order")

    assert "The customer acted first" in anna.is_told
    anna.sees("The customer completed it")
    anna.sees("No action needed.")
    money = demo.money(ref)
    assert (money["captures"], money["captured"], money.get("refunded", 0)) == (1, 1794, 0)
    assert len(demo.shop_orders(iris.cart_id)) == 1


def test_the_agent_ends_it_before_the_customer_pays(demo: WholeDemo, iris: Customer, anna: Colleague) -> None:
    ref = waits_for_their_card(demo, iris)
    anna.opens(ref)
    anna.begins_to_cancel()
    iris.enters_card(GOOD_CARD)

    anna.presses("Cancel order")

    iris.reads("Your order is cancelled")
    demo.heal("shop")
    assert demo.money(ref)["authorized"] == 0
    assert demo.shop_orders(iris.cart_id) == []


def test_the_second_of_two_agents_is_told_who_works_on_the_order(
    demo: WholeDemo, iris: Customer, anna: Colleague, ben: Colleague
) -> None:
    ref = waits_for_their_card(demo, iris)
    anna.opens(ref)
    ben.opens(ref)
    anna.presses("Claim order")
    ben.sees("Anna is working on this order.")

    ben.begins_to_cancel()
    ben.presses("Cancel order")

    assert "Anna is working on this order. Nothing was changed." in ben.is_told
    ben.presses("Request order")
    anna.presses("Transfer to Ben")
    ben.sees("You are working on this order.")


def test_the_customer_takes_it_back_while_the_agent_edits(demo: WholeDemo, iris: Customer, anna: Colleague) -> None:
    ref = waits_for_their_card(demo, iris)
    anna.opens(ref)
    anna.presses("Claim order")
    iris.sees("Anna at the shop is working on your order")
    anna.begins_to_cancel()

    iris.cancels()
    iris.reads("Your order is cancelled")
    anna.presses("Cancel order")

    assert "The customer acted first" in anna.is_told
    assert demo.money(ref)["authorized"] == 0


def test_one_of_two_agents_who_refund_in_the_browser_is_told_about_the_other(
    demo: WholeDemo, iris: Customer, anna: Colleague, ben: Colleague
) -> None:
    ref = is_settled(demo, iris)
    for agent in (anna, ben):
        agent.opens(ref)
        agent.begins_to_give_back("5.00")

    anna.presses("Refund")
    anna.sees(" refundable")
    ben.presses("Refund")

    assert "Anna" in ben.is_told
    iris.gets_mail("partial refund")
    assert demo.money(ref)["refunded"] == 500


def test_undone_by_both_it_is_undone_once(demo: WholeDemo, iris: Customer, anna: Colleague) -> None:
    ref = is_settled(demo, iris)
    anna.opens(ref)
    anna.begins_to_cancel()
    iris.page.get_by_role("link", name="Cancel order").click()

    anna.presses("Cancel order")
    iris.page.get_by_role("button", name="Cancel order").click()

    iris.reads("Your order is cancelled and refunded", within=PLACED_WITHIN)
    assert demo.money(ref)["refunded"] == 1794
    assert [order["status"] for order in demo.shop_orders(iris.cart_id)] == ["cancelled"]
