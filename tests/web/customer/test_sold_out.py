"""What a customer and a program hear when the shop has fewer pieces than were ordered of it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from msgspec import structs

from fallback.bootstrap.container import Container
from fallback.domain.order.exposure import WhenSoldOut
from tests.fakes.ledger import FakeLedger
from tests.web.buying import brought, buy
from tests.web.filling import follow
from tests.web.html import Page
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
    assert page.one("a", href="#basket").text.startswith("The shop does not have enough of an item.")
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
