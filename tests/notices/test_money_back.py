"""The mail about a refund names the amount and contains the sentence of the agent who granted it."""

from __future__ import annotations

from typing import Any

import pytest

from fallback.domain.order.grants import NO_INCIDENT, Grant, GrantDecision, GrantKind, GrantState, Refund, RefundState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.notices import still_true
from fallback.domain.order.order import Notice, NoticeKind, PaymentState, PlacementState
from fallback.domain.order.texts_by_people import say
from fallback.domain.payment import refunds
from fallback.notices.message import compose
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.notices.mails import LINKS, SENDER, text


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en", "to the card that you paid with: €10.00 so far, of the €30.93 that you paid."),
        ("de", "bisher 10,00 € von den 30,93 €, die Sie bezahlt haben."),
    ],
)
def test_a_part_that_went_back_is_told_in_figures(locale: str, says: str) -> None:
    order = an_order(payment=a_payment(PaymentState.CAPTURED, refunded=1_000), locale=locale)
    order, word = say(order, "sentence", "Sorry that it took so long.")
    assert order.customer
    notice = Notice(id="3", kind=NoticeKind.MONEY_BACK, due_at=NOW, said=word)

    for part in ("plain", "html"):
        said = text(compose(order, order.customer, notice, LINKS, SENDER), part)
        assert says in said
        assert "Sorry that it took so long." in said


@pytest.mark.parametrize(
    ("locale", "says", "by"),
    [
        (
            "en",
            "We refunded €10.00 to the card that you paid with",
            "write to you by",
        ),
        ("de", "Wir haben 10,00 € auf die Karte erstattet", "schreibt Ihnen bis"),
    ],
)
def test_what_did_not_arrive_is_told_with_what_happens_next(locale: str, says: str, by: str) -> None:
    payment = a_payment(PaymentState.CAPTURED, refunds=(Refund("re_1", 1_000, RefundState.FAILED),))
    order = an_order(payment=payment, locale=locale, holds=(a_hold(HoldCode.REFUND_FAILED),))
    assert order.customer
    mail = compose(order, order.customer, Notice(id="3", kind=NoticeKind.REFUND_FAILED, due_at=NOW), LINKS, SENDER)
    for part in ("plain", "html"):
        assert says in text(mail, part)
        assert by in text(mail, part)


def test_what_a_person_has_seen_to_is_not_told_any_more() -> None:
    notice = Notice(id="3", kind=NoticeKind.REFUND_FAILED, due_at=NOW)
    for answer, told in ((None, True), (GrantDecision.AGAIN, False), (GrantDecision.OTHERWISE, False)):
        refunds = (Refund("re_1", 1_000, RefundState.FAILED, answer=answer),)
        order = an_order(payment=a_payment(PaymentState.CAPTURED, refunds=refunds))
        assert still_true(order, notice) is told


@pytest.mark.parametrize("kind", [NoticeKind.MONEY_BACK, NoticeKind.REFUNDED])
def test_what_came_back_before_the_mail_could_be_sent_is_not_told_as_refunded(kind: NoticeKind) -> None:
    notice = Notice(id="3", kind=kind, due_at=NOW)
    for refunded, told in ((1_000, True), (0, False)):
        order = an_order(payment=a_payment(PaymentState.CAPTURED, refunded=refunded))
        assert still_true(order, notice) is told


@pytest.mark.parametrize("gone", [{"cancel_asked": True}, {"placement": PlacementState.CANCELLED}])
def test_a_part_of_a_cancelled_order_comes_back_without_a_word_about_the_order(gone: dict[str, Any]) -> None:
    """Somebody refunded it by hand, while the order was being cancelled."""
    order = an_order(payment=a_payment(PaymentState.CAPTURED, refunded=1_000), **gone)
    assert order.customer
    said = text(compose(order, order.customer, Notice(id="3", kind=NoticeKind.MONEY_BACK, due_at=NOW), LINKS, SENDER))
    assert "€10.00 so far, of the €30.93 that you paid. What happens next: your bank shows the refund" in said
    assert "does not change" not in said


def test_only_a_difference_that_is_still_on_its_way_is_told_as_going_back() -> None:
    def a_grant(number: int, kind: GrantKind, state: GrantState, amount: int) -> Grant:
        return Grant(
            id=number, kind=kind, state=state, amount=amount, reason="x", who="Ann", at=NOW, incident=NO_INCIDENT
        )

    grants = (
        a_grant(1, GrantKind.DIFFERENCE, GrantState.GRANTED, 100),
        a_grant(2, GrantKind.DIFFERENCE, GrantState.MADE, 200),
        a_grant(3, GrantKind.GOODWILL, GrantState.GRANTED, 400),
    )
    order = an_order(payment=a_payment(PaymentState.CAPTURED), grants=grants)
    assert refunds.difference(order) == 100
    assert order.customer
    mail = compose(order, order.customer, Notice(id="3", kind=NoticeKind.CHANGED, due_at=NOW), LINKS, SENDER)
    assert "€1.00" in text(mail)
