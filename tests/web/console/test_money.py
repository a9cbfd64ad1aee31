"""Refunds in the console: limits are shown, amounts are read exactly, and another person approves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.grants import GrantState
from fallback.domain.order.order import Order, PaymentState, PlacementState, Queue
from fallback.domain.payment.policy import Roles
from fallback.domain.support.accounts import Role
from tests.builders import a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import forge, press
from tests.web.html import Page

Colleague = Callable[[str, Role], FlaskClient]


@pytest.fixture
def mara(colleague: Colleague) -> FlaskClient:
    return colleague("mara", Role.AGENT)


@pytest.fixture
def lea(colleague: Colleague) -> FlaskClient:
    return colleague("lea", Role.LEAD)


@pytest.fixture
def order(ledger: FakeLedger) -> Order:
    return ledger.keep(a_captured_order())


def a_captured_order(**changes: object) -> Order:
    captured = a_payment(PaymentState.CAPTURED, due_at=None)
    return an_order(**({"payment": captured, "placement": PlacementState.VERIFIED} | changes))


def the_form(browser: FlaskClient, order: Order) -> Page:
    return Page(browser.get(f"/console/orders/{order.ref}/refunds"))


def sends(browser: FlaskClient, order: Order, form: Page | None = None, **typed: str) -> Page:
    """The answer to the form as it is now, or as it was; after a redirect the order's page."""
    given = {"reason": "goodwill.waited", "amount": "10.00"} | typed
    return press(browser, form or the_form(browser, order), "/refunds", given)


def decides(browser: FlaskClient, order: Order, decision: str) -> Page:
    return press(browser, Page(browser.get(f"/console/orders/{order.ref}")), "/approvals/1", decision=decision)


def decides_by_hand(browser: FlaskClient, order: Order, decision: str) -> Page:
    """Where the page offers no such decision."""
    seen = Page(browser.get(f"/console/orders/{order.ref}")).fields.get("seen", "0")
    data = {"seen": seen, "decision": decision}
    return Page(forge(browser, f"/console/orders/{order.ref}/approvals/1", data))


def grants(ledger: FakeLedger, order: Order) -> list[tuple[int, GrantState]]:
    return [(grant.amount, grant.state) for grant in ledger.load(order.ref).grants]


# --- the panel


def test_the_order_says_what_was_taken_and_what_the_agent_may_give(mara: FlaskClient, order: Order) -> None:
    text = Page(mara.get(f"/console/orders/{order.ref}")).text
    assert "Captured from the card €30.93 Refunded €0.00 Refundable €30.93" in text
    assert "Refund up to €100.00 in total for one order" in text
    assert "Goodwill up to €15.00 in total for one order, and €1,000.00 in total for one outage" in text


def test_before_anything_was_taken_it_says_so(mara: FlaskClient, ledger: FakeLedger) -> None:
    order = ledger.keep(an_order())
    page = Page(mara.get(f"/console/orders/{order.ref}"))
    assert "Nothing was captured yet, so there is nothing to refund." in page.text
    assert page.all("a", href=f"/console/orders/{order.ref}/refunds") == []
    assert the_form(mara, order).status == 409


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (ConcernState.OPEN, "The customer's bank is deciding about a dispute."),
        (
            ConcernState.UPHELD,
            "The customer's bank took the payment back after a dispute, so there is nothing to refund.",
        ),
    ],
)
def test_what_a_bank_may_take_back_or_has_taken_is_not_refunded(
    mara: FlaskClient, ledger: FakeLedger, order: Order, state: ConcernState, why: str
) -> None:
    opened_before = the_form(mara, order)
    dispute = Concern("du_1", ConcernKind.DISPUTE, state, order.received_at, amount=3093)
    ledger.keep(replace(order, concerns=(dispute,)))
    page = Page(mara.get(f"/console/orders/{order.ref}"))
    assert why in page.text
    assert page.all("a", href=f"/console/orders/{order.ref}/refunds") == []
    for refused in (the_form(mara, order), sends(mara, order, opened_before)):
        assert (refused.status, why in refused.one("p", role="alert").text) == (409, True)
    assert grants(ledger, order) == []


def test_a_role_without_permission_sees_no_refund_link(colleague: Colleague, order: Order) -> None:
    oncall = colleague("nora", Role.ONCALL)
    page = Page(oncall.get(f"/console/orders/{order.ref}"))
    assert "Captured from the card €30.93" in page.text
    assert page.all("a", href=f"/console/orders/{order.ref}/refunds") == []
    assert oncall.get(f"/console/orders/{order.ref}/refunds").status_code == 403
    assert forge(oncall, f"/console/orders/{order.ref}/refunds").status_code == 403


# --- granting


def test_what_is_within_their_limit_is_granted_and_a_shift_is_rung(
    mara: FlaskClient, order: Order, ledger: FakeLedger, container: Container
) -> None:
    page = sends(mara, order, amount="10.00", sentence="Sorry for the wait.")
    assert grants(ledger, order) == [(1000, GrantState.GRANTED)]
    assert "€10.00 · Refund in progress" in page.text
    assert "Goodwill: You had to wait for us, or to ask more than once" in page.text
    assert "Sorry for the wait." in page.text
    assert "Refundable €20.93" in page.text
    assert Queue.PAYMENT in container.bells.rung


@pytest.mark.parametrize(
    ("typed", "minor"), [("10", 1000), ("10.5", 1050), (" €10.50 ", 1050), ("10.50 EUR", 1050), ("0.01", 1)]
)
def test_amounts_are_read_as_people_type_them(
    mara: FlaskClient, order: Order, ledger: FakeLedger, typed: str, minor: int
) -> None:
    sends(mara, order, amount=typed)
    assert [amount for amount, _ in grants(ledger, order)] == [minor]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": ""}, {"amount": "Amount: enter an amount like 30.93"}),
        ({"amount": "ten"}, {"amount": "Amount: enter an amount like 30.93"}),
        ({"amount": "10,50"}, {"amount": "Amount: enter an amount like 30.93"}),
        ({"amount": "-10"}, {"amount": "Amount: enter an amount like 30.93"}),
        ({"amount": "0"}, {"amount": "Amount: enter more than zero"}),
        ({"amount": "1.005"}, {"amount": "Amount: enter an amount like 30.93, with no more decimals"}),
        ({"reason": ""}, {"reason": "Reason: choose one"}),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_is_lost(
    mara: FlaskClient, order: Order, ledger: FakeLedger, typed: dict[str, str], said: dict[str, str]
) -> None:
    page = sends(mara, order, **{"sentence": "Sorry.", **typed})
    assert (page.status, page.errors) == (400, said)
    assert page.fields["sentence"] == "Sorry."
    assert grants(ledger, order) == []


def test_a_reason_that_no_page_offers_is_none(mara: FlaskClient, order: Order, ledger: FakeLedger) -> None:
    fields = the_form(mara, order).fields | {"amount": "10.00", "reason": "goodwill.price"}
    page = Page(forge(mara, f"/console/orders/{order.ref}/refunds", fields))
    assert (page.status, page.errors) == (400, {"reason": "Reason: choose one"})
    assert grants(ledger, order) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "30.94", "reason": "refund.price"}, {"amount": "Amount: at most €30.93 can be refunded"}),
        (
            {"sentence": "4242 4242 4242 4242"},
            {"sentence": "Message: this looks like a card number, please remove it"},
        ),
        ({"sentence": "x" * 2_001}, {"sentence": "Message: at most 2,000 characters"}),
    ],
)
def test_what_cannot_be_given_is_said_at_its_field(
    mara: FlaskClient, order: Order, ledger: FakeLedger, typed: dict[str, str], said: dict[str, str]
) -> None:
    page = sends(mara, order, **typed)
    assert (page.status, page.errors) == (409, said)
    assert grants(ledger, order) == []


def test_the_amount_that_the_customer_saw_must_still_hold(mara: FlaskClient, order: Order, ledger: FakeLedger) -> None:
    form = the_form(mara, order)
    ledger.commit(order, replace(order, payment=replace(order.payment, refunded=2_093)), [])
    page = sends(mara, order, form, reason="refund.price", amount="30.93")
    said = "Amount: it has changed in the meantime, €10.00 can be refunded now. Please check again"
    assert (page.status, page.errors) == (409, {"amount": said})
    assert grants(ledger, order) == []

    assert sends(mara, order, page, amount="10.00").status == 200
    assert grants(ledger, order) == [(1000, GrantState.GRANTED)]


def test_the_second_agent_who_refunds_is_told_about_the_first(
    mara: FlaskClient, lea: FlaskClient, order: Order, ledger: FakeLedger
) -> None:
    forms = the_form(mara, order), the_form(lea, order)
    sends(mara, order, forms[0])
    page = sends(lea, order, forms[1])
    assert page.status == 409
    assert "Mara acted first: A refund was granted." in page.text
    assert grants(ledger, order) == [(1000, GrantState.GRANTED)]


def test_a_form_without_what_the_customer_saw_is_not_read(mara: FlaskClient, order: Order, ledger: FakeLedger) -> None:
    data = {"amount": "10.00", "reason": "goodwill.waited"}
    assert forge(mara, f"/console/orders/{order.ref}/refunds", data).status_code == 400
    assert forge(mara, f"/console/orders/{order.ref}/refunds", data | {"seen": "0"}).status_code == 400
    data |= {"seen": "0", "refundable": "9" * 5_000}
    assert forge(mara, f"/console/orders/{order.ref}/refunds", data).status_code == 400
    assert grants(ledger, order) == []


# --- a second person


def test_above_an_agents_limit_a_lead_agrees(
    mara: FlaskClient, lea: FlaskClient, order: Order, ledger: FakeLedger
) -> None:
    page = sends(mara, order, amount="20.00")
    assert "€20.00 · Waiting for approval" in page.text
    assert "Can approve: A lead or A support manager, but not mara." in page.text
    assert page.all("button", value="agree") == []

    assert "decided by lea" in decides(lea, order, "agree").text
    assert grants(ledger, order) == [(2000, GrantState.GRANTED)]


def test_a_lead_declines(mara: FlaskClient, lea: FlaskClient, order: Order, ledger: FakeLedger) -> None:
    sends(mara, order, amount="20.00")
    assert "Declined" in decides(lea, order, "decline").text
    assert grants(ledger, order) == [(2000, GrantState.DECLINED)]


def test_nobody_agrees_to_what_they_asked_for_themselves(mara: FlaskClient, order: Order, ledger: FakeLedger) -> None:
    sends(mara, order, amount="20.00")
    page = decides_by_hand(mara, order, "agree")
    assert page.status == 409
    assert "You requested this refund: someone else has to approve it." in page.text
    assert grants(ledger, order) == [(2000, GrantState.ASKED)]


def test_another_agent_may_not_decide_it(
    colleague: Colleague, mara: FlaskClient, order: Order, ledger: FakeLedger
) -> None:
    sends(mara, order, amount="20.00")
    page = decides_by_hand(colleague("otto", Role.AGENT), order, "agree")
    assert page.status == 409
    assert grants(ledger, order) == [(2000, GrantState.ASKED)]


@pytest.mark.parametrize("role", [None, Role.AGENT, Role.LEAD])
def test_what_nobody_may_approve_any_more_anybody_may_decline(
    colleague: Colleague, mara: FlaskClient, order: Order, ledger: FakeLedger, container: Container, role: Role | None
) -> None:
    """The incident's limit is used up, or the policy has changed: else the order would be on hold for good."""
    sends(mara, order, amount="20.00")
    container.policy = replace(container.policy, limits=Roles())
    browser = colleague("jon", role) if role else mara
    page = Page(browser.get(f"/console/orders/{order.ref}"))
    assert "above every limit of the policy" in page.text
    assert [button["value"] for button in page.all("button", name="decision")] == ["decline"]
    decides_by_hand(browser, order, "agree")
    assert grants(ledger, order) == [(2000, GrantState.ASKED)]
    decides(browser, order, "decline")
    assert grants(ledger, order) == [(2000, GrantState.DECLINED)]
    assert ledger.load(order.ref).holds == ()


def test_who_may_only_read_reads_that_nobody_may_approve_it(
    colleague: Colleague, mara: FlaskClient, order: Order, container: Container
) -> None:
    sends(mara, order, amount="20.00")
    container.policy = replace(container.policy, limits=Roles())
    page = Page(colleague("otto", Role.ONCALL).get(f"/console/orders/{order.ref}"))
    assert "above every limit of the policy" in page.text
    assert "Can approve" not in page.text
    assert page.all("button", name="decision") == []


def test_a_refund_can_only_be_approved_or_declined(
    mara: FlaskClient, lea: FlaskClient, order: Order, ledger: FakeLedger
) -> None:
    sends(mara, order, amount="20.00")
    assert decides_by_hand(lea, order, "perhaps").status == 400
    assert grants(ledger, order) == [(2000, GrantState.ASKED)]


# --- the policy


def test_the_policy_can_be_read_by_everybody(browser: FlaskClient) -> None:
    page = Page(browser.get("/policy"))
    assert page.title == "Refund policy"
    assert "Cancel your order for a full refund, until it is shipped." in page.text
    assert "An agent up to €100.00, £90.00 or US$110.00 in total for one order" in page.text
    assert "A support manager any amount, up to what your card was charged" in page.text


def test_the_policy_is_read_in_german(browser: FlaskClient) -> None:
    page = Page(browser.get("/policy", headers={"Accept-Language": "de"}))
    assert page.title == "Erstattungen"
    assert "Sie mussten auf uns warten oder mehr als einmal nachfragen" in page.text
