"""An address that a shop lacks is a refusal while the shop is well, and proves nothing while it is not."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Order
from tests.primaries.answering import PAGE, SHOP, url
from tests.reference_shop import primary_at

NO_ROUTE = pytest.mark.parametrize("status", [404, 405, 501])
CHANGES = pytest.mark.parametrize(
    ("method", "what", "change"),
    [
        (responses.POST, "/cancellation", lambda primary, order: primary.cancel(order.ref)),
        (responses.PATCH, "", lambda primary, order: primary.amend(order)),
    ],
)
OF_AN_ORDER = pytest.mark.parametrize(
    ("method", "call"),
    [
        (responses.GET, lambda primary, order: primary.find(order.ref)),
        (responses.GET, lambda primary, order: primary.read(order.ref)),
        (responses.PUT, lambda primary, order: primary.place(order)),
    ],
)
WELL = {"status": "ok", "duplicates": "enforced", "can": ["cancel", "amend"]}


@NO_ROUTE
@CHANGES
def test_an_address_that_a_healthy_shop_does_not_have_is_a_refusal_and_no_outage(
    web: Any, order: Order, status: int, method: str, what: str, change: Any
) -> None:
    primary = primary_at(f"{SHOP}/", "s3cret", failures=1)
    web.add(method, url(order) + what, status=status, body=PAGE, content_type="text/html")
    web.get(f"{SHOP}/fallback/v1/health", json=WELL)

    for _ in range(3):
        with pytest.raises(Refused) as refusal:
            change(primary, order)
        assert refusal.value.code == "no_such_route"
    assert primary.available


@CHANGES
@pytest.mark.parametrize("health", [{"status": 404, "body": PAGE}, {"json": WELL | {"status": "maintenance"}}])
def test_an_address_that_a_shop_in_trouble_does_not_have_proves_nothing(
    web: Any, order: Order, health: Any, method: str, what: str, change: Any
) -> None:
    primary = primary_at(f"{SHOP}/", "s3cret", failures=1000)
    web.add(method, url(order) + what, status=404, body=PAGE, content_type="text/html")
    web.get(f"{SHOP}/fallback/v1/health", **health)

    with pytest.raises(OutcomeUnknown):
        change(primary, order)


@NO_ROUTE
@OF_AN_ORDER
def test_a_page_instead_of_one_order_is_no_outage_of_a_shop_that_lists_its_orders(
    web: Any, order: Order, status: int, method: str, call: Any
) -> None:
    primary = primary_at(f"{SHOP}/", "s3cret", failures=1)
    web.add(method, url(order), status=status, body=PAGE, content_type="text/html")
    web.get(f"{SHOP}/fallback/v1/health", json=WELL)
    web.get(f"{SHOP}/fallback/v1/orders", json={"orders": [], "next": None})

    for _ in range(3):
        with pytest.raises(Refused) as refusal:
            call(primary, order)
        assert refusal.value.code == "no_such_route"
    assert primary.available


@OF_AN_ORDER
def test_a_shop_that_is_well_and_serves_no_orders_at_all_is_away(
    web: Any, order: Order, method: str, call: Any
) -> None:
    primary = primary_at(f"{SHOP}/", "s3cret", failures=1)
    web.add(method, url(order), status=404, body=PAGE, content_type="text/html")
    web.get(f"{SHOP}/fallback/v1/health", json=WELL)
    web.get(f"{SHOP}/fallback/v1/orders", status=404, body=PAGE, content_type="text/html")

    with pytest.raises((TryAgain, OutcomeUnknown)):
        call(primary, order)
    assert not primary.available


@NO_ROUTE
def test_quotes_that_a_shop_names_and_does_not_serve_are_no_outage(web: Any, order: Order, status: int) -> None:
    primary = primary_at(f"{SHOP}/", "s3cret", failures=1)
    web.post(f"{SHOP}/fallback/v1/quotes", status=status, body=PAGE, content_type="text/html")
    web.get(f"{SHOP}/fallback/v1/health", json=WELL)

    with pytest.raises(Refused) as refusal:
        primary.quote(order)

    assert (refusal.value.code, primary.available) == ("no_such_route", True)
