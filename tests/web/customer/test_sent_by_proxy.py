"""/checkout: customers whom the proxy sends because the shop failed them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.outage.failover import Customers
from fallback.ledger.outage.observations import RedisObservations
from tests.web.customer.checkout_page import sent_by_proxy
from tests.web.world import NOW
from tests.workers.running import nobody_there


def test_a_customer_of_the_share_with_an_unreadable_cart_is_returned_to_the_shop(
    client: FlaskClient, browser: FlaskClient
) -> None:
    assert client.get("/checkout", headers=sent_by_proxy("share")).status_code == 502
    assert client.get("/checkout", headers=sent_by_proxy("failed")).status_code == 400
    assert browser.get("/checkout", headers=sent_by_proxy("share")).status_code == 200


@pytest.mark.parametrize("reason", ["failed", "maybe_taken"])
def test_a_customer_whom_the_shop_failed_is_counted_once_however_often_they_try(
    browser: FlaskClient, container: Container, reason: str
) -> None:
    for _ in range(3):
        browser.get("/checkout", headers=sent_by_proxy(reason))
    assert container.observations.customers(NOW) == Customers(1, 3, 3 if reason == "maybe_taken" else 0)


def test_a_customer_without_a_cart_whom_the_shop_failed_counts_by_their_address(
    client: FlaskClient, container: Container
) -> None:
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        client.get("/checkout", headers=sent_by_proxy("failed") | {"X-Forwarded-For": address})
    assert container.observations.customers(NOW).heads == 2


@pytest.mark.parametrize(
    "headers", [{}, sent_by_proxy("mode"), sent_by_proxy("share"), sent_by_proxy("failed") | {"X-Fallback-Proxy": "x"}]
)
def test_a_request_that_the_shop_did_not_fail_is_no_evidence(
    browser: FlaskClient, container: Container, headers: dict[str, str]
) -> None:
    browser.get("/checkout", headers=headers)
    assert container.observations.customers(NOW) == Customers()


def test_while_nothing_can_be_counted_the_customer_is_served(browser: FlaskClient, container: Container) -> None:
    container.observations = RedisObservations(nobody_there())
    assert browser.get("/checkout", headers=sent_by_proxy("failed")).status_code == 200
