"""/checkout: payment by card, later, or not needed."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.web.buying import IRIS, brought
from tests.web.filling import forge
from tests.web.html import Page
from tests.web.world import BOOKS, COURIER, STANDARD, a_cart, signed


def test_without_javascript_paying_later_is_chosen_and_the_page_says_why(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout"))
    assert page.fields["payment"] == "later"
    assert "hidden" in page.one("div", id="by-card").attributes
    assert "needs JavaScript" in " ".join(each.text for each in page.all("noscript"))


def test_stripe_is_told_the_amount_with_each_delivery(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout"))
    field = page.one("div", data_currency="eur")
    assert field["data-charge"] == "3093"
    assert field["data-script"] == "https://js.stripe.com/v3/"
    assert [way["data-charge"] for way in page.all("input", name="delivery.id")] == ["3093", "3388"]


def test_a_cart_that_no_card_can_pay_is_refused_before_anything_is_typed(browser: FlaskClient) -> None:
    """Stripe has no fils: the last of three decimals has to be 0."""
    page = Page(brought(browser, signed(a_cart(currency="KWD", delivery=[COURIER]))))
    assert page.status == 400
    assert page.title == "This exact total cannot be charged to a card"
    assert "No order was placed and nothing was charged." in page.text


def cheap(*prices: int) -> str:
    """A basket of 20 cents with ways of delivery at these prices."""
    ways = [{**STANDARD, "id": f"way-{price}", "price": price} for price in prices]
    line = {**BOOKS, "quantity": 1, "unit_price": 20}
    totals = {"goods": 20, "discount": 0, "tax": 0, "total": 20}
    return signed(a_cart(lines=[line], tax={"included": True, "amount": 0}, totals=totals, delivery=ways))


def test_a_delivery_with_which_it_cannot_be_paid_cannot_be_chosen(browser: FlaskClient) -> None:
    page = Page(brought(browser, cheap(0, 495)))
    assert ["disabled" in way.attributes for way in page.all("input", name="delivery.id")] == [True, False]
    assert page.fields["delivery.id"] == "way-495"
    assert "a total of €0.20 cannot be paid by card" in page.text
    refused = Page(forge(browser, "/checkout", page.fields | IRIS | {"delivery.id": "way-0"}))
    assert refused.status == 400
    assert "With this delivery method, the total is too small to pay by card. Choose another one" in refused.text


def test_where_only_one_delivery_is_free_the_card_field_is_there_for_the_others(browser: FlaskClient) -> None:
    free = a_cart(
        discounts=[{"title": "Voucher", "amount": 2598}],
        totals={"goods": 2598, "discount": 2598, "tax": 170, "total": 0},
        delivery=[{**STANDARD, "id": "pickup", "price": 0}, STANDARD],
    )
    page = Page(brought(browser, signed(free)))
    assert [way["data-charge"] for way in page.all("input", name="delivery.id")] == ["", "495"]
    assert page.one("div", data_currency="eur")["data-charge"] == "495"
