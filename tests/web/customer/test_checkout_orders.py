"""The checkout page's form makes one order, whatever is sent twice, late or without an answer."""

from __future__ import annotations

from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.order import PaymentState, Queue
from fallback.usecases.order.cancel_order import cancel_order
from tests.fakes.ledger import FakeLedger
from tests.web.buying import IRIS, at_checkout, brought, buy
from tests.web.customer.checkout_page import the_order
from tests.web.filling import forge, press, send
from tests.web.html import Page, follow
from tests.web.world import CARD, STANDARD, a_cart, signed


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


def test_a_free_cart_asks_for_no_payment(browser: FlaskClient, ledger: FakeLedger) -> None:
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


def test_who_sends_it_too_often_has_the_form_as_it_was_and_may_send_it_later(
    browser: FlaskClient, ledger: FakeLedger, container: Container
) -> None:
    container.config = replace(container.config, fallback_orders_per_minute=1)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    page = at_checkout(browser)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    typed = IRIS | {"payment": "card", "confirmation_token": CARD}
    assert buy(browser, page, **typed | {"contact.name": ""}).status_code == 400
    answer = buy(browser, page, **typed)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    page = Page(answer)
    assert page.status == 429
    assert page.one("div", id="errors").text.endswith("Bitte warten Sie eine Minute und versuchen Sie es noch einmal.")
    assert typed.items() <= page.fields.items()
    assert ledger.refs() == []
    browser.application.extensions["limits"].clear()  # a minute later
    assert press(browser, page, "/checkout").status == 200
    assert the_order(ledger).payment.token == CARD


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
