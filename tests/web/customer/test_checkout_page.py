"""/checkout: the whole purchase on one page, without JavaScript."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Order, PaymentState, Queue
from fallback.domain.outage.failover import Customers
from fallback.i18n import address_lines
from fallback.ledger.outage.observations import RedisObservations
from fallback.usecases.order.cancel_order import cancel_order
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.buying import IRIS, at_checkout, brought, buy
from tests.web.filling import forge, press, send
from tests.web.html import Page, follow
from tests.web.world import BOOKS, CARD, CART_KEY, COURIER, NOW, PROXY_TOKEN, STANDARD, a_cart, signed
from tests.workers.running import nobody_there

CARD_NUMBER = "4242 4242 4242 4242"


def the_order(ledger: FakeLedger) -> Order:
    [ref] = ledger.refs()
    return ledger.load(ref)


# --- the cart


def test_the_page_shows_what_the_shop_signed(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout"))
    assert page.status == 200
    assert "The Lighthouse Ledger 2 × €12.99 €25.98" in page.text
    assert "Standard delivery €4.95" in page.text
    assert "€30.93 in total" in page.text
    assert page.one("img")["src"] == "http://shop.example/media/bk1.svg"
    assert [option.text for option in page.all("option") if "November" in option.text] == [
        "Monday, 23 November, 08:00 – 12:00 UTC",
        "Monday, 23 November, 12:00 – 18:00 UTC",
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
        "Total": "€27.63",
    }


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


# --- ordering


def test_a_customer_orders_and_pays_later(browser: FlaskClient, ledger: FakeLedger, container: Container) -> None:
    page = follow(browser, buy(browser))
    order = the_order(ledger)
    assert page.title == "We have your order, but it is not paid yet"
    assert (order.customer.name, order.customer.email) == ("Iris Murdoch", "iris@example.org")
    assert (order.payment.amount, order.payment.state, order.locale) == (3093, PaymentState.NONE, "en-GB")
    assert (order.delivery.id, order.maybe_taken) == ("standard", False)
    assert container.bells.rung == [Queue.NOTICE]


def test_a_customer_orders_by_card(browser: FlaskClient, ledger: FakeLedger, container: Container) -> None:
    page = follow(browser, buy(browser, payment="card", confirmation_token=CARD))
    assert page.title == "Thank you, we have your order"
    assert (the_order(ledger).payment.state, the_order(ledger).payment.token) == (PaymentState.PENDING, CARD)
    assert Queue.PAYMENT in container.bells.rung


def test_who_owes_nothing_is_asked_for_no_payment(browser: FlaskClient, ledger: FakeLedger) -> None:
    free = a_cart(
        discounts=[{"title": "Voucher", "amount": 2598}],
        totals={"goods": 2598, "discount": 2598, "tax": 170, "total": 0},
        delivery=[{**STANDARD, "price": 0}],
    )
    page = Page(brought(browser, signed(free)))
    assert page.status == 200
    assert "card" not in page.text.lower()
    assert "Payment" not in page.text
    typed = {name: text for name, text in IRIS.items() if name != "payment"}
    assert send(browser, page, "/checkout", typed).status_code == 303
    assert the_order(ledger).total.amount == 0


def test_a_delivery_time_is_part_of_the_order(browser: FlaskClient, ledger: FakeLedger) -> None:
    buy(browser, **{"delivery.id": "courier", "slot.courier": "2026-11-23-pm"})
    order = the_order(ledger)
    assert (order.delivery.id, order.delivery.slot.id, order.payment.amount) == ("courier", "2026-11-23-pm", 3388)


def test_the_same_page_sent_twice_is_one_order(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = at_checkout(browser)
    first, second = (buy(browser, page) for _ in range(2))
    assert first.location == second.location
    assert len(ledger.refs()) == 1


def test_the_same_page_sent_again_with_changes_leads_to_the_first_order(
    browser: FlaskClient, ledger: FakeLedger
) -> None:
    form = at_checkout(browser)
    first = buy(browser, form)
    page = Page(buy(browser, form, **{"contact.name": "I. Murdoch"}))
    assert (page.status, page.title) == (409, "You have already ordered this basket")
    assert page.one("a", **{"class": "button"})["href"] == first.location
    assert the_order(ledger).customer.name == "Iris Murdoch"


def test_after_a_cancellation_the_same_basket_can_be_ordered_again(
    browser: FlaskClient, ledger: FakeLedger, container: Container
) -> None:
    for _ in range(2):
        assert buy(browser).status_code == 303
        cancel_order(container, ledger.refs()[-1], "customer")
    assert len(ledger.refs()) == 2


def test_a_request_without_the_cart_in_the_form_orders_nothing(browser: FlaskClient, ledger: FakeLedger) -> None:
    """Another site can make the browser send its cookie, but it cannot read the cart to put it into a form."""
    page = Page(forge(browser, "/checkout", IRIS, headers={"Origin": "http://evil.example"}))
    assert page.title == "We could not find your basket"
    assert ledger.refs() == []


def test_while_orders_cannot_be_kept_the_form_is_kept(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = at_checkout(browser)
    ledger.fail_next("accept", TryAgain("away"))
    answer = buy(browser, page, payment="card", confirmation_token=CARD)
    assert answer.headers["Retry-After"] == "5"
    page = Page(answer)
    assert page.status == 503
    assert "wait a few seconds and try again" in page.text
    typed = IRIS | {"payment": "card", "confirmation_token": CARD}
    assert typed.items() <= page.fields.items()
    assert press(browser, page, "/checkout").title == "Thank you, we have your order"


def test_an_answer_that_was_lost_is_found_again(browser: FlaskClient, ledger: FakeLedger) -> None:
    ledger.fail_next("accept", TryAgain("away"), after_effect=True)
    page = at_checkout(browser)
    assert buy(browser, page).status_code == 503
    assert buy(browser, page).status_code == 303
    assert len(ledger.refs()) == 1


def test_orders_are_accepted_whatever_the_mode(browser: FlaskClient, container: Container) -> None:
    """A form that was opened while the shop was away may be sent when it is back."""
    assert container.modes.read().mode == "standby"
    assert buy(browser).status_code == 303


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


# --- mistakes


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("contact.email", "", "Enter an e-mail address, like name@example.com"),
        ("contact.email", "iris at example", "Enter an e-mail address, like name@example.com"),
        ("contact.name", " ", "Enter your name"),
        ("contact.phone", "none", "Enter a phone number, like +44 20 7946 0958, or leave it empty"),
        ("shipping_address.line1", "", "Enter a street and house number"),
        ("shipping_address.postal_code", "", "Enter a postcode"),
        ("shipping_address.city", "", "Enter a town or city"),
        ("shipping_address.country", "", "Select a country"),
        ("delivery.id", None, "Choose a delivery method"),
        ("delivery.id", "courier", "Choose a delivery time"),
        ("note", "n" * 1_001, "Enter a note of at most 1,000 characters"),
        ("contact.name", CARD_NUMBER, "This looks like a card number."),
        ("note", f"my card: {CARD_NUMBER}", "This looks like a card number."),
    ],
)
def test_a_mistake_is_named_at_its_field_and_the_rest_is_kept(
    browser: FlaskClient, ledger: FakeLedger, field: str, value: str | None, error: str
) -> None:
    page = Page(buy(browser, **{field: value}))
    assert page.status == 400
    assert list(page.errors) == [field]
    assert page.errors[field].startswith(error)
    assert page.one("p", id=f"{field}-error").text == page.errors[field]
    kept = {name: text for name, text in IRIS.items() if name != field}
    assert kept.items() <= page.fields.items()
    assert ledger.refs() == []


@pytest.mark.parametrize(
    ("field", "error"),
    [("shipping_address.country", "Select a country"), ("delivery.id", "Choose a delivery method")],
)
def test_a_choice_that_no_page_offers_is_none(browser: FlaskClient, ledger: FakeLedger, field: str, error: str) -> None:
    page = Page(forge(browser, "/checkout", at_checkout(browser).fields | IRIS | {field: "Atlantis"}))
    assert (page.status, page.errors) == (400, {field: error})
    assert ledger.refs() == []


@pytest.mark.parametrize("country", ["HK", "AE", "IE"])
def test_nobody_is_asked_for_a_postcode_where_there_is_none(
    browser: FlaskClient, ledger: FakeLedger, country: str
) -> None:
    typed = {"shipping_address.postal_code": "", "shipping_address.country": country}
    assert buy(browser, **typed).status_code == 303
    [ref] = ledger.refs()
    customer = ledger.load(ref).customer
    assert customer
    assert (customer.address.postal_code, customer.address.country) == ("", country)
    assert " Hull" not in address_lines(customer.address, "en")
    assert "Hull" in address_lines(customer.address, "en")


def test_a_postcode_may_be_left_empty_in_the_browser_and_is_not_called_optional(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout"))
    assert "required" not in page.one("input", id="shipping_address.postal_code").attributes
    assert page.one("label", **{"for": "shipping_address.postal_code"}).text == "Postcode"
    assert page.one("label", **{"for": "shipping_address.region"}).text == "State or region (optional)"


NOTHING_CHOSEN = {"payment": "card", "delivery.id": None, "shipping_address.country": ""}


def test_all_mistakes_are_named_at_once_in_the_order_of_the_page(browser: FlaskClient) -> None:
    page = press(browser, at_checkout(browser), "/checkout", NOTHING_CHOSEN)
    places = [page.source.index(f'id="{field}"') for field in page.errors]
    assert list(page.errors) == [
        "contact.email",
        "contact.name",
        "shipping_address.country",
        "shipping_address.line1",
        "shipping_address.postal_code",
        "shipping_address.city",
        "delivery.id",
        "payment",
    ]
    assert places == sorted(places)
    assert page.one("title").text.startswith("Error:")


def test_a_card_number_is_not_shown_again(browser: FlaskClient) -> None:
    typed = dict.fromkeys(("contact.name", "contact.phone", "shipping_address.line1", "note"), CARD_NUMBER)
    assert CARD_NUMBER not in buy(browser, **typed).text


def test_a_phone_number_in_its_usual_forms_is_taken(browser: FlaskClient) -> None:
    for phone in ("+44 20 7946 0958", "030/23125-000", "+49 151 23456789"):
        page = Page(buy(browser, **{"contact.phone": phone, "contact.name": ""}))
        assert list(page.errors) == ["contact.name"]


def test_a_card_without_its_token_is_asked_for(browser: FlaskClient) -> None:
    for token in ("", CARD_NUMBER, "ctoken"):
        page = Page(buy(browser, payment="card", confirmation_token=token))
        assert page.errors == {"payment": "Enter your card details, or choose to pay later"}
        assert page.fields["confirmation_token"] == ""


def test_a_card_that_was_given_outlasts_a_mistake_elsewhere(browser: FlaskClient) -> None:
    page = Page(buy(browser, payment="card", confirmation_token=CARD, **{"contact.name": ""}))
    assert "We have the card details that you entered." in page.text
    assert (page.fields["payment"], page.fields["confirmation_token"]) == ("card", CARD)


def test_what_is_typed_is_shown_as_text(browser: FlaskClient) -> None:
    page = Page(buy(browser, **{"contact.name": '"><b>Iris</b>', "contact.email": ""}))
    assert page.fields["contact.name"] == '"><b>Iris</b>'
    assert page.all("b") == []


def test_line_breaks_in_a_line_become_spaces(browser: FlaskClient, ledger: FakeLedger) -> None:
    buy(browser, **{"contact.name": "Iris\r\nMurdoch\t"})
    assert the_order(ledger).customer.name == "Iris Murdoch"


def test_what_no_browser_sends_is_refused(browser: FlaskClient, ledger: FakeLedger) -> None:
    shown = at_checkout(browser).fields | IRIS
    no_time = {"delivery.id": "courier", "slot.courier": "t" * 300}
    assert forge(browser, "/checkout", shown | no_time).status_code == 400
    assert forge(browser, "/checkout", shown | {"nonce": "\ud7ff\x00", "locale": "<script>"}).status_code == 303
    assert the_order(ledger).locale == "en"


# --- paying


def test_without_javascript_paying_later_is_chosen_and_the_page_says_why(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout"))
    assert page.fields["payment"] == "later"
    assert "hidden" in page.one("div", id="by-card").attributes
    assert "needs JavaScript" in page.one("noscript").text


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


# --- languages


def test_the_page_speaks_the_language_of_the_browser(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout", headers={"Accept-Language": "fr-FR, de-AT;q=0.8, en;q=0.5"}))
    assert page.one("html")["lang"] == "de-AT"
    assert page.title == "Kasse"
    assert "€ 25,98" in page.text
    assert page.fields["locale"] == "de-AT"
    assert [option.text for option in page.all("option", selected="")] == ["Österreich"]


def test_a_language_that_we_do_not_speak_is_answered_in_english(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout", headers={"Accept-Language": "fr-FR, xx-invalid-tag"}))
    assert (page.one("html")["lang"], page.title) == ("en", "Checkout")


def test_mistakes_are_named_in_the_language_of_the_page(browser: FlaskClient) -> None:
    form = Page(browser.get("/checkout", headers={"Accept-Language": "de-DE"}))
    page = Page(buy(browser, form, **{"contact.name": ""}))
    assert page.errors == {"contact.name": "Geben Sie Ihren Namen ein"}


# --- sent by the proxy


def test_a_customer_of_the_share_with_an_unreadable_cart_is_returned_to_the_shop(
    client: FlaskClient, browser: FlaskClient
) -> None:
    assert client.get("/checkout", headers=sent_by_proxy("share")).status_code == 502
    assert client.get("/checkout", headers=sent_by_proxy("failed")).status_code == 400
    assert browser.get("/checkout", headers=sent_by_proxy("share")).status_code == 200


def sent_by_proxy(reason: str) -> dict[str, str]:
    return {"X-Fallback-Proxy": PROXY_TOKEN, "X-Fallback-Reason": reason}


@pytest.mark.parametrize("reason", ["failed", "maybe_taken"])
def test_a_customer_whom_the_shop_failed_is_counted_once_however_often_they_try(
    browser: FlaskClient, container: Container, reason: str
) -> None:
    for _ in range(3):
        browser.get("/checkout", headers=sent_by_proxy(reason))
    assert container.observations.customers(NOW) == Customers(1, 3, 3 if reason == "maybe_taken" else 0)


def test_a_customer_without_a_cart_whom_the_shop_failed_counts_by_their_address(
    client: FlaskClient, container: Container
) -> None:
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        client.get("/checkout", headers=sent_by_proxy("failed") | {"X-Forwarded-For": address})
    assert container.observations.customers(NOW).heads == 2


@pytest.mark.parametrize(
    "headers", [{}, sent_by_proxy("mode"), sent_by_proxy("share"), sent_by_proxy("failed") | {"X-Fallback-Proxy": "x"}]
)
def test_a_request_that_the_shop_did_not_fail_is_no_evidence(
    browser: FlaskClient, container: Container, headers: dict[str, str]
) -> None:
    browser.get("/checkout", headers=headers)
    assert container.observations.customers(NOW) == Customers()


def test_while_nothing_can_be_counted_the_customer_is_served(browser: FlaskClient, container: Container) -> None:
    container.observations = RedisObservations(nobody_there())
    assert browser.get("/checkout", headers=sent_by_proxy("failed")).status_code == 200
