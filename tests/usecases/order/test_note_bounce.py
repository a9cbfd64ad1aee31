"""A report leads to the order whose mail it is about, and a forged one to none."""

from __future__ import annotations

import pytest

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, NoticeKind, NoticeState
from fallback.domain.order.refs import new_ref
from fallback.domain.order.refused_mail import Bounce
from fallback.usecases.order.note_bounce import note_bounce
from tests.builders import NOW, an_order, deps
from tests.fakes.ledger import FakeLedger

LINKS = Links(("a-secret-for-the-tests-of-bounces-0123",), "https://pay.example")
OTHERS = Links(("a-secret-of-somebody-else-0123456789-0",), "https://pay.example")
SENT = Notice(id="1", kind=NoticeKind.ANSWER, due_at=NOW, state=NoticeState.SENT)


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


def noted(ledger: FakeLedger, mail: str) -> str | None:
    return note_bounce(
        deps(ledger=ledger, clock=lambda: NOW, desk="the desk", links=LINKS), Bounce(mail, True, "5.1.1")
    )


def test_a_report_leads_to_the_order_once(ledger: FakeLedger) -> None:
    ref = ledger.keep(an_order(notices=(SENT,))).ref
    for _ in range(2):
        assert noted(ledger, f"<{LINKS.mails.of(ref, '1')}@pay.example>") == ref
    assert [event.what for event in ledger.timeline(ref)] == ["notice_returned", "on_hold"]
    assert [(hold.code, hold.owner) for hold in ledger.load(ref).holds] == [(HoldCode.MAIL_REFUSED, "the desk")]


def test_a_forged_report_changes_nothing(ledger: FakeLedger) -> None:
    order = ledger.keep(an_order(notices=(SENT,)))
    assert noted(ledger, OTHERS.mails.of(order.ref, "1")) is None
    assert noted(ledger, f"{order.ref}.1") is None
    assert ledger.load(order.ref) == order


def test_a_report_about_an_order_that_is_not_here_is_none(ledger: FakeLedger) -> None:
    assert noted(ledger, LINKS.mails.of(new_ref(), "1")) is None
