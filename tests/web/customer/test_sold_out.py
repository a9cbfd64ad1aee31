"""What a customer and a program hear when the shop has fewer pieces than were ordered of it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from msgspec import structs

from fallback.bootstrap.container import Container
from fallback.domain.order.exposure import WhenSoldOut
from tests.fakes.ledger import FakeLedger
from tests.web.buying import brought, buy
from tests.web.filling import submit
from tests.web.html import Page, follow
from tests.web.world import BOOKS, a_cart, an_order_body, signed

LAMP = {"sku": "LP-1", "title": "Reading lamp", "quantity": 1, "unit_price": 1000}


def a_basket(number: int, available: int, lamps: int | None = None) -> str:
    lines = [BOOKS | {"available": available}, LAMP | ({} if lamps is None else {"available": lamps})]
    totals = {"goods": 3598, "discount": 0, "tax": 170, "total": 3598}
    return signed(a_cart(cart_id=f"basket-{number}", lines=lines, totals=totals))


@pytest.fixture
def _refusing(container: Container) -> None:
    container.config = structs.replace(container.config, fallback_sold_out=WhenSoldOut.REFUSE)


@pytest.mark.usefixtures("_refusing")
def test_the_customer_reads_which_item_is_short_and_keeps_what_they_typed(
    browser: FlaskClient, ledger: FakeLedger
) -> None:
    buy(browser, Page(brought(browser, a_basket(1, 3))))
    page = Page(buy(browser, Page(brought(browser, a_basket(2, 3)))))
    assert (page.status, page.title) == (409, "Checkout")
    assert [each.text for each in page.all("strong", **{"class": "stock"})] == ["Only 1 left"]
    assert page.one("a", href="#basket").text.startswith("The shop does not have enough of an item. Remove it here")
    assert page.fields["contact.name"] == "Iris Murdoch"
    assert len(ledger.refs()) == 1
    page = Page(buy(browser, Page(brought(browser, a_basket(3, 2, lamps=0)))))
    assert [each.text for each in page.all("strong", **{"class": "stock"})] == ["Sold out", "Sold out"]


def test_an_order_that_may_be_late_says_so_to_the_customer_until_the_shop_has_it(
    browser: FlaskClient, ledger: FakeLedger
) -> None:
    page = follow(browser, buy(browser, Page(brought(browser, a_basket(1, 5, lamps=0)))))
    late = "Not certain to be in stock. Delivery may take longer"
    assert [each.text for each in page.all("strong", **{"class": "stock"})] == [late]
    assert "The shop may not have enough of an item, so it may be delivered later" in page.text
    assert ledger.load(ledger.refs()[0]).late == ("LP-1",)


@pytest.mark.usefixtures("_refusing")
def test_a_program_reads_the_line_and_what_is_left(client: FlaskClient) -> None:
    body = an_order_body(cart_token=a_basket(1, 2, lamps=0))
    refused = client.post("/v1/orders", json=body, headers={"Idempotency-Key": "one"})
    assert refused.status_code == 409
    assert (refused.json["code"], refused.json["field"]) == ("sold_out", "lines.1")
    assert refused.json["detail"] == "There is not enough in stock. Reading lamp: 0 left."


def test_a_program_reads_of_the_order_what_may_be_late(client: FlaskClient, ledger: FakeLedger) -> None:
    body = an_order_body(cart_token=a_basket(1, 1))
    receipt = client.post("/v1/orders", json=body, headers={"Idempotency-Key": "one"})
    assert receipt.status_code == 202
    link = receipt.json["status_url"].replace("/orders/", "/v1/orders/")
    assert client.get(link).json["late"] == ["BK-1"]


@pytest.mark.usefixtures("_refusing")
def test_a_line_that_is_short_is_left_out_and_the_rest_is_bought(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(buy(browser, Page(brought(browser, a_basket(1, 5, lamps=0)))))
    buttons = page.all("button", form="checkout", formaction="/checkout/fields")
    assert [button["aria-label"] for button in buttons if button["name"].startswith("without.")] == [REMOVE]
    page = pressed(browser, page, REMOVE)
    assert (page.status, page.fields["contact.name"], list(page.errors)) == (200, "Iris Murdoch", [])
    assert "Reading lamp: left out" in page.text
    assert [price.text for price in page.all("span", **{"class": "price"})] == ["€25.98"]
    page = follow(browser, buy(browser, page))
    order = ledger.load(ledger.refs()[0])
    assert [line.sku for line in order.lines] == ["BK-1"]
    assert (order.payment.amount, order.tax.amount) == (2598 + 495, 122)


@pytest.mark.usefixtures("_refusing")
def test_what_was_left_out_can_be_put_back(browser: FlaskClient) -> None:
    page = Page(buy(browser, Page(brought(browser, a_basket(1, 0, lamps=0)))))
    page = pressed(browser, page, REMOVE)
    assert [each.text for each in page.all("strong", **{"class": "stock"})] == ["Sold out"]
    assert not page.all("button", aria_label="Remove The Lighthouse Ledger")  # nothing would be left
    page = pressed(browser, page, "Put Reading lamp back")
    assert [each.text for each in page.all("strong", **{"class": "stock"})] == ["Sold out", "Sold out"]


def test_an_item_that_may_be_late_can_be_left_out_before_the_order(browser: FlaskClient) -> None:
    page = Page(brought(browser, a_basket(1, 5, lamps=0)))
    late = "Not certain to be in stock. Delivery may take longer"
    assert [each.text for each in page.all("strong", **{"class": "stock"})] == [late]
    assert page.all("button", aria_label=REMOVE)


def test_enter_in_a_field_orders_and_removes_nothing(browser: FlaskClient) -> None:
    page = Page(brought(browser, a_basket(1, 5, lamps=0)))
    first = next(each for each in page.all("button") if each.attributes.get("form") == "checkout")
    assert "formaction" not in first.attributes
    assert "name" not in first.attributes


@pytest.mark.usefixtures("_refusing")
def test_what_only_the_shop_can_price_is_changed_there(browser: FlaskClient) -> None:
    discount = {"discounts": [{"title": "10 %", "amount": 100}]}
    totals = {"goods": 3598, "discount": 100, "tax": 170, "total": 3498}
    lines = [BOOKS, LAMP | {"available": 0}]
    page = Page(buy(browser, Page(brought(browser, signed(a_cart(lines=lines, totals=totals, **discount))))))
    assert page.one("a", href="#basket").text.endswith("Change your basket in the shop and come back")
    assert not page.all("button", aria_label=REMOVE)


@pytest.mark.usefixtures("_refusing")
def test_a_program_leaves_a_line_out(client: FlaskClient) -> None:
    body = an_order_body(cart_token=a_basket(1, 2, lamps=0), without=["LP-1"])
    taken = client.post("/v1/orders", json=body, headers={"Idempotency-Key": "one"})
    assert (taken.status_code, taken.json["total"]["amount"]) == (202, 2598 + 495)
    body = an_order_body(cart_token=a_basket(2, 2, lamps=0), without=["XX-9"])
    refused = client.post("/v1/orders", json=body, headers={"Idempotency-Key": "two"})
    assert (refused.status_code, refused.json["field"]) == (400, "without")


REMOVE = "Remove Reading lamp"


def pressed(browser: FlaskClient, page: Page, label: str) -> Page:
    """The page after a button of the basket, which stands outside of the form that it belongs to."""
    button, form = page.one("button", aria_label=label), page.one("form", id="checkout")
    form.inside.append(button)
    return Page(submit(browser, form, button["formaction"], {}))
