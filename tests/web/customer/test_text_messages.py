"""Text messages: agreed to in the checkout or on the order's page, and stopped there by one click."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order.contact_ways import ContactWays
from tests.builders import CUSTOMER
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import at, is_problem, opened, place
from tests.web.buying import at_checkout, buy
from tests.web.customer.checkout_page import the_order
from tests.web.customer.order_page import WAITING, WithLink
from tests.web.html import Page

MOBILE = "07400 123456"
WITH_PHONE = replace(WAITING, customer=replace(CUSTOMER, phone=MOBILE))
NOT_MOBILE = "Enter the number of a mobile phone, or do without text messages"


@pytest.fixture
def gateway(container: Container) -> None:
    container.config = replace(container.config, contact_ways=ContactWays(sms_url="https://sms.example"))


def boxes(page: Page) -> list[dict[str, str]]:
    return [each.attributes for each in page.all("input") if each.attributes.get("name") == "text_messages"]


# --- in the checkout


@pytest.mark.usefixtures("gateway")
def test_the_box_is_there_and_not_ticked(browser: FlaskClient) -> None:
    [box] = boxes(at_checkout(browser))
    assert "checked" not in box


def test_without_a_gateway_there_is_no_box_and_a_forged_tick_counts_for_nothing(
    browser: FlaskClient, ledger: FakeLedger
) -> None:
    assert boxes(at_checkout(browser)) == []
    assert place(browser, text_messages=True, contact=contact(MOBILE)).status_code == 202
    assert agreed(ledger) == (False, ["received"])


@pytest.mark.usefixtures("gateway")
def test_who_ticks_it_agrees_and_when_is_on_record(browser: FlaskClient, ledger: FakeLedger) -> None:
    buy(browser, **{"contact.phone": MOBILE, "text_messages": "yes"})
    assert agreed(ledger) == (True, ["received", "sms_agreed"])


@pytest.mark.usefixtures("gateway")
def test_who_does_not_tick_it_does_not(browser: FlaskClient, ledger: FakeLedger) -> None:
    buy(browser, **{"contact.phone": MOBILE})
    assert agreed(ledger) == (False, ["received"])


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("phone", ["", "01482 300300"])
def test_it_needs_a_mobile_phone_and_stays_ticked(browser: FlaskClient, ledger: FakeLedger, phone: str) -> None:
    page = Page(buy(browser, **{"contact.phone": phone, "text_messages": "yes"}))
    assert (page.status, page.errors) == (400, {"contact.phone": NOT_MOBILE})
    assert "checked" in boxes(page)[0]
    assert ledger.refs() == []


@pytest.mark.usefixtures("gateway")
def test_a_program_says_that_the_customer_agrees(client: FlaskClient, ledger: FakeLedger) -> None:
    assert is_problem(place(client, text_messages=True), 400, "invalid")
    assert place(client, text_messages=True, contact=contact(MOBILE)).status_code == 202
    assert agreed(ledger) == (True, ["received", "sms_agreed"])


def test_a_program_gives_and_withdraws_consent_after_the_order_too(
    client: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    order = opened(place(client, contact=contact(MOBILE)))

    def choose(wanted: bool) -> TestResponse:
        return client.post(**at(order, "/text-messages"), json={"wanted": wanted})

    assert is_problem(choose(wanted=True), 409, "not_possible_now")
    container.config = replace(container.config, contact_ways=ContactWays(sms_url="https://sms.example"))
    assert choose(wanted=True).json["customer"]["sms"] is True
    assert "sms" not in choose(wanted=False).json["customer"]
    assert agreed(ledger) == (False, ["received", "sms_agreed", "sms_withdrawn"])


@pytest.mark.usefixtures("gateway")
def test_a_program_cannot_agree_for_who_has_no_mobile_phone(client: FlaskClient) -> None:
    order = opened(place(client))
    assert is_problem(client.post(**at(order, "/text-messages"), json={"wanted": True}), 409, "not_possible_now")


def contact(phone: str) -> dict[str, str]:
    return {"name": "Iris Murdoch", "email": "iris@example.org", "phone": phone}


def agreed(ledger: FakeLedger) -> tuple[bool, list[str]]:
    order = the_order(ledger)
    assert order.customer
    return order.customer.sms, [event.what for event in ledger.timeline(order.ref)]


# --- on the order's page


@pytest.mark.usefixtures("gateway")
def test_one_click_agrees_and_one_click_stops_it(with_link: WithLink) -> None:
    customer = with_link(WITH_PHONE)
    page = customer.press("/text-messages")
    assert "comes by text message (SMS) to +447400123456." in page.text
    assert customer.ledger.load(customer.ref).customer.sms
    page = customer.press("/text-messages")
    assert not customer.ledger.load(customer.ref).customer.sms
    assert "can also come by text message" in page.text
    assert [event.what for event in customer.ledger.timeline(customer.ref)] == ["sms_agreed", "sms_withdrawn"]


def test_who_agreed_can_stop_it_when_the_gateway_is_gone_and_cannot_agree_again(with_link: WithLink) -> None:
    customer = with_link(replace(WITH_PHONE, customer=replace(CUSTOMER, phone=MOBILE, sms=True)))
    page = customer.press("/text-messages")
    assert not customer.ledger.load(customer.ref).customer.sms
    assert "text message" not in page.one("section", **{"aria-labelledby": "basket"}).text


@pytest.mark.usefixtures("gateway")
def test_without_a_mobile_phone_nothing_is_offered(with_link: WithLink) -> None:
    assert not [form for form in with_link(WAITING).open().all("form") if "text-messages" in form["action"]]
