"""/orders/{ref}/withdrawal: out of the contract in two steps, by the order's own link."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.cart import Line
from fallback.domain.order.order import Order, Placement, Queue
from fallback.domain.order.texts_by_people import read
from fallback.domain.order.withdrawal import WithdrawalState
from fallback.domain.storefront import Storefront
from tests.builders import BOOK
from tests.web.customer.order_page import CANCELLED, SETTLED, WAITING, Customer, S, WithLink
from tests.web.filling import forge
from tests.web.html import Page

WAY = "/withdrawal"
HERE = "Withdraw from contract here"
GETS_IT = "The shop gets your withdrawal from us."
BOTH = replace(SETTLED, lines=(BOOK, Line("LA-1", "A <lamp>", 1, 500)))


def confirm(customer: Customer, **stated: str) -> Page:
    return customer.press(WAY, customer.press(WAY, customer.open(WAY), **stated), confirmed="1")


@pytest.mark.parametrize(("order", "shown"), [(WAITING, True), (SETTLED, True), (CANCELLED, False)])
def test_the_orders_page_leads_there_as_long_as_it_is_possible(with_link: WithLink, order: Order, shown: bool) -> None:
    customer = with_link(order)
    links = {link.text: link["href"] for link in customer.open().all("a")}
    assert links.get(HERE) == (customer.address(WAY) if shown else None)


def test_a_shop_may_grant_none(with_link: WithLink, container: Container) -> None:
    container.config = replace(container.config, storefront=Storefront(withdrawal_days=0))
    assert HERE not in with_link(SETTLED).open().text


def test_a_statement_is_confirmed_before_it_counts(with_link: WithLink) -> None:
    customer = with_link(BOTH)
    page = customer.open(WAY)
    assert page.title == "Withdraw from contract"
    assert page.one("input", id="name")["value"] == "Iris Murdoch"
    assert page.one("input", id="email")["value"] == "iris@example.org"
    page = customer.press(WAY, page, **{"quantities.0": "0", "quantities.1": "١"})  # from an Arabic keyboard
    assert page.title == "Confirm withdrawal"
    assert f"I, Iris Murdoch, withdraw from the contract with order number {customer.ref}" in page.text
    assert "1 × A <lamp>" in page.text
    assert BOOK.title not in page.text
    assert customer.order.withdrawal is None


def test_it_is_received_once_however_often_it_is_confirmed(with_link: WithLink, container: Container) -> None:
    customer = with_link(BOTH)
    confirming = customer.press(WAY, customer.open(WAY), email="home@example.org", **{"quantities.0": "1"})
    for _ in range(2):
        page = customer.press(WAY, confirming, confirmed="1")
    assert page.title == "We received your withdrawal"
    assert GETS_IT in page.text
    assert customer.order.withdrawal
    [statement] = customer.order.withdrawal.statements
    assert read(customer.order, statement.email) == "home@example.org"
    assert set(container.bells.rung) == {Queue.PAYMENT, Queue.PLACEMENT}


def test_the_orders_page_shows_what_was_received_and_leads_to_the_rest(with_link: WithLink) -> None:
    customer = with_link(BOTH)
    confirm(customer, **{"quantities.0": "0"})
    page = customer.open()
    assert "Received on 21 Nov 2026, 10:00 UTC: 1 × A <lamp>" in page.text
    [more] = [link["href"] for link in page.all("a") if link.text == HERE]
    page = Page(customer.browser.get(more))
    assert page.one("input", id="quantities.0")["value"] == "2"
    assert "A <lamp>" not in page.text


def test_an_order_that_the_shop_does_not_have_is_cancelled_by_it(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    assert "so they are cancelled" in confirm(customer).text
    assert customer.order.placement.state is S.CANCELLED
    assert customer.order.withdrawal
    assert customer.order.withdrawal.state is WithdrawalState.UNDONE


@pytest.mark.parametrize(
    ("before", "then"),
    [
        (WAITING, {"placement": Placement(state=S.PLACING), "cancel_asked": True}),
        (WAITING, {"placement": Placement(state=S.CANCELLED), "cancel_asked": True}),
        (SETTLED, {"placement": Placement(state=S.CANCELLED, number="100017")}),
    ],
    ids=["being cancelled", "never there", "undone there"],
)
def test_what_the_shop_will_not_hear_of_is_not_said_to_reach_it(
    with_link: WithLink, before: Order, then: dict[str, Any]
) -> None:
    customer = with_link(replace(before, placement=replace(before.placement, state=S.VERIFIED)))
    assert GETS_IT in confirm(customer, **{"quantities.0": "1"}).text
    order = customer.order
    customer.ledger.commit(order, replace(order, **then), ())
    for page in (customer.open(), customer.open(WAY)):
        assert "Received on 21 Nov 2026, 10:00 UTC" in page.text
        assert GETS_IT not in page.text


def test_what_had_left_before_the_order_could_be_cancelled_is_the_shops(with_link: WithLink) -> None:
    customer = with_link(SETTLED)
    confirm(customer, **{"quantities.0": "1"})
    customer.ledger.commit(customer.order, replace(customer.order, cancel_asked=True), ())
    assert GETS_IT in customer.open().text


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"name": " "}, {"name": "Enter your name"}),
        ({"email": "x"}, {"email": "Enter an e-mail address, like name@example.com"}),
        ({"quantities.0": "two"}, {"quantities.0": "Enter a quantity, or 0 to keep the item"}),
        ({"quantities.0": "3"}, {"quantities.0": "You cannot withdraw from more than you have"}),
        ({"quantities.0": "0", "quantities.1": "0"}, {"quantities": "Enter a quantity for at least one item"}),
    ],
)
def test_a_statement_with_mistakes_names_them_and_keeps_the_rest(
    with_link: WithLink, changed: dict[str, str], errors: dict[str, str]
) -> None:
    customer = with_link(BOTH)
    page = customer.press(WAY, customer.open(WAY), **changed)
    assert (page.status, page.errors) == (400, errors)
    kept = {"name": "Iris Murdoch", "email": "iris@example.org", "quantities.0": "2", "quantities.1": "1"} | changed
    assert {name: page.one("input", id=name)["value"].strip() for name in kept} == {
        name: value.strip() for name, value in kept.items()
    }


@pytest.mark.parametrize("step", [1, 2])
def test_an_old_page_names_no_other_goods_after_a_line_has_gone(with_link: WithLink, step: int) -> None:
    """In another tab the customer withdrew from the first goods, which the shop did not have: they are out."""
    goods = (*BOTH.lines, Line("PE-1", "A pen", 1, 100))
    customer = with_link(replace(WAITING, lines=goods))
    only_the_lamp = {"quantities.0": "0", "quantities.1": "1", "quantities.2": "0"}
    old = customer.open(WAY)
    if step == 2:
        old, only_the_lamp = customer.press(WAY, old, **only_the_lamp), {"confirmed": "1"}
    confirm(customer, **{"quantities.1": "0", "quantities.2": "0"})
    page = customer.press(WAY, old, **only_the_lamp)
    assert page.status == 400
    assert page.errors == {"quantities": "The items of this order have changed. Please check them again"}
    assert "A <lamp>" in page.text
    assert [page.one("input", id=f"quantities.{place}")["value"] for place in (0, 1)] == ["1", "1"]
    assert customer.order.lines == goods[1:]


def test_before_confirming_the_customer_may_change_it(with_link: WithLink) -> None:
    customer = with_link(BOTH)
    confirming = customer.press(WAY, customer.open(WAY), **{"quantities.0": "1"})
    page = customer.press(WAY, confirming, change="1")
    assert page.title == "Withdraw from contract"
    assert page.one("input", id="quantities.0")["value"] == "1"


def test_where_nothing_is_left_the_page_says_so_and_an_old_form_changes_nothing(with_link: WithLink) -> None:
    customer = with_link(CANCELLED)
    assert customer.open(WAY).title == "You cannot withdraw here"
    assert customer.forge(WAY, name="Iris", email="iris@example.org", confirmed="1").title == "You cannot withdraw here"
    assert customer.order.withdrawal is None


def test_nobody_without_the_link_withdraws(browser: FlaskClient, with_link: WithLink) -> None:
    customer = with_link(SETTLED)
    answer = forge(browser, f"/orders/{customer.ref}{WAY}?key=forged", {"confirmed": "1"})
    assert answer.status_code == 404
