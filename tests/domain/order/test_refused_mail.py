"""A mail that no server accepts is a hold if the customer needs it, until there is another address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order import refused_mail
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, Notice, NoticeKind, NoticeState, Order, PaymentState
from tests.builders import NOW, a_hold, a_payment, an_order

K = NoticeKind
LATER = NOW + timedelta(hours=1)
ANSWER = Notice(id="1", kind=K.ANSWER, due_at=NOW, said=4, refs=("FB-2",))
FAILED = replace(ANSWER, state=NoticeState.FAILED)


def of(*notices: Notice, **changes: Any) -> Order:
    return an_order(**({"notices": notices} | changes))


@pytest.mark.parametrize(
    ("notice", "code", "order", "waited_for"),
    [
        (ANSWER, "550", {}, True),
        (replace(ANSWER, kind=K.PLACED), "550", {}, False),
        (replace(ANSWER, kind=K.RECEIVED), "550", {}, False),
        (replace(ANSWER, kind=K.RECEIVED), "550", {"payment": a_payment(PaymentState.NONE)}, True),
        (replace(ANSWER, kind=K.PAYMENT_NEEDED), "550", {}, False),
        (replace(ANSWER, to=3), "550", {}, False),
        (ANSWER, "mail_is_turned_off", {}, False),
    ],
)
def test_a_refused_mail_that_the_customer_needs_becomes_a_hold(
    notice: Notice, code: str, order: dict[str, Any], waited_for: bool
) -> None:
    refused = refused_mail.refused(of(notice, **order), notice, code, LATER, "the desk")
    refused_at = None if code == "mail_is_turned_off" else LATER
    assert refused.order.notices == (replace(notice, state=NoticeState.FAILED, refused_at=refused_at),)
    assert refused.events[0] == Event(LATER, "notice_failed", "worker", {"kind": notice.kind})
    held = [(hold.code, hold.owner, hold.since, hold.detail) for hold in refused.order.holds]
    expected = (HoldCode.MAIL_REFUSED, "the desk", LATER, f"{notice.kind} {code}")
    assert held == ([expected] if waited_for else [])


def test_a_mail_to_a_colleague_says_why() -> None:
    notice = Notice(id="1", kind=K.OWNER, due_at=NOW, owner="Ann")
    refused = refused_mail.refused(of(notice), notice, "550", LATER, "the desk")
    assert refused.events == (Event(LATER, "notice_failed", "worker", {"kind": "owner", "owner": "Ann", "why": "550"}),)


def test_what_was_refused_and_is_waited_for_goes_to_the_new_address() -> None:
    holds = (a_hold(HoldCode.MAIL_REFUSED), a_hold(HoldCode.MISMATCH))
    sent = replace(ANSWER, id="2", kind=K.NEXT_WORD, state=NoticeState.SENT)
    told = replace(FAILED, id="3", kind=K.PLACED)
    elsewhere = replace(FAILED, id="4", kind=K.NOT_CHANGED, to=3)
    order = of(FAILED, sent, told, elsewhere, holds=holds)
    after = refused_mail.reached(order, LATER)
    assert after.holds == holds[1:]
    again = Notice(id="5", kind=K.ANSWER, due_at=LATER, said=4, refs=("FB-2",))
    assert after.notices == (*order.notices, again)
    nobody_waits = of(FAILED)
    assert refused_mail.reached(nobody_waits, LATER) == nobody_waits


def test_only_the_newest_of_a_kind_is_sent_again() -> None:
    newer = replace(FAILED, id="2", said=5)
    order = of(FAILED, newer, holds=(a_hold(HoldCode.MAIL_REFUSED),))
    assert [notice.said for notice in refused_mail.reached(order, LATER).notices[2:]] == [5]
    came = replace(newer, state=NoticeState.SENT)
    assert len(refused_mail.reached(replace(order, notices=(FAILED, came)), LATER).notices) == 2
