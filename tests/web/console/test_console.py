"""/console: the orders, read-only, behind a token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Decline, Event, Payment, PaymentState
from fallback.domain.outage.mode import Mode, ModeState
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import forge, press, send, sign_in
from tests.web.html import Page
from tests.web.world import CONSOLE_TOKEN, NOW

# --- signing in


@pytest.mark.parametrize("path", ["/console", "/console/oncall", "/console/orders/FB-0000-0000-0"])
def test_nobody_looks_without_signing_in(browser: FlaskClient, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 302
    assert response.location == f"/console/sign-in?next={path}"


def test_the_token_opens_the_page_that_was_asked_for(browser: FlaskClient) -> None:
    form = Page(browser.get("/console/sign-in?next=/console/oncall"))
    page = press(browser, form, "/console/sign-in", token=f" {CONSOLE_TOKEN} ")
    assert page.title == "On call"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/orders/x",
        "/console/\r\nX-Odd: 1",
        "/console/\x00",
    ],
)
def test_nobody_is_sent_elsewhere(browser: FlaskClient, elsewhere: str) -> None:
    response = forge(browser, "/console/sign-in", {"token": CONSOLE_TOKEN, "next": elsewhere})
    assert response.location == "/console"


@pytest.mark.parametrize("token", ["", "wrong", CONSOLE_TOKEN + "x"])
def test_another_token_opens_nothing(browser: FlaskClient, token: str) -> None:
    page = Page(sign_in(browser, token=token))
    assert (page.status, page.title) == (403, "Sign in to the console")
    assert "The token is wrong." in page.text
    assert browser.get("/console").status_code == 302


def test_guessing_is_slow(browser: FlaskClient) -> None:
    answers = [sign_in(browser, token="guess").status_code for _ in range(11)]
    assert answers[-1] == 429


def test_the_session_is_kept_from_scripts_and_other_sites(browser: FlaskClient) -> None:
    cookie = sign_in(browser).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_out_ends_it(agent: FlaskClient) -> None:
    send(agent, Page(agent.get("/console")), "/sign-out")
    assert agent.get("/console").status_code == 302


# --- one order


def test_an_order_is_read_with_all_that_happened(agent: FlaskClient, ledger: FakeLedger) -> None:
    order = ledger.keep(an_order(holds=(new_hold(HoldCode.MISMATCH, "checkout desk", NOW, "BK-1: 2 agreed, 1 there"),)))
    events = [
        Event(NOW, "received", "customer"),
        Event(NOW + timedelta(seconds=2), "authorized", "stripe", {"amount": 3093}),
        Event(NOW + timedelta(seconds=3), "something_new", "worker", {"code": "x"}),
    ]
    ledger.commit(order, order, events)
    page = Page(agent.get(f"/console/orders/{order.ref}"))
    assert [line.text for line in page.all("li", **{"class": "done"})] == [
        "something_new 21 Nov 2026, 10:00 UTC · fallback · x",
        "The amount was reserved 21 Nov 2026, 10:00 UTC · Stripe · €30.93",
        "We have your order 21 Nov 2026, 10:00 UTC · the customer",
    ]
    for fact in ("BK-1: 2 agreed, 1 there", "Stripe pi_1", f"Cart {order.cart_id}", "Iris Murdoch", "iris@example.org"):
        assert fact in page.text


def test_a_decline_is_read_with_its_code(agent: FlaskClient, ledger: FakeLedger) -> None:
    declined = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, decline=Decline("lost_card", "never"))
    order = ledger.keep(an_order(payment=declined))
    assert "Declined lost_card (never)" in Page(agent.get(f"/console/orders/{order.ref}")).text


def test_an_unknown_order_is_not_there(agent: FlaskClient) -> None:
    assert Page(agent.get("/console/orders/FB-0000-0000-0")).title == "Order not found"


# --- on call


def test_on_call_reads_the_mode_and_who_switched_it(
    agent: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    ledger.keep(an_order())
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ada", "payment page down"))
    text = Page(agent.get("/console/oncall")).text
    assert "Mode: active" in text
    for fact in ("Since 21 Nov 2026, 10:00 UTC", "Switched by Ada", "Reason payment page down"):
        assert fact in text
    assert "No orders are accepted" not in text


def test_on_call_reads_why_no_orders_are_accepted(agent: FlaskClient, container: Container) -> None:
    container.readiness.found = ("Redis does not write to disk.",)
    text = Page(agent.get("/console/oncall")).text
    assert (
        "No orders are accepted: they could not be stored durably. Fix this first. Redis does not write to disk."
        in text
    )
