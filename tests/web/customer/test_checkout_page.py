"""/checkout: the whole purchase on one page, without JavaScript."""

from __future__ import annotations

import re
from unittest.mock import Mock

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.cart import MOST_DELIVERIES
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.storefront import Storefront
from fallback.web.http.static_files import FILES
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.buying import IRIS, brought, buy
from tests.web.customer.checkout_page import sent_by_proxy, the_order
from tests.web.filling import forge
from tests.web.html import Page
from tests.web.world import CART_KEY, NOW, PROXY_TOKEN, STANDARD, a_cart, signed

# --- the cart


def test_the_page_shows_what_the_shop_signed(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout"))
    assert page.status == 200
    assert "The Lighthouse Ledger 2 × €12.99 €25.98" in page.text
    assert "Standard delivery €4.95" in page.text
    assert "€30.93 in total" in page.text
    assert page.one("img")["src"] == "http://shop.example/media/bk1.svg"
    assert [option.text for option in page.all("option") if "November" in option.text] == [
        "Monday 23 November, 08:00 – 12:00 UTC",
        "Monday 23 November, 12:00 – 18:00 UTC",
    ]


@pytest.mark.parametrize(("currency", "price"), [("JPY", "JP¥2,598"), ("KWD", "KWD2.598"), ("EUR", "€25.98")])
def test_prices_have_the_decimals_of_their_currency(browser: FlaskClient, currency: str, price: str) -> None:
    token = signed(a_cart(currency=currency, delivery=[{**STANDARD, "price": 492}]))
    page = Page(brought(browser, token))
    assert price in page.text


def test_discounts_and_added_tax_lead_to_the_total(browser: FlaskClient) -> None:
    cart = a_cart(
        discounts=[{"title": "5 euros off", "amount": 500}],
        tax={"included": False, "amount": 170},
        totals={"goods": 2598, "discount": 500, "tax": 170, "total": 2268},
        delivery=[STANDARD],
    )
    page = Page(brought(browser, signed(cart)))
    sums = dict(zip([term.text for term in page.all("dt")], [value.text for value in page.all("dd")], strict=True))
    assert sums == {
        "Goods": "€25.98",
        "5 euros off": "-€5.00",
        "Tax": "€1.70",
        "Subtotal": "€22.68",
        "Standard delivery": "€4.95",
        "Total": "€27.63",
    }


def test_the_summary_has_a_delivery_and_a_total_for_each_choice(browser: FlaskClient) -> None:
    """The style sheet shows those of the option that is chosen, and the last while none is."""
    page = Page(browser.get("/checkout"))
    numbers = {row["data-with"] for row in page.one("dl", id="sum").all("div") if "data-with" in row.attributes}
    assert page.one("div", id="basket-rows").text.endswith(
        "Subtotal €25.98 Standard delivery €4.95 Total €30.93 Courier €7.90 Total €33.88 Total from €30.93"
    )
    assert page.one("dl", id="sum").text == "Total €30.93 Total €33.88 Total from €30.93"
    assert [page.one("input", id=f"delivery-{number}")["value"] for number in sorted(numbers)] == [
        "standard",
        "courier",
    ]


def test_the_style_sheet_knows_as_many_options_as_a_cart_may_have() -> None:
    style = FILES["checkout.css"].decode()
    known = re.findall(r'html:has\(#delivery-(\d+):checked\) \[data-with="(\d+)"\]', style)
    assert known == [(str(number), str(number)) for number in range(1, MOST_DELIVERIES + 1)]


# --- the shop is away


AWAY = "The shop's checkout is down. Order here"


def test_the_first_line_says_that_the_shop_is_away_and_what_this_means(
    browser: FlaskClient, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert AWAY not in Page(browser.get("/checkout")).text
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Omar", "down"))
    page = Page(browser.get("/checkout"))
    assert page.one("main").text.startswith(AWAY)
    assert "only then are you charged" in page.text
    assert AWAY in Page(buy(browser, page, **{"contact.name": ""})).text
    monkeypatch.setattr(container.modes, "read", Mock(side_effect=TryAgain("away")))
    assert Page(browser.get("/checkout")).status == 200


def test_a_customer_whom_the_shop_failed_reads_it_before_anybody_has_switched(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout", headers=sent_by_proxy("failed")))
    assert AWAY in page.text
    assert AWAY in Page(buy(browser, page, **{"contact.name": ""})).text
    assert AWAY not in Page(browser.get("/checkout", headers=sent_by_proxy("share"))).text


def test_one_note_is_enough_for_an_order_that_may_have_gone_through(browser: FlaskClient) -> None:
    assert AWAY not in Page(browser.get("/checkout?checking=1")).text


def test_the_customer_can_go_back_to_the_basket(browser: FlaskClient, container: Container) -> None:
    assert "Back to the basket" not in Page(browser.get("/checkout")).text
    storefront = Storefront(basket_url="http://shop.example/basket/")
    container.config = replace(container.config, storefront=storefront)
    [link] = [link for link in Page(browser.get("/checkout")).all("a") if link.text == "Back to the basket"]
    assert link["href"] == "http://shop.example/basket/"


def test_failover_js_brings_the_cart_by_post_and_nothing_is_stored(browser: FlaskClient, ledger: FakeLedger) -> None:
    response = brought(browser, signed())
    assert Page(response).fields["cart_token"] == signed()
    assert ledger.refs() == []
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("token", "title"),
    [
        ("", "We could not find your basket"),
        ("no token", "This basket does not come from the shop"),
        (signed(key=CART_KEY | {"k": "b3RoZXI_" * 6}), "This basket does not come from the shop"),
        (signed(a_cart(lines=[])), "We cannot read this basket"),
        (signed(a_cart(iss="other-shop")), "This basket belongs to another shop"),
        (signed(a_cart(exp=int(NOW.timestamp()) - 3600)), "The prices in your basket have expired"),
        (
            signed(a_cart(currency="EUR", tax={"included": False, "amount": 170})),
            "The prices in your basket do not add up",
        ),
    ],
)
def test_a_cart_that_cannot_be_sold_is_explained(
    browser: FlaskClient, token: str, title: str, ledger: FakeLedger
) -> None:
    browser.set_cookie("fallback_cart", token)
    for response in (browser.get("/checkout"), forge(browser, "/checkout", IRIS | {"cart_token": token})):
        page = Page(response)
        assert (page.status, page.title) == (400, title)
        assert "No order was placed and nothing was charged." in page.text
        assert page.one("a", **{"class": "button"})["href"] == "http://shop.example"
    assert ledger.refs() == []


def test_a_cart_that_was_ordered_before_leads_to_its_order(browser: FlaskClient, ledger: FakeLedger) -> None:
    order = ledger.keep(an_order(cart_id="basket-17"))
    page = Page(browser.get("/checkout"))
    assert page.title == "You have already ordered this basket"
    assert Page(browser.get(page.one("a", **{"class": "button"})["href"])).status == 200
    assert order.ref in page.text


def test_the_page_opens_while_the_ledger_is_away(browser: FlaskClient, ledger: FakeLedger) -> None:
    ledger.fail_next("ref_of_cart", TryAgain("away"))
    assert Page(browser.get("/checkout")).title == "Checkout"


# --- a try in the shop whose outcome nobody knows


def test_a_customer_whose_try_may_have_gone_through_is_told_so(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(browser.get("/checkout?checking=1"))
    assert "We are checking whether your order went through" in page.text
    buy(browser, page)
    assert the_order(ledger).maybe_taken


def test_the_proxy_says_that_a_try_may_have_gone_through(browser: FlaskClient) -> None:
    told = {"X-Fallback-Reason": "maybe_taken", "X-Fallback-Proxy": PROXY_TOKEN}
    assert "checking" in Page(browser.get("/checkout", headers=told)).fields
    assert "checking" not in Page(browser.get("/checkout", headers=told | {"X-Fallback-Proxy": "a guess"})).fields
    assert "checking" not in Page(browser.get("/checkout")).fields


# --- languages


def test_the_page_speaks_the_language_of_the_browser(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout", headers={"Accept-Language": "sv-SE, de-AT;q=0.8, en;q=0.5"}))
    assert page.one("html")["lang"] == "de-AT"
    assert page.title == "Kasse"
    assert "€ 25,98" in page.text
    assert page.fields["locale"] == "de-AT"
    assert [option.text for option in page.all("option", selected="")] == ["Österreich"]


def test_a_language_that_we_do_not_speak_is_answered_in_english(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout", headers={"Accept-Language": "sv-SE, xx-invalid-tag"}))
    assert (page.one("html")["lang"], page.title) == ("en", "Checkout")


def test_mistakes_are_named_in_the_language_of_the_page(browser: FlaskClient) -> None:
    form = Page(browser.get("/checkout", headers={"Accept-Language": "de-DE"}))
    page = Page(buy(browser, form, **{"contact.name": ""}))
    assert page.errors == {"contact.name": "Geben Sie Ihren Namen ein"}


# --- the button


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de-DE", "Zahlungspflichtig bestellen"),
        ("en-IE", "Order with obligation to pay"),
        ("en-US", "Order with obligation to pay"),
    ],
)
def test_without_script_the_button_says_that_ordering_obliges_to_pay(
    browser: FlaskClient, language: str, words: str
) -> None:
    """Whatever country the customer chooses on this page: the button cannot follow."""
    page = Page(browser.get("/checkout", headers={"Accept-Language": language}))
    assert [button.text for button in page.all("button", **{"class": "button"})] == [words]


def test_where_nothing_is_to_be_paid_the_button_says_nothing_of_it(browser: FlaskClient) -> None:
    free = {"goods": 2598, "discount": 2598, "tax": 0, "total": 0}
    gift = {"title": "Gift", "amount": 2598}
    cart = a_cart(
        discounts=[gift], tax={"included": True, "amount": 0}, totals=free, delivery=[{**STANDARD, "price": 0}]
    )
    page = Page(brought(browser, signed(cart)))
    assert page.one("button", **{"class": "button"}).text == "Place order"
