"""GET orders: rivals of a purchase, and every order for the audit."""

from datetime import UTC, datetime
from itertools import chain
from typing import Any

from tests.shop.customers import Customer, order_of, place
from tests.shop.running import Shop

CONTACT = {"name": "Mary", "phone": None}


def placed_by(shop: Shop, email: str) -> dict[str, Any]:
    customer = Customer(shop)
    cart = customer.put_in_basket("BK-7").cart
    customer.browser.close()
    order: dict[str, Any] = place(shop, order_of(cart, contact=CONTACT | {"email": email})).json()
    return order


def listed(shop: Shop, **query: Any) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = shop.call("GET", "orders", params=query).json()["orders"]
    return orders


def test_by_cart(shop: Shop) -> None:
    order = placed_by(shop, "by-cart@example.com")
    assert listed(shop, cart_id=order["cart_id"]) == [order]


def test_by_mail_whatever_its_case(shop: Shop) -> None:
    order = placed_by(shop, "by-mail@example.com")
    assert listed(shop, email="By-Mail@example.com") == [order]


def test_cart_or_mail(shop: Shop) -> None:
    one, other = placed_by(shop, "one@example.com"), placed_by(shop, "other@example.com")
    assert listed(shop, cart_id=one["cart_id"], email="other@example.com") == [one, other]


def test_since(shop: Shop) -> None:
    placed_by(shop, "since@example.com")
    now = datetime.now(UTC).isoformat()
    later = placed_by(shop, "since@example.com")
    assert listed(shop, email="since@example.com", since=now) == [later]


def test_pages_give_every_order_once(shop: Shop, customer: Customer) -> None:
    start = datetime.now(UTC).isoformat()
    fallbacks = [placed_by(shop, f"page-{n}@example.com")["cart_id"] for n in range(4)]
    own = customer.put_in_basket("BK-7").cart["cart_id"]
    customer.check_out()

    pages: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        page = shop.call("GET", "orders", params={"since": start, "limit": 2, "after": after}).json()
        pages.append([order["cart_id"] for order in page["orders"]])
        after = page["next"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert list(chain.from_iterable(pages)) == [*fallbacks, own]


def test_a_question_that_makes_no_sense(shop: Shop) -> None:
    for query in ({"since": "yesterday"}, {"since": "2026-11-21T10:00:00"}, {"limit": "-1"}, {"after": "x"}):
        answer = shop.call("GET", "orders", params=query)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
