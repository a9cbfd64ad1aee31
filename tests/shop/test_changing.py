"""Amending and cancelling, until the books are on their way."""

from typing import Any

import pytest
import requests

from tests.shop.customers import ADDRESS, Customer, Staff, order_of, place
from tests.shop.running import Shop

Placed = dict[str, Any]


@pytest.fixture
def placed(shop: Shop, customer: Customer) -> Placed:
    """Two copies of BK-1 by standard delivery."""
    answer: Placed = place(shop, order_of(customer.put_in_basket("BK-1", quantity=2).cart)).json()
    return answer


def amend(shop: Shop, placed: Placed, **changes: Any) -> requests.Response:
    return shop.call("PATCH", f"orders/{placed['ref']}", json=changes)


def cancel(shop: Shop, placed: Placed) -> requests.Response:
    return shop.call("POST", f"orders/{placed['ref']}/cancellation", json={})


def ship(shop: Shop, placed: Placed) -> None:
    staff = Staff(shop)
    staff.set_status(placed["number"], "Shipped")
    staff.browser.close()


def read(shop: Shop, placed: Placed) -> Placed:
    answer: Placed = shop.call("GET", f"orders/{placed['ref']}").json()
    return answer


def test_other_goods(shop: Shop, placed: Placed) -> None:
    before = {sku: shop.in_stock(sku) for sku in ("BK-1", "BK-4")}
    lines = [
        {"sku": "BK-1", "quantity": 1, "unit_price": 1299},
        {"sku": "BK-4", "quantity": 2, "unit_price": 1595},
    ]

    answer = amend(shop, placed, lines=lines, total=1299 + 2 * 1595 + 495)

    assert answer.status_code == 200
    assert answer.json() == read(shop, placed)
    assert answer.json()["lines"] == lines
    assert answer.json()["total"] == 1299 + 2 * 1595 + 495
    assert (answer.json()["number"], answer.json()["cart_id"]) == (placed["number"], placed["cart_id"])
    assert shop.in_stock("BK-1") == before["BK-1"] + 1
    assert shop.in_stock("BK-4") == before["BK-4"] - 2


def test_goods_that_earn_a_discount(shop: Shop, placed: Placed) -> None:
    answer = amend(shop, placed, lines=[{"sku": "BK-1", "quantity": 5, "unit_price": 1299}])
    assert answer.json()["total"] == 5 * 1299 - 500 + 495


def test_another_address(shop: Shop, placed: Placed) -> None:
    new = ADDRESS | {"line1": "Deichstrasse 9", "city": "Bremen", "postal_code": "28195"}
    answer = amend(shop, placed, shipping_address=new)
    assert answer.json() == placed | {"shipping_address": new}


def test_another_delivery_slot(shop: Shop, customer: Customer, placed: Placed) -> None:
    courier = customer.put_in_basket("BK-2").cart["delivery"][1]
    slot = courier["slots"][2]
    delivery = {"id": "courier", "title": courier["title"], "price": 790, "slot": slot}

    answer = amend(shop, placed, delivery=delivery, total=2598 + 790)

    assert answer.json()["delivery"] == {"id": "courier", "slot": slot["id"]}
    assert answer.json()["total"] == 2598 + 790


def test_the_price_of_the_order_holds_when_the_shop_has_a_new_one(shop: Shop, placed: Placed) -> None:
    with shop.priced("BK-1", "19.99"):
        answer = amend(shop, placed, lines=[{"sku": "BK-1", "quantity": 1, "unit_price": 1299}])
    assert answer.json()["total"] == 1299 + 495


def test_a_total_that_is_not_the_shops_changes_nothing(shop: Shop, placed: Placed) -> None:
    answer = amend(shop, placed, lines=[{"sku": "BK-1", "quantity": 1, "unit_price": 1299}], total=1)
    assert (answer.status_code, answer.json()["code"], answer.json()["total"]) == (
        409,
        "price_changed",
        1299 + 495,
    )
    assert read(shop, placed) == placed


def test_a_change_to_more_than_the_stock_is_refused_and_changes_nothing(shop: Shop, placed: Placed) -> None:
    stock = shop.in_stock("BK-1")
    answer = amend(shop, placed, lines=[{"sku": "BK-1", "quantity": 9000, "unit_price": 1299}])
    assert (answer.json()["code"], answer.json()["lines"]) == (
        "out_of_stock",
        [{"sku": "BK-1", "available": stock + 2}],
    )
    assert read(shop, placed) == placed
    assert shop.in_stock("BK-1") == stock


def test_cancelling_gives_the_stock_back_once(shop: Shop, placed: Placed) -> None:
    stock = shop.in_stock("BK-1")

    first, again = cancel(shop, placed), cancel(shop, placed)

    assert first.json() == again.json() == placed | {"status": "cancelled"}
    assert (first.status_code, again.status_code) == (200, 200)
    assert shop.in_stock("BK-1") == stock + 2


def test_a_cancelled_order_is_not_amended(shop: Shop, placed: Placed) -> None:
    cancel(shop, placed)
    answer = amend(shop, placed, shipping_address=ADDRESS)
    assert (answer.status_code, answer.json()["code"]) == (409, "cancelled")


def test_a_shipped_order_is_neither_amended_nor_cancelled(shop: Shop, placed: Placed) -> None:
    ship(shop, placed)
    for answer in (amend(shop, placed, shipping_address=ADDRESS), cancel(shop, placed)):
        assert (answer.status_code, answer.json()["code"]) == (409, "already_shipped")
    assert read(shop, placed) == placed | {"status": "shipped"}


def test_an_order_that_does_not_exist(shop: Shop) -> None:
    nobodys = {"ref": "FB-NOBODY"}
    answers = (
        amend(shop, nobodys, shipping_address=ADDRESS),
        shop.call("GET", "orders/FB-NOBODY"),
    )
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 2


def test_what_is_cancelled_before_it_came_is_not_there_and_not_listed(shop: Shop) -> None:
    late = {"ref": "FB-LATE"}
    assert (cancel(shop, late).status_code, cancel(shop, late).json()) == (200, late | {"status": "cancelled"})
    answers = (amend(shop, late, shipping_address=ADDRESS), shop.call("GET", "orders/FB-LATE"))
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 2
    assert "FB-LATE" not in {order["ref"] for order in shop.call("GET", "orders?limit=500").json()["orders"]}


def test_an_amendment_to_the_current_values_changes_nothing(shop: Shop, placed: Placed) -> None:
    same = {
        "lines": [line | {"title": "The Lighthouse Ledger"} for line in placed["lines"]],
        "delivery": {"id": "standard", "title": "Standard delivery", "price": 495, "slot": None},
        "shipping_address": placed["shipping_address"],
        "total": placed["total"],
    }
    with shop.priced("BK-1", "19.99"):
        assert amend(shop, placed, **same).json() == read(shop, placed)
    assert read(shop, placed) == placed


def test_a_cancelled_order_frees_its_cart(shop: Shop, customer: Customer) -> None:
    cart = customer.put_in_basket("BK-1").cart
    first = place(shop, order_of(cart)).json()
    cancel(shop, first)

    second = place(shop, order_of(cart))

    assert second.status_code == 201
    assert [order["status"] for order in shop.orders_of(cart["cart_id"])] == ["cancelled", "placed"]
    assert second.json()["number"] != first["number"]
    assert place(shop, order_of(cart)).json()["code"] == "cart_already_ordered"
