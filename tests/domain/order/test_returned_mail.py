"""A mail that was accepted and comes back is a hold if the customer waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, Notice, NoticeKind, NoticeState, Order, PaymentState, TextMessage
from fallback.domain.order.refused_mail import Bounce, is_unreachable, refused, returned
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, an_order

K, S = NoticeKind, NoticeState
LATER = NOW + timedelta(hours=1)
SENT = Notice(id="1", kind=K.ANSWER, due_at=NOW, said=4, state=S.SENT)
CHANGED_AT = NOW + timedelta(minutes=5)
LEFT = Notice(id="2", kind=K.ADDRESS_LEFT, due_at=CHANGED_AT, to=5, state=S.SENT)
NEWER = replace(SENT, id="3", due_at=CHANGED_AT)
HARD, SOFT = Bounce("", True, "5.1.1"), Bounce("", False, "4.4.1")


def of(*notices: Notice, **changes: Any) -> Order:
    return an_order(notices=notices, **changes)


def back(order: Order, bounce: Bounce = HARD, id: str = "1") -> Order:
    change = returned(order, id, bounce, LATER, "the desk")
    assert change
    return change.order


@pytest.mark.parametrize(
    ("notice", "changes", "held"),
    [
        (SENT, {}, True),
        (replace(SENT, state=S.UNKNOWN), {}, True),
        (replace(SENT, kind=K.RECEIVED), {"payment": a_payment(PaymentState.NONE)}, True),
        (replace(SENT, kind=K.RECEIVED), {}, False),
        (replace(SENT, kind=K.PAYMENT_NEEDED), {}, False),  # paid in the meantime
        (replace(SENT, to=3), {}, False),
    ],
)
def test_a_mail_that_comes_back_is_noted_and_is_a_hold_if_it_is_waited_for(
    notice: Notice, changes: dict[str, Any], held: bool
) -> None:
    change = returned(of(notice, **changes), "1", HARD, LATER, "the desk")
    assert change
    assert change.order.notices == (replace(notice, state=S.FAILED, refused_at=LATER),)
    assert change.events[0] == Event(LATER, "notice_returned", "worker", {"kind": notice.kind, "status": "5.1.1"})
    holds = [(hold.code, hold.owner, hold.detail) for hold in change.order.holds]
    assert holds == ([(HoldCode.MAIL_REFUSED, "the desk", f"{notice.kind} 5.1.1")] if held else [])


def test_a_mail_that_is_late_is_only_noted() -> None:
    change = returned(of(SENT), "1", SOFT, LATER, "the desk")
    assert change
    assert change.order.notices == (replace(SENT, delayed=True),)
    assert change.events == (Event(LATER, "notice_delayed", "worker", {"kind": K.ANSWER, "status": "4.4.1"}),)
    assert change.order.holds == ()
    assert not is_unreachable(change.order)


def test_the_same_report_twice_is_one() -> None:
    late = back(of(SENT), SOFT)
    assert returned(late, "1", SOFT, LATER, "the desk") is None
    gone = back(late)
    assert returned(gone, "1", HARD, LATER, "the desk") is None
    assert returned(gone, "1", SOFT, LATER, "the desk") is None


def test_nobody_hears_of_a_mail_that_was_never_sent_or_of_an_erased_customer() -> None:
    assert returned(of(replace(SENT, state=S.QUEUED)), "1", HARD, LATER, "the desk") is None
    assert returned(of(SENT), "2", HARD, LATER, "the desk") is None
    assert returned(of(SENT, customer=None), "1", HARD, LATER, "the desk") is None


def test_a_report_that_overtakes_the_mail_servers_reply_comes_again() -> None:
    with pytest.raises(TryAgain, match=r"^the mail is just being sent$"):
        returned(of(replace(SENT, state=S.HANDING_OVER)), "1", HARD, LATER, "the desk")


def test_a_mail_to_an_address_that_was_corrected_since_goes_to_the_new_one() -> None:
    order = back(of(SENT, LEFT))
    assert order.notices[0] == replace(SENT, state=S.FAILED, refused_at=LATER)
    assert order.notices[2:] == (Notice(id="3", kind=K.ANSWER, due_at=LATER, said=4),)
    assert order.holds == ()
    assert not is_unreachable(order)


@pytest.mark.parametrize("newer", [NEWER, replace(NEWER, state=S.QUEUED)])
def test_what_went_there_already_is_not_sent_again(newer: Notice) -> None:
    assert len(back(of(SENT, LEFT, newer)).notices) == 3


def test_a_mail_to_a_colleague_that_comes_back_is_on_the_timeline() -> None:
    notice = Notice(id="1", kind=K.OWNER, due_at=NOW, owner="Ann", state=S.SENT)
    change = returned(of(notice, customer=None), "1", Bounce("", True), LATER, "the desk")
    assert change
    assert change.events == (Event(LATER, "notice_returned", "worker", {"kind": "owner", "owner": "Ann"}),)


def test_a_report_without_a_status_says_that_the_mail_came_back() -> None:
    [hold] = back(of(SENT), Bounce("", True)).holds
    assert hold.detail == f"{K.ANSWER} returned"


def test_only_the_first_of_them_is_told_in_a_text_message() -> None:
    agreed = replace(CUSTOMER, phone="07400 123456", sms=True)
    first = back(of(SENT, replace(SENT, id="2", kind=K.NEXT_WORD), customer=agreed))
    assert [notice.sms for notice in first.notices[2:]] == [TextMessage.MAIL_RETURNED]
    assert back(first, id="2").notices[3:] == ()


def test_the_customer_is_asked_for_another_address_until_a_later_mail_arrives() -> None:
    informs = replace(SENT, kind=K.PLACED)
    order = back(of(informs))
    assert is_unreachable(order)
    too_soon = replace(SENT, id="2", due_at=NOW + timedelta(minutes=1))
    assert is_unreachable(replace(order, notices=(*order.notices, too_soon)))
    at_the_time = replace(too_soon, due_at=LATER)
    assert is_unreachable(replace(order, notices=(*order.notices, at_the_time)))
    later = replace(SENT, id="2", due_at=LATER + timedelta(minutes=1))
    assert not is_unreachable(replace(order, notices=(*order.notices, later)))
    moved = replace(order, notices=(*order.notices, LEFT, NEWER))
    assert not is_unreachable(moved)
    assert is_unreachable(back(moved, id="3"))
    assert not is_unreachable(replace(order, customer=None)), "nobody can be asked any more"


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, False),
        ({"holds": (a_hold(HoldCode.MAIL_REFUSED),)}, True),
        ({"holds": (a_hold(HoldCode.MISMATCH),)}, False),
        ({"notices": (replace(SENT, to=3, state=S.FAILED, refused_at=LATER),)}, False),
        ({"notices": (replace(SENT, owner="Ann", state=S.FAILED, refused_at=LATER),)}, False),
        ({"notices": (replace(SENT, state=S.FAILED, refused_at=LATER),)}, True),
    ],
)
def test_they_are_asked_because_of_mail_to_their_own_address_only(changes: dict[str, Any], asked: bool) -> None:
    assert is_unreachable(an_order(**changes)) is asked


def test_so_are_they_when_it_is_refused_at_once_but_not_where_no_mail_is_sent() -> None:
    queued = replace(SENT, kind=K.PLACED, state=S.QUEUED)
    assert is_unreachable(refused(of(queued), queued, "550", LATER, "the desk").order)
    assert not is_unreachable(refused(of(queued), queued, "mail_is_turned_off", LATER, "the desk").order)
