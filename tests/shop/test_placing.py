"""PUT orders/{ref}: one order in the shop, whatever happens on the way."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.shop.customers import ADDRESS, Customer, Staff, order_of, place
from tests.shop.running import Shop


def test_a_cart_becomes_an_order_as_it_was_agreed(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1", quantity=2).cart, note="Ring twice")

    answer = place(shop, order)

    assert answer.status_code == 201
    placed = answer.json()
    assert placed["lines"] == [{"sku": "BK-1", "quantity": 2, "unit_price": 1299}]
    assert placed["delivery"] == {"id": "standard", "slot": None}
    assert placed["shipping_address"] == ADDRESS
    assert (placed["total"], placed["currency"]) == (2598 + 495, "EUR")
    assert (placed["ref"], placed["cart_id"]) == (order["ref"], order["cart_id"])
    assert (placed["status"], placed["email"]) == ("placed", "grace@example.com")
    assert shop.call("GET", f"orders/{order['ref']}").json() == placed


def test_the_chosen_slot_is_kept(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart, courier_slot=3)
    slot = order["delivery"]["slot"]["id"]
    assert place(shop, order).json()["delivery"] == {"id": "courier", "slot": slot}


def test_a_discount_is_kept(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-6", quantity=3).cart)
    assert place(shop, order).json()["total"] == 3 * 2900 - 500 + 495


@pytest.mark.parametrize("phone", ["+49 40 123456", "040 / 123 456", "ask at the door", None])
def test_no_phone_number_stops_an_order(shop: Shop, customer: Customer, phone: str | None) -> None:
    contact = {"name": "Plato", "email": "plato@example.com", "phone": phone}
    order = order_of(customer.put_in_basket("BK-1").cart, contact=contact)
    assert place(shop, order).status_code == 201


def test_a_name_may_be_one_word(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart, shipping_address=ADDRESS | {"name": "Plato"})
    assert place(shop, order).json()["shipping_address"]["name"] == "Plato"


def test_placing_twice_makes_one_order(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart)
    stock = shop.in_stock("BK-1")

    first, again = place(shop, order), place(shop, order)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(shop.orders_of(order["cart_id"])) == 1
    assert shop.in_stock("BK-1") == stock - 1


def test_placing_at_the_same_moment_makes_one_order(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: place(shop, order), range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(shop.orders_of(order["cart_id"])) == 1


def test_two_refs_for_one_cart_at_the_same_moment_make_one_order(shop: Shop, customer: Customer) -> None:
    cart = customer.put_in_basket("BK-1").cart
    rivals = [order_of(cart) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda order: place(shop, order), rivals))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    [placed] = shop.orders_of(cart["cart_id"])
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert all((it["code"], it["order"]) == ("cart_already_ordered", placed) for it in refused)


def test_a_ref_belongs_to_one_cart(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart)
    place(shop, order)
    answer = place(shop, order | {"cart_id": "basket-of-somebody-else"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_cart_that_the_shop_forgot_is_still_placed(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart, cart_id="a-cart-from-before-the-backup")
    answer = place(shop, order)
    assert answer.status_code == 201
    assert answer.json()["cart_id"] == "a-cart-from-before-the-backup"


def test_what_is_not_in_stock_is_refused_with_what_there_is(shop: Shop, customer: Customer) -> None:
    cart = customer.put_in_basket("BK-8", quantity=2).cart
    left = shop.in_stock("BK-8")
    order = order_of(cart)
    order["lines"][0]["quantity"] = left + 1
    order["total"] = (left + 1) * 1150 + 495

    answer = place(shop, order)

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "out_of_stock"
    assert answer.json()["lines"] == [{"sku": "BK-8", "available": left}]
    assert shop.orders_of(cart["cart_id"]) == []


def test_a_refused_order_leaves_the_basket_as_it_was(shop: Shop, customer: Customer) -> None:
    cart = customer.put_in_basket("BK-1").cart
    order = order_of(cart, discounts=[{"title": "Friends", "amount": 300}], total=1299 - 300 + 495)
    assert place(shop, order).status_code == 409
    customer.get("/basket/")
    assert customer.cart["lines"] == cart["lines"]


def test_the_last_copies_are_sold_once(shop: Shop) -> None:
    left = shop.in_stock("BK-8")
    customers = [Customer(shop) for _ in range(left + 2)]
    orders = [order_of(customer.put_in_basket("BK-8").cart) for customer in customers]

    with ThreadPoolExecutor(left + 2) as pool:
        answers = list(pool.map(lambda order: place(shop, order), orders))

    assert sorted(answer.status_code for answer in answers) == [201] * left + [409, 409]
    assert shop.in_stock("BK-8") == 0
    for answer in answers:
        if answer.ok:
            shop.call("POST", f"orders/{answer.json()['ref']}/cancellation", json={})
    for customer in customers:
        customer.browser.close()


def test_the_agreed_price_is_honoured_and_todays_is_beside_it(shop: Shop, customer: Customer) -> None:
    cart = customer.put_in_basket("BK-1").cart
    with shop.priced("BK-1", "13.49"):
        placed = place(shop, order_of(cart))
    assert placed.status_code == 201
    there = placed.json()
    assert there["lines"] == [{"sku": "BK-1", "quantity": 1, "unit_price": 1299, "price_now": 1349}]
    assert there["total"] == 1299 + 495
    assert shop.call("GET", f"orders/{there['ref']}").json()["lines"][0].get("price_now") is None


def test_the_agreed_price_of_the_delivery_is_honoured(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart)
    order["delivery"]["price"], order["total"] = 295, 1299 + 295
    assert place(shop, order).json()["total"] == 1299 + 295


def test_a_strict_shop_refuses_a_changed_price_and_names_the_new_one(strict_shop: Shop) -> None:
    customer = Customer(strict_shop)
    cart = customer.put_in_basket("BK-1").cart
    with strict_shop.priced("BK-1", "13.49"):
        answer = place(strict_shop, order_of(cart))
    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert answer.json()["lines"] == [{"sku": "BK-1", "unit_price": 1349}]

    order = order_of(cart)
    order["delivery"]["price"], order["total"] = 295, 1299 + 295
    answer = place(strict_shop, order)
    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")


def test_a_discount_that_the_shop_does_not_give_is_refused(shop: Shop, customer: Customer) -> None:
    cart = customer.put_in_basket("BK-1").cart
    order = order_of(cart, discounts=[{"title": "Friends", "amount": 300}], total=1299 - 300 + 495)
    answer = place(shop, order)
    assert (answer.json()["code"], answer.json()["goods_total"]) == ("price_changed", 1299)


@pytest.mark.parametrize(
    "change",
    [
        {"total": 1},
        {"currency": "USD"},
        {"lines": []},
        {"shipping_address": ADDRESS | {"country": "AQ"}},
        {"delivery": {"id": "pigeon", "title": "Pigeon", "price": 495, "slot": None}},
        {"contact": None},
    ],
)
def test_an_order_that_can_never_be_placed_is_invalid(shop: Shop, customer: Customer, change: dict[str, Any]) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart, **change)
    answer = place(shop, order)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert shop.orders_of(order["cart_id"]) == []


def test_the_dashboard_shows_the_order_with_its_ref_note_and_payment(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart, note="Ring twice, please")
    number = place(shop, order).json()["number"]
    staff = Staff(shop)

    assert number in staff.get("/dashboard/orders/").text
    page = staff.get(f"/dashboard/orders/{number}/").text
    assert all(text in page for text in (order["ref"], "Ring twice, please", "Stripe", "pi_123", "Speicherstadt 4"))
    staff.browser.close()


def test_without_the_shared_token_nothing_is_said(shop: Shop) -> None:
    answer = shop.call("GET", "orders", token="another-token")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_no_json_is_malformed(shop: Shop) -> None:
    answer = shop.call("PUT", "orders/FB-1", data=b"{")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_health_says_what_the_shop_promises(shop: Shop) -> None:
    can = ["amend", "cancel", "slots", "contact", "phone", "quotes", "tombstones", "unpaid", "numbered"]
    can += ["payments", "withdrawals", "honours_prices"]
    assert shop.call("GET", "health").json() == {"status": "ok", "duplicates": "enforced", "can": can}
