"""The next morning: a customer whose cart expired during the outage buys it, and the console says so."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.outage.mode import Mode
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import is_problem, place
from tests.web.buying import at_checkout, buy
from tests.web.customer.test_away import FAILED, switch, ways
from tests.web.filling import sign_in
from tests.web.html import Page, follow
from tests.web.world import NOW


def the_next_day(container: Container) -> None:
    container.clock = lambda: NOW + timedelta(hours=30)


def test_the_cart_is_bought_and_the_order_is_marked(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    switch(container, Mode.ACTIVE)
    the_next_day(container)
    assert ways(Page(browser.get("/away", headers=FAILED)))["Go to the checkout"] == "/checkout"
    follow(browser, buy(browser))
    [ref] = ledger.refs()
    assert ledger.load(ref).expired
    assert [event.what for event in ledger.timeline(ref)] == ["received", "cart_expired"]
    assert "The cart had expired" not in Page(browser.get("/checkout")).text

    sign_in(browser)
    text = Page(browser.get(f"/console/orders/{ref}")).text
    assert "Cart expired before the order, during the incident" in text
    assert "The cart had expired. It was accepted because it was valid when the incident began" in text


def test_once_the_shop_serves_again_the_basket_is_to_be_opened_there(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    the_next_day(container)
    assert at_checkout(browser).title == "The prices in your basket have expired"
    assert ledger.refs() == []


def test_an_ordinary_order_is_not_marked(client: FlaskClient, container: Container, ledger: FakeLedger) -> None:
    switch(container, Mode.ACTIVE)
    assert place(client).status_code == 202
    [ref] = ledger.refs()
    assert not ledger.load(ref).expired
    assert [event.what for event in ledger.timeline(ref)] == ["received"]


def test_a_program_buys_it_too(client: FlaskClient, container: Container, ledger: FakeLedger) -> None:
    the_next_day(container)
    is_problem(place(client), 400, "cart_expired")
    switch(container, Mode.ACTIVE)
    assert place(client).status_code == 202
    [ref] = ledger.refs()
    assert ledger.load(ref).expired
