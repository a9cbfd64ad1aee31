"""An agent decides about the holds of an order."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.domain.order.grants import GrantDecision, GrantKind, GrantState, Refund, RefundState
from fallback.domain.order.holds import BOUGHT_THERE, HoldCode
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.domain.order.withdrawal import WithdrawalState
from fallback.domain.placement.contract_withdrawal import by_hand
from fallback.primaries.check.visit import withdrew
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.domain.order.test_grants import a_grant
from tests.fakes.ledger import FakeLedger
from tests.web.console.at_work import ME, AtWork
from tests.web.html import Page


def test_a_hold_is_released_by_its_form(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK, "BK-1"),)))
    assert work.page().all("form", action=f"/console/orders/{work.ref}/holds/out_of_stock/release")
    work.does("holds/out_of_stock/release")
    assert work.order.holds == ()
    assert work.told == [("hold_released", ME)]


def test_the_promise_outlives_its_hold(agent: FlaskClient, ledger: FakeLedger) -> None:
    hold = a_hold(HoldCode.OUT_OF_STOCK)
    work = AtWork(agent, ledger, an_order(holds=(hold,)))
    work.does("holds/out_of_stock/release")
    assert work.order.next_word_by == hold.next_word_by


@pytest.mark.parametrize(
    ("act", "answer", "state"),
    [("release", GrantDecision.AGAIN, GrantState.GRANTED), ("settle", GrantDecision.OTHERWISE, GrantState.MADE)],
)
def test_what_a_refund_did_not_bring_is_sent_again_or_was_paid_otherwise(
    agent: FlaskClient, ledger: FakeLedger, act: str, answer: GrantDecision, state: GrantState
) -> None:
    refund = Refund("re_1", 1_000, RefundState.FAILED, 1)
    order = an_order(
        payment=a_payment(PaymentState.CAPTURED, refunds=(refund,)),
        placement=PlacementState.VERIFIED,
        grants=(a_grant(1, GrantKind.GOODWILL, 1_000, GrantState.FAILED),),
        holds=(a_hold(HoldCode.REFUND_FAILED, "re_1"),),
    )
    work = AtWork(agent, ledger, order)
    assert "€10.00" in work.page().all("form", action=f"/console/orders/{work.ref}/holds/refund_failed/{act}")[0].text
    page = work.page()
    work.does(f"holds/refund_failed/{act}")
    assert (work.order.holds, work.order.payment.refunds[0].answer) == ((), answer)
    assert work.order.grants[0].state is state
    work.send("holds/refund_failed/settle", page)
    assert work.order.payment.refunds[0].answer is answer


@pytest.mark.parametrize("again", [True, False])
def test_who_decides_about_a_refund_that_came_back_reads_that_the_cart_was_ordered_again(
    agent: FlaskClient, ledger: FakeLedger, again: bool
) -> None:
    work = AtWork(agent, ledger, an_order(payment=a_payment(PaymentState.REFUNDED), placement=PlacementState.VERIFIED))
    second = an_order(cart_id=work.order.cart_id if again else "another basket")
    assert isinstance(ledger.accept(second, second.ref, "print"), Accepted)
    failed = (Refund("re_1", 3093, RefundState.FAILED),)
    payment = a_payment(PaymentState.CAPTURED, refunds=failed)
    hold = a_hold(HoldCode.REFUND_FAILED, "re_1")
    ledger.commit(work.order, replace(work.order, payment=payment, holds=(hold,)), [])
    page = work.page()
    assert bool(page.all("a", href=f"/console/orders/{second.ref}")) is again
    assert ("Possible duplicate purchase" in page.text) is again


def test_the_same_purchase_is_undone_and_the_other_stands(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.POSSIBLE_RIVAL, "100077"),)))
    work.does("holds/possible_rival/merge")
    assert headline(work.order) in (Headline.UNDOING, Headline.CANCELLED)
    assert ("rival_same", ME) in work.told


def test_an_agent_answers_whether_it_is_paid_in_the_shop(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MAYBE_PAID, "100077"),)))
    assert "Not paid in the shop: release hold" in work.page().text
    work.does("holds/maybe_paid/merge")
    assert ("rival_same", ME) in work.told


def test_only_a_rival_can_be_the_same_purchase(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    assert work.forge("holds/mismatch/merge").status_code == 409
    assert work.told == []


@pytest.mark.parametrize("code", sorted(BOUGHT_THERE))
def test_what_a_person_finds_in_the_shop_is_merged_under_its_number(
    agent: FlaskClient, ledger: FakeLedger, code: HoldCode
) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(code),)))
    assert "Already bought in the shop" in work.page().text
    page = work.does(f"holds/{code}/merge", number="#100077", paid="yes")
    assert (work.order.placement.state, work.order.placement.number) == (PlacementState.MERGED, "100077")
    assert (work.told, work.order.holds) == ([("merged", ME)], ())
    assert "The shop already had this order as number 100077" in page.text


@pytest.mark.parametrize("number", ["", "Iris Murdoch", "4242 4242 4242 4242", "4242424242424242"])
def test_what_cannot_be_a_number_merges_nothing(agent: FlaskClient, ledger: FakeLedger, number: str) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK),)))
    page = Page(work.send("holds/out_of_stock/merge", number=number, paid="yes"))
    assert "not an order number" in page.text
    assert work.told == []


def test_an_agent_cannot_merge_without_confirming_that_the_shops_order_is_paid(
    agent: FlaskClient, ledger: FakeLedger
) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK),)))
    page = Page(work.send("holds/out_of_stock/merge", number="100077"))
    assert (page.status, [*page.errors], page.fields["number"]) == (400, ["paid"], "100077")
    assert (work.told, work.order.placement.state) == ([], PlacementState.WAITING)


def test_what_the_shop_has_of_ours_is_no_other_purchase(agent: FlaskClient, ledger: FakeLedger) -> None:
    refused = an_order(holds=(a_hold(HoldCode.PRIMARY_REFUSED),), placement=PlacementState.VERIFIED)
    work = AtWork(agent, ledger, refused)
    assert work.forge("holds/primary_refused/merge", number="100077").status_code == 409


def test_what_cannot_be_done_is_cancelled_with_a_reason(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK),)))
    assert work.page().all("a", href=f"/console/orders/{work.ref}/cancellation")
    page = work.does("cancellation", reason="Out of print")
    assert work.order.cancel_asked
    assert ("cancel_asked", ME) in work.told
    assert "Out of print" in page.text


@pytest.mark.parametrize("act", ["release", "merge"])
def test_a_hold_that_is_gone_is_said_to_be_gone(agent: FlaskClient, ledger: FakeLedger, act: str) -> None:
    work = AtWork(agent, ledger, an_order())
    assert work.forge(f"holds/mismatch/{act}", reason="x").status_code == 409


# --- a withdrawal from the contract


def test_an_agent_reads_what_was_stated_tells_the_shop_and_says_so(agent: FlaskClient, ledger: FakeLedger) -> None:
    paid = a_payment(PaymentState.CAPTURED)
    work = AtWork(agent, ledger, withdrew(an_order(payment=paid, placement=PlacementState.VERIFIED), 1))
    assert "The shop is told next." in work.page().text
    order = work.order
    ledger.commit(order, by_hand(order, NOW, "the desk").order, ())
    page = work.page()
    assert "Tell the shop, then release the hold." in page.text
    assert "contract-check@example.com 1 × The Sea, the Sea" in page.text
    work.does("holds/withdrawal/release")
    assert work.order.holds == ()
    assert work.order.withdrawal
    assert work.order.withdrawal.state is WithdrawalState.TOLD
    assert "The shop knows." in work.page().text
