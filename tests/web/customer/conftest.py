"""Orders that may be changed, and who changes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Order, PaymentState, PlacementState
from fallback.domain.support.accounts import Role
from tests.builders import a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.usecases.placement.amending import BIKE, COURIER
from tests.web.customer.order_changes import Pages, of_theirs


@pytest.fixture
def held(ledger: FakeLedger) -> Order:
    """Only we have it; the cart offered a courier and a bicycle."""
    return ledger.keep(an_order(options=(COURIER, BIKE)))


@pytest.fixture
def settled(ledger: FakeLedger) -> Order:
    captured = a_payment(PaymentState.CAPTURED)
    return ledger.keep(an_order(options=(COURIER, BIKE), payment=captured, placement=PlacementState.VERIFIED))


@pytest.fixture
def mara(colleague: Callable[[str, Role], FlaskClient]) -> FlaskClient:
    return colleague("mara", Role.AGENT)


@pytest.fixture(params=["the customer", "an agent"])
def everybody(
    request: pytest.FixtureRequest, browser: FlaskClient, mara: FlaskClient, container: Container
) -> Callable[[Order], Pages]:
    if request.param == "an agent":
        return lambda order: Pages(mara, order, "/console")
    return lambda order: of_theirs(browser, container, order)
