"""When the primary is told how the payment of an order stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.order import Attempt, Call, Order, PaymentState, Placement, PlacementState
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.payment_report import PaymentReport
from fallback.domain.order.reporting import report_due, report_number, stands
from tests.builders import NOW, a_payment, an_order

P, S = PaymentState, PlacementState
LATER = NOW + timedelta(hours=1)


def captured(placement: PlacementState = S.VERIFIED) -> Order:
    """The shop was told of the authorization, and not yet of the capture."""
    told = stands(an_order(payment=a_payment(P.AUTHORIZED)))
    there = Placement(state=placement, id="1", number="100001", report=PaymentReport(told, number=2))
    return an_order(payment=a_payment(P.CAPTURED), placement=there)


def with_report(order: Order, **changes: Any) -> Order:
    report = replace(order.placement.report, **changes)
    return replace(order, placement=replace(order.placement, report=report))


def with_payment(order: Order, **changes: Any) -> Order:
    return replace(order, payment=replace(order.payment, **changes))


@pytest.mark.parametrize(
    ("report", "due"),
    [({}, NOW), ({"due_at": LATER}, LATER), ({"began_at": LATER, "due_at": NOW}, LATER + PATIENCE)],
    ids=["at once", "when it is tried again", "when nobody waits for the answer any more"],
)
def test_the_primary_is_told_of_a_capture(report: dict[str, Any], due: Any) -> None:
    assert report_due(with_report(captured(), **report)) == due


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(with_report(captured(), told=stands(captured())), id="it knows already"),
        pytest.param(captured(S.MERGED), id="the shop has another order of the customer instead"),
        pytest.param(with_payment(captured(), attempt=Attempt(Call.CAPTURE, "key", NOW)), id="a call is under way"),
        pytest.param(with_payment(captured(), state=P.UNKNOWN), id="nobody knows how it stands"),
    ],
)
def test_it_is_told_nothing_while(order: Order) -> None:
    assert report_due(order) is None


def test_reports_are_numbered_from_the_first() -> None:
    assert report_number(an_order()) == 0
    assert report_number(captured()) == 2
