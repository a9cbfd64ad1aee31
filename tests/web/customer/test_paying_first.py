"""Above the shop's limits an order is not taken to be paid later."""

from __future__ import annotations

from flask.testing import FlaskClient
from msgspec import structs

from fallback.bootstrap.container import Container
from fallback.domain.order.order import PaymentState
from tests.fakes.ledger import FakeLedger
from tests.web.buying import at_checkout, brought, buy
from tests.web.html import Page
from tests.web.world import CARD, a_cart, an_order_body, signed


def limited(container: Container, **limits: int) -> None:
    """In cents."""
    settings = {f"fallback_unpaid_{name}_limit": {"EUR": limit} for name, limit in limits.items()}
    container.config = structs.replace(container.config, **settings)


def ways(page: Page) -> list[str]:
    return [each["value"] for each in page.all("input", name="payment")]


def test_a_cart_above_the_limit_of_one_order_is_offered_for_a_card_only(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    assert ways(at_checkout(browser)) == ["card", "later"]
    limited(container, order=2_597)
    page = at_checkout(browser)
    assert ways(page) == ["card"]
    assert "This order has to be paid by card, which needs JavaScript." in page.text
    assert buy(browser, page, payment="card", confirmation_token=CARD).status_code == 303
    assert ledger.load(ledger.refs()[0]).payment.state is PaymentState.PENDING


def test_who_wants_to_pay_later_once_the_limit_is_reached_is_asked_for_a_card(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    limited(container, incident=6_000)
    buy(browser)
    second = Page(brought(browser, signed(a_cart(cart_id="basket-18"))))
    page = Page(buy(browser, second))
    assert (page.status, ways(page)) == (409, ["card"])
    assert page.one("p", id="payment-error").text == "This order has to be paid by card now. Enter your card details"
    assert page.fields["contact.name"] == "Iris Murdoch"
    assert len(ledger.refs()) == 1
    assert buy(browser, page, payment="card", confirmation_token=CARD).status_code == 303
    assert len(ledger.refs()) == 2


def test_a_missing_card_number_does_not_take_the_other_way_to_pay_away(browser: FlaskClient) -> None:
    page = Page(buy(browser, payment="card"))
    assert (page.status, ways(page)) == (400, ["card", "later"])


def test_while_no_card_can_be_charged_the_customer_is_asked_to_come_back(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    limited(container, order=2_597)
    ledger.provider_answers = False
    answer = buy(browser, payment="card", confirmation_token=CARD)
    assert (answer.status_code, answer.headers["Retry-After"], ledger.refs()) == (503, "60", [])


def test_a_program_is_told_to_send_a_card(client: FlaskClient, container: Container) -> None:
    limited(container, order=2_597)
    body = an_order_body(payment="later")
    refused = client.post("/v1/orders", json=body, headers={"Idempotency-Key": "one"})
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (409, "pay_first", "payment")
