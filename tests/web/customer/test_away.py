"""During an outage, any page of the shop explains it and offers the checkout to customers with a basket."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.outage.failover import Customers
from fallback.domain.outage.mode import Mode, ModeState
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.conftest import a_browser
from tests.web.customer.checkout_page import sent_by_proxy
from tests.web.html import Page
from tests.web.world import NOW, a_cart, signed

FAILED = sent_by_proxy("failed")
OUT_OF_ORDER = "The shop's checkout is down. You can order here"


def switch(container: Container, mode: Mode) -> None:
    container.modes.switch(ModeState(mode, NOW, "Omar", "The shop is away"))


def ways(page: Page) -> dict[str, str]:
    return {link.text: link["href"] for link in page.all("a")}


@pytest.fixture
def without_basket(browser: FlaskClient) -> FlaskClient:
    return a_browser(browser.application)


@pytest.mark.parametrize(
    ("mode", "title"),
    [
        (Mode.STANDBY, "The shop has technical problems"),
        (Mode.DRAINING, "The shop has technical problems"),
        (Mode.ACTIVE, OUT_OF_ORDER),
    ],
)
def test_the_away_page_explains_the_outage_as_the_status_page_does(
    without_basket: FlaskClient, container: Container, mode: Mode, title: str
) -> None:
    switch(container, mode)
    answer = without_basket.get("/away", headers=FAILED)
    page = Page(answer)
    assert (page.status, page.title, answer.headers["Retry-After"]) == (503, title, "30")
    assert "There is no basket in this browser" in page.text
    assert "takes over with your basket" not in page.text  # that would promise what is not there


def test_without_a_basket_nothing_leads_in_a_circle(without_basket: FlaskClient) -> None:
    page = Page(without_basket.get("/away", headers=FAILED))
    assert set(ways(page).values()) == {"#main", "", "/orders/", "/policy", "/status"}


def test_with_a_basket_it_offers_the_checkout_and_says_why(browser: FlaskClient, container: Container) -> None:
    switch(container, Mode.ACTIVE)
    page = Page(browser.get("/away", headers=FAILED))
    assert (page.status, page.title) == (503, OUT_OF_ORDER)
    assert "because the shop is not responding" in page.text
    assert "We have your basket and its prices" in page.text
    assert Page(browser.get(ways(page)["Go to the checkout"])).title == "Checkout"


def test_a_basket_that_is_ordered_leads_to_its_order(browser: FlaskClient, ledger: FakeLedger) -> None:
    order = ledger.keep(an_order(cart_id="basket-17"))
    page = Page(browser.get("/away", headers=FAILED))
    assert "Go to the checkout" not in ways(page)
    assert order.ref in ways(page)["View your order"]


@pytest.mark.parametrize("token", ["nonsense", signed(a_cart(exp=int(NOW.timestamp()) - 3600))])
def test_a_basket_with_an_invalid_token_is_not_offered(browser: FlaskClient, token: str) -> None:
    browser.set_cookie("fallback_cart", token, path="/")
    assert "Go to the checkout" not in ways(Page(browser.get("/away", headers=FAILED)))


def test_whom_the_shop_failed_is_evidence_of_an_outage(browser: FlaskClient, container: Container) -> None:
    browser.get("/away", headers=FAILED)
    browser.get("/checkout", headers=FAILED)
    assert container.observations.customers(NOW) == Customers(1, 2, 0)


def test_away_redirects_to_the_status_page_while_the_shop_works(browser: FlaskClient) -> None:
    answer = browser.get("/away")
    assert (answer.status_code, answer.location) == (303, "/status")
