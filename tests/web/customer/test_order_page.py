"""/orders/{ref}: what happened, what comes next and by when, and who may see it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Decline, Order, Placement
from tests.builders import CUSTOMER, an_order
from tests.web.customer.order_page import (
    BANK_ASKS,
    CANCELLED,
    DECLINED,
    MERGED,
    NOT_PAID,
    ON_HOLD,
    PAYMENT_UNKNOWN,
    SETTLED,
    WAITING,
    P,
    S,
    WithLink,
    payment,
)
from tests.web.filling import forge
from tests.web.html import Page

ORDERS = {
    NOT_PAID: "We have your order, but it is not paid yet",
    DECLINED: "Your bank did not accept the payment",
    BANK_ASKS: "Please confirm the payment",
    PAYMENT_UNKNOWN: "We are asking your bank whether the payment went through",
    ON_HOLD: "An agent is reviewing your order",
    WAITING: "We have your order and keep it safe",
    SETTLED: "The shop has your order",
    MERGED: "The shop already had your order",
    CANCELLED: "Your order is cancelled",
    an_order(payment=payment(P.PENDING)): "Thank you, we have your order",
    an_order(placement=Placement(state=S.UNKNOWN)): "We are asking the shop whether it has your order",
    an_order(placement=Placement(state=S.PLACING)): "The shop is getting your order",
    an_order(placement=Placement(state=S.CANCELLED)): "We are cancelling your order",
    an_order(placement=Placement(state=S.MERGED, number="100016")): "The shop already had your order",
    replace(CANCELLED, payment=payment(P.REFUNDED, captured=3093, refunded=3093)): (
        "Your order is cancelled and refunded"
    ),
    replace(SETTLED, payment=payment(P.REFUNDED, captured=3093, refunded=3093)): "Your order is refunded",
}


# --- what is


@pytest.mark.parametrize(("order", "title"), ORDERS.items(), ids=list(ORDERS.values()))
def test_each_state_of_an_order_has_its_page_title(with_link: WithLink, order: Order, title: str) -> None:
    page = with_link(order).open()
    assert (page.status, page.title) == (200, title)
    assert "%(" not in page.source


def test_every_headline_is_among_them() -> None:
    assert {headline(order) for order in ORDERS} == set(Headline)


def test_the_page_says_that_the_payment_is_unknown(with_link: WithLink) -> None:
    page = with_link(PAYMENT_UNKNOWN).open()
    assert "so we do not know yet" in page.text
    assert "Please do not order again" in page.text


def test_the_page_shows_what_was_agreed(with_link: WithLink) -> None:
    text = with_link(WAITING).open().text
    for agreed in (
        "The Sea, the Sea 2 × €12.99 €25.98",
        "Standard delivery €4.95",
        "Total €30.93",
        "Monday, November 23, 8:00 AM – 12:00 PM UTC",
        "Iris Murdoch 1 Quay Hull HU1 1AA United Kingdom",
        "iris@example.org",
    ):
        assert agreed in text


def test_the_contact_has_the_phone_number_that_was_given(with_link: WithLink) -> None:
    reachable = replace(CUSTOMER, phone="+44 1482 300300")
    assert "Contact iris@example.org +44 1482 300300" in with_link(replace(WAITING, customer=reachable)).open().text


def test_an_order_without_its_personal_data_can_still_be_read(with_link: WithLink) -> None:
    page = with_link(replace(SETTLED, customer=None)).open()
    assert page.title == "The shop has your order"
    assert "Shipping address" not in page.text


def test_the_money_of_a_settled_order_is_named_with_the_number_of_the_shop(with_link: WithLink) -> None:
    assert "The shop's order number is 100017. You were charged €30.93." in with_link(SETTLED).open().text


def test_a_merged_order_says_that_nothing_was_bought_twice(with_link: WithLink) -> None:
    assert "number 100016. We have not ordered a second time." in with_link(MERGED).open().text


def test_money_charged_for_a_second_order_comes_back(with_link: WithLink) -> None:
    charged = replace(MERGED, payment=payment(P.CAPTURED, authorized=3093, captured=3093))
    coming = with_link(charged).open()
    assert "€30.93 will be refunded to the card." in coming.text
    assert "releasing" not in coming.text
    back = with_link(replace(MERGED, payment=payment(P.REFUNDED, captured=3093, refunded=3093))).open()
    assert "number 100016. We have not ordered a second time. We have refunded €30.93" in back.text
    assert "You can order the same basket again" not in back.text
    assert "Order the same basket again" not in back.text


def test_a_new_card_for_an_order_that_the_shop_has_is_being_asked_for(with_link: WithLink) -> None:
    order = an_order(payment=payment(P.PENDING), placement=Placement(state=S.PLACED, number="100017"))
    text = with_link(order).open().text
    assert "We are asking your bank to reserve the amount." in text
    assert "We send your order to the shop" not in text


@pytest.mark.parametrize(
    ("advice", "words"),
    [
        ("never", "This card cannot be used here. Please enter another card."),
        ("customer", "Please enter another card, or check the details of this one."),
        ("soft", "Please try again later, or enter another card."),
    ],
)
def test_a_decline_shows_its_reason_and_its_advice(with_link: WithLink, advice: str, words: str) -> None:
    order = an_order(payment=payment(P.ACTION_REQUIRED, decline=Decline("expired_card", advice)))
    text = with_link(order).open().text
    assert "The card has expired." in text
    assert words in text


def test_a_decline_without_a_reason_that_helps_says_so(with_link: WithLink) -> None:
    order = an_order(payment=payment(P.ACTION_REQUIRED, decline=Decline("do_not_honor", "customer")))
    assert "The bank did not give a reason." in with_link(order).open().text


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("payment_method_customer_decline", "You did not confirm the payment."),
        ("payment_method_provider_decline", "The payment service did not accept it."),
        ("payment_intent_payment_attempt_expired", "The payment was not confirmed in time."),
    ],
)
def test_what_a_payment_service_did_not_accept_is_not_told_of_a_bank_or_a_card(
    with_link: WithLink, code: str, reason: str
) -> None:
    order = an_order(payment=payment(P.ACTION_REQUIRED, decline=Decline(code, "customer")))
    page = with_link(order).open()
    assert page.title == "The payment was not completed"
    assert reason in page.text
    assert "try again or pay in another way" in page.text
    assert "another card" not in page.text


# --- the link


def test_without_its_key_there_is_no_order_to_see(with_link: WithLink, container: Container) -> None:
    customer, other = with_link(WAITING), with_link(SETTLED)
    for key in ("", "?key=", f"?key={other.key}"):
        for view in ("", "/cancellation", "/back"):
            page = Page(customer.browser.get(f"/orders/{customer.ref}{view}{key}"))
            assert (page.status, page.title) == (404, "Order not found")
        for action in ("/cancellation", "/payment"):
            assert forge(customer.browser, f"/orders/{customer.ref}{action}{key}").status_code == 404
    assert customer.order.version == 1


def test_the_key_stays_on_the_page(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    response = customer.browser.get(customer.address())
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert response.headers["Cache-Control"] == "no-store"


def test_an_order_of_which_nothing_is_known_is_not_there(browser: FlaskClient, container: Container) -> None:
    page = Page(browser.get(f"/orders/FB-0000-0000-0?key={container.links.key('FB-0000-0000-0')}"))
    assert (page.status, page.title) == (404, "Order not found")


def test_while_the_ledger_is_away_the_page_says_so_and_leads_back(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    customer.ledger.fail_next("load", TryAgain("away"))
    response = customer.browser.get(customer.address())
    page = Page(response)
    assert (page.status, page.title) == (503, "We cannot show your order right now")
    assert response.headers["Retry-After"]
    assert page.one("a", **{"class": "button"})["href"] == customer.address()


# --- languages


def test_the_page_speaks_the_language_in_which_was_ordered(with_link: WithLink) -> None:
    page = with_link(replace(SETTLED, locale="de-AT")).open()
    assert page.title == "Der Shop hat Ihre Bestellung"
    assert "Es wurden € 30,93 abgebucht." in page.text
    assert page.one("html")["lang"] == "de-AT"
