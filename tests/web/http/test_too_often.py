"""Repeated requests are slowed down, and an order that was changed too often cannot be changed any more."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.domain.order.bounded import MOST_FOR_CUSTOMERS
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import at, is_problem, opened, place
from tests.web.filling import press
from tests.web.html import Page

CONTACT = {"contact": {"name": "Iris", "email": "iris2@example.org"}}


@pytest.fixture
def order(client: FlaskClient) -> dict[str, str]:
    return opened(place(client))


def changed_too_often(ledger: FakeLedger) -> None:
    [ref] = ledger.refs()
    while ledger.load(ref).version < MOST_FOR_CUSTOMERS:
        ledger.commit(ledger.load(ref), ledger.load(ref), ())


def test_who_changes_it_in_a_loop_has_to_wait(client: FlaskClient, order: dict[str, str]) -> None:
    for _ in range(30):
        assert client.patch(**order, json=CONTACT, headers={"If-Match": '"1"'}).status_code in (200, 412)
    answer = client.patch(**order, json=CONTACT, headers={"If-Match": '"1"'})
    assert is_problem(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_who_comes_back_from_the_bank_in_a_loop_has_to_wait(client: FlaskClient, order: dict[str, str]) -> None:
    back = order | {"path": order["path"].removeprefix("/v1") + "/back"}
    assert [client.get(**back).status_code for _ in range(21)] == [303] * 20 + [429]


def test_a_page_that_was_opened_too_often_can_be_opened_again_later(client: FlaskClient) -> None:
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    page = [Page(client.get("/checkout/drafts/forged?x=1")) for _ in range(31)][-1]
    assert (page.status, page.title) == (429, "Too many requests")
    assert page.one("a", **{"class": "button"})["href"] == "/checkout/drafts/forged?x=1"


def test_an_order_that_was_changed_without_end_is_changed_no_more_but_undone(
    client: FlaskClient, ledger: FakeLedger, order: dict[str, str]
) -> None:
    changed_too_often(ledger)
    refused = client.patch(**order, json=CONTACT, headers={"If-Match": f'"{MOST_FOR_CUSTOMERS}"'})
    assert is_problem(refused, 409, "too_much_done")
    assert client.post(**at(order, "/cancellation")).status_code == 202


def test_a_page_says_so_in_plain_words(client: FlaskClient, ledger: FakeLedger, order: dict[str, str]) -> None:
    changed_too_often(ledger)
    contact = order | {"path": order["path"].removeprefix("/v1") + "/contact"}
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    answer = press(client, Page(client.get(**contact)), "/contact", {"contact.email": "iris2@example.org"})
    assert answer.status == 409
    assert "This order was changed too often" in answer.text
