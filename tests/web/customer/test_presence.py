"""Customer and agents see each other on an order, and an action of the customer takes the claim."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Attempt, Call, Order, PaymentState
from fallback.domain.support.accounts import Role
from fallback.domain.support.claims import PRESENT_FOR, TYPES_FOR, take
from fallback.web.customer.presence import LONGEST_SILENCE
from tests.builders import a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.usecases.placement.amending import COURIER
from tests.web.filling import forge, press, send
from tests.web.html import Page
from tests.web.world import NOW


@pytest.fixture
def order(ledger: FakeLedger) -> Order:
    return ledger.keep(an_order())


@pytest.fixture
def mara(colleague: Callable[[str, Role], FlaskClient]) -> FlaskClient:
    return colleague("Mara", Role.AGENT)


def address(container: Container, order: Order, what: str = "") -> str:
    return f"/orders/{order.ref}{what}?key={container.links.key(order.ref)}"


def cancels(browser: FlaskClient, container: Container, order: Order) -> TestResponse:
    return send(browser, Page(browser.get(address(container, order, "/cancellation"))), "/cancellation")


def reads(browser: FlaskClient, container: Container, order: Order) -> str:
    page = Page(browser.get(address(container, order)))
    assert page.status == 200
    return page.one("div", id="here").text


def maras(container: Container, order: Order) -> None:
    container.claims.change(order.ref, lambda claim: take(claim, "Mara", NOW))


def test_the_customer_reads_that_an_agent_is_typing_and_the_agent_that_they_are(
    browser: FlaskClient, mara: FlaskClient, container: Container, order: Order
) -> None:
    presence = f"/console/orders/{order.ref}/presence"
    forge(mara, presence, {"typing": "1"})
    assert reads(browser, container, order) == "Mara at the shop is typing a message to you."
    before = forge(mara, presence).json["state"]
    assert browser.get(address(container, order) + "&typing=1").status_code == 200
    said = forge(mara, presence).json["state"]
    assert "The customer is typing a message." not in before
    assert "The customer is typing a message." in said
    assert container.claims.current(order.ref) is None
    container.clock = lambda: NOW + TYPES_FOR
    assert "typing" not in reads(browser, container, order)
    assert "typing" not in forge(mara, presence).json["state"]


def test_the_customer_reads_who_at_the_shop_is_at_their_order(
    browser: FlaskClient, mara: FlaskClient, container: Container, order: Order
) -> None:
    assert reads(browser, container, order) == ""
    mara.get(f"/console/orders/{order.ref}")
    assert reads(browser, container, order) == "Mara at the shop has your order open right now."
    maras(container, order)
    assert reads(browser, container, order) == "Mara at the shop is working on your order right now."


def test_of_two_agents_the_customer_reads_both(
    browser: FlaskClient, mara: FlaskClient, container: Container, order: Order
) -> None:
    mara.get(f"/console/orders/{order.ref}")
    container.claims.look(order.ref, "Otto", NOW)
    assert reads(browser, container, order) == "Mara and Otto at the shop have your order open right now."
    for name in ("Mara", "Otto"):
        container.claims.look(order.ref, name, NOW, types=True)
    assert reads(browser, container, order) == "Mara and Otto at the shop are typing a message to you."


@pytest.mark.parametrize("answer", ["same", "apart"])
def test_who_comes_from_a_mail_with_their_answer_is_seen_and_sees_who_is_there(
    browser: FlaskClient, mara: FlaskClient, container: Container, ledger: FakeLedger, answer: str
) -> None:
    order = ledger.keep(an_order(holds=(new_hold(HoldCode.POSSIBLE_RIVAL, CUSTOMER, NOW, "100077"),)))
    maras(container, order)
    asked = Page(browser.get(address(container, order, f"/rival/{answer}")))
    assert "Mara at the shop is working on your order right now." in asked.text
    assert "Also viewing: the customer." in mara.get(f"/console/orders/{order.ref}").text


@pytest.mark.parametrize("answer", ["same", "apart"])
def test_a_customers_answer_about_a_rival_gives_the_customer_the_claim(
    browser: FlaskClient, container: Container, ledger: FakeLedger, answer: str
) -> None:
    order = ledger.keep(an_order(holds=(new_hold(HoldCode.POSSIBLE_RIVAL, CUSTOMER, NOW, "100077"),)))
    maras(container, order)
    press(browser, Page(browser.get(address(container, order))), f"/rival/{answer}")
    assert container.claims.current(order.ref).holder == CUSTOMER


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"note": "Ring twice"}),
        ("POST", "/cancellation", None),
        ("POST", "/payment", {"payment": {"confirmation_token": "ctoken_1PaGeTeSt"}}),
    ],
)
def test_what_the_customer_does_by_a_program_is_theirs_too(
    browser: FlaskClient, container: Container, ledger: FakeLedger, method: str, path: str, body: object
) -> None:
    order = ledger.keep(an_order(payment=a_payment(PaymentState.NONE)))
    maras(container, order)
    key = {"Authorization": f"Bearer {container.links.key(order.ref)}", "If-Match": f'"{order.version}"'}
    answer = browser.open(f"/v1/orders/{order.ref}{path}", method=method, json=body, headers=key)
    assert answer.status_code in (200, 202)
    assert container.claims.current(order.ref).holder == CUSTOMER


def test_what_a_program_asks_in_vain_changes_nothing(browser: FlaskClient, container: Container, order: Order) -> None:
    maras(container, order)
    assert browser.post(f"/v1/orders/{order.ref}/cancellation").status_code == 404
    browser.get(f"/v1/orders/{order.ref}")
    assert container.claims.current(order.ref).holder == "Mara"


def test_the_customer_reads_that_the_payment_is_being_made(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    running = a_payment(PaymentState.PENDING, attempt=Attempt(Call.CONFIRM, "key", NOW))
    order = ledger.keep(an_order(payment=running))
    assert reads(browser, container, order) == "The payment is being made at this moment."


def test_the_customer_is_seen_for_as_long_as_their_page_is_open(
    browser: FlaskClient, mara: FlaskClient, container: Container, order: Order
) -> None:
    def is_seen(at: timedelta) -> bool:
        container.clock = lambda: NOW + at
        return "Also viewing: the customer." in mara.get(f"/console/orders/{order.ref}").text

    browser.get(address(container, order) + "&silence=600")
    assert is_seen(timedelta(seconds=LONGEST_SILENCE))
    assert not is_seen(timedelta(seconds=LONGEST_SILENCE) + PRESENT_FOR)


def test_their_page_hears_that_there_is_something_new(
    browser: FlaskClient, mara: FlaskClient, container: Container, order: Order, ledger: FakeLedger
) -> None:
    def hears() -> str:
        return browser.get(address(container, order)).headers["ETag"]

    alone = hears()
    mara.get(f"/console/orders/{order.ref}")
    with_mara = hears()
    assert with_mara != alone
    ledger.commit(order, order, [])
    assert hears() not in (alone, with_mara)


def test_an_open_page_gets_304_while_nothing_changes(
    browser: FlaskClient, mara: FlaskClient, container: Container, order: Order
) -> None:
    here = address(container, order)
    seen = {"If-None-Match": browser.get(here).headers["ETag"]}
    answer = browser.get(here + "&silence=8", headers=seen)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", seen["If-None-Match"])
    assert "Also viewing: the customer." in mara.get(f"/console/orders/{order.ref}").text
    assert browser.get(here, headers=seen).status_code == 200, "Mara has come"


def test_the_page_changes_when_a_delivery_time_passes_without_a_write(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    """A delivery time begins: it cannot be chosen any more, though nothing was written to the order."""
    order = ledger.keep(an_order(options=(COURIER,)))
    before = browser.get(address(container, order))
    container.clock = lambda: NOW + timedelta(days=30)
    after = browser.get(address(container, order), headers={"If-None-Match": before.headers["ETag"]})
    assert "Edit delivery" in before.text
    assert (after.status_code, "Edit delivery" in after.text) == (200, False)


def test_while_presence_cannot_be_told_their_page_works_and_says_nothing_of_it(
    browser: FlaskClient, container: Container, order: Order
) -> None:
    container.claims.away = True
    assert reads(browser, container, order) == ""
    assert cancels(browser, container, order).status_code == 303


def test_without_their_link_nobody_is_seen_as_them(browser: FlaskClient, mara: FlaskClient, order: Order) -> None:
    assert browser.get(f"/orders/{order.ref}?silence=8").status_code == 404
    assert "Also viewing" not in mara.get(f"/console/orders/{order.ref}").text


# --- what the customer does


def test_what_the_customer_does_takes_it_back_from_the_agent_who_reads_it(
    browser: FlaskClient, mara: FlaskClient, container: Container, order: Order
) -> None:
    maras(container, order)
    cancels(browser, container, order)
    claim = container.claims.current(order.ref)
    assert claim is not None
    assert claim.holder == CUSTOMER

    late = Page(forge(mara, f"/console/orders/{order.ref}/refunds", {"seen": "0"}))
    assert late.status == 409
    assert "The customer acted first" in late.text


def test_a_refused_form_of_the_customer_does_not_take_the_claim(
    browser: FlaskClient, container: Container, order: Order
) -> None:
    maras(container, order)
    assert forge(browser, address(container, order, "/payment")).status_code == 400
    claim = container.claims.current(order.ref)
    assert claim is not None
    assert claim.holder == "Mara"


def test_inside_a_payment_call_their_wish_is_taken_and_the_claim_stays(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    running = a_payment(PaymentState.PENDING, attempt=Attempt(Call.CONFIRM, "key", NOW))
    order = ledger.keep(replace(an_order(), payment=running))
    maras(container, order)
    assert cancels(browser, container, order).status_code == 303
    claim = container.claims.current(order.ref)
    assert claim is not None
    assert claim.holder == "Mara"
    assert ledger.load(order.ref).cancel_asked
