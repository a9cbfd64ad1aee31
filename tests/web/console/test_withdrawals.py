"""An agent records a withdrawal from the contract for a customer who calls."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Event, NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.order.texts_by_people import read
from fallback.domain.order.withdrawal import WithdrawalState
from tests.builders import NOW, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.console.at_work import ME, AtWork
from tests.web.html import Page, follow


@pytest.fixture
def work(agent: FlaskClient, ledger: FakeLedger) -> AtWork:
    paid = a_payment(PaymentState.CAPTURED)
    return AtWork(agent, ledger, an_order(payment=paid, placement=PlacementState.VERIFIED))


def test_what_a_caller_says_is_recorded_with_who_wrote_it_down_and_a_receipt(
    work: AtWork, container: Container
) -> None:
    form = work.form("withdrawal")
    assert (form.fields["name"], form.fields["email"]) == ("Iris Murdoch", "iris@example.org")
    page = follow(work.agent, work.send("withdrawal", form, email="home@example.org", **{"quantities.0": "1"}))
    withdrawal = work.order.withdrawal
    assert withdrawal
    [statement] = withdrawal.statements
    assert [(line.sku, line.quantity) for line in statement.lines] == [("BK-1", 1)]
    assert withdrawal.state is WithdrawalState.ASKED
    assert work.told == [("contract_withdrawn", ME)]
    [receipt] = work.order.notices
    assert (receipt.kind, read(work.order, receipt.to)) == (NoticeKind.WITHDRAWAL, "home@example.org")
    assert f"A withdrawal from the contract was received. Pieces: 1 21 Nov 2026, 10:00 UTC · {ME}" in page.text
    assert {Queue.PLACEMENT, Queue.NOTICE} <= set(container.bells.rung)


@pytest.mark.parametrize("pieces", ["1", "2"], ids=["one is left", "none is left"])
def test_the_same_page_sent_twice_is_one_withdrawal(work: AtWork, pieces: str) -> None:
    form = work.form("withdrawal")
    answers = [work.send("withdrawal", form, **{"quantities.0": pieces}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert work.told == [("contract_withdrawn", ME)]


def test_what_the_shop_does_not_have_is_cancelled_in_the_agents_name(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    work.send("withdrawal")
    assert work.order.placement.state is PlacementState.CANCELLED
    assert work.told[:2] == [("contract_withdrawn", ME), ("cancel_asked", ME)]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"email": "nowhere"}, "email"),
        ({"quantities.0": "3"}, "quantities.0"),
        ({"quantities.0": "0"}, "quantities"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_stated_is_said_at_its_field(work: AtWork, typed: dict[str, str], wrong: str) -> None:
    page = Page(work.send("withdrawal", **typed))
    assert (page.status, list(page.errors)) == (400, [wrong])
    assert work.order.withdrawal is None


def test_an_agent_who_is_late_reads_what_the_customer_did(work: AtWork, ledger: FakeLedger) -> None:
    form = work.form("withdrawal")
    ledger.commit(work.order, work.order, [Event(NOW, "contract_withdrawn", "customer", {"pieces": 2})])
    page = Page(work.send("withdrawal", form))
    assert page.status == 409
    assert page.one("p", role="alert").text.startswith("The customer acted first: A withdrawal from the contract")
    assert work.order.withdrawal is None


def test_a_cancelled_order_offers_none(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(placement=PlacementState.CANCELLED))
    address = f"/console/orders/{work.ref}/withdrawal"
    assert not work.page().all("a", href=address)
    assert agent.get(address).status_code == 409
