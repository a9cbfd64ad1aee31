"""Text messages: to whom, about what, and when nobody is woken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, Contact, ShippingAddress
from fallback.domain.order.notices import queue_notice, still_true
from fallback.domain.order.order import (
    Address,
    Customer,
    Event,
    Notice,
    NoticeKind,
    NoticeState,
    Order,
    PlacementState,
    TextMessage,
)
from fallback.domain.order.refused_mail import Bounce, is_unreachable, returned
from fallback.domain.order.text_messages import MOST, READ_WITHIN, QuietHours, agree, failed, number_of, quiet_hours
from fallback.domain.placement.changes import change
from tests.builders import CUSTOMER, NOW, an_order

K = NoticeKind
AGREED = replace(CUSTOMER, phone="07400 123456", sms=True)
HARD = Bounce("", True, "5.1.1")


def told(kind: NoticeKind, customer: Customer | None = AGREED, **how: Any) -> list[TextMessage | None]:
    order = queue_notice(an_order(customer=customer), kind, NOW, **how)
    return [notice.sms for notice in order.notices if notice.sms]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (K.PAYMENT_NEEDED, TextMessage.PAYMENT_NEEDED),
        (K.POSSIBLE_RIVAL, TextMessage.POSSIBLE_RIVAL),
        (K.CANCELLED, TextMessage.CANCELLED),
    ],
)
def test_what_cannot_wait_goes_beside_the_mail_after_time_to_read_it(kind: NoticeKind, message: TextMessage) -> None:
    mail, text = queue_notice(an_order(customer=AGREED), kind, NOW).notices
    assert mail == Notice(id="1", kind=kind, due_at=NOW)
    assert text == Notice(id="2", kind=kind, due_at=NOW + READ_WITHIN, sms=message)


@pytest.mark.parametrize("kind", sorted(set(K) - {K.PAYMENT_NEEDED, K.POSSIBLE_RIVAL, K.CANCELLED}))
def test_all_else_can_wait(kind: NoticeKind) -> None:
    assert told(kind) == []


@pytest.mark.parametrize(
    "customer", [None, replace(AGREED, sms=False), replace(AGREED, phone=None), replace(AGREED, phone="01482 300300")]
)
def test_nobody_gets_one_who_did_not_agree_or_has_no_mobile_phone(customer: Customer | None) -> None:
    assert told(K.PAYMENT_NEEDED, customer) == []


def test_a_mail_to_another_address_or_to_a_colleague_has_none() -> None:
    assert told(K.CANCELLED, to=3) == told(K.CANCELLED, owner="Ann") == []


def test_an_order_sends_only_so_many() -> None:
    order = an_order(customer=AGREED)
    for _ in range(MOST + 2):
        order = queue_notice(order, K.PAYMENT_NEEDED, NOW)
    assert sum(notice.sms is not None for notice in order.notices) == MOST


@pytest.mark.parametrize(
    ("phone", "country", "number"),
    [
        ("07400 123456", "GB", "+447400123456"),
        ("+44 7400 123456", "DE", "+447400123456"),
        ("0044 7400 123456", "GB", "+447400123456"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("(212) 555-0123", "US", "+12125550123"),  # no one can tell a mobile there
        ("07400 123456", "DE", ""),
        ("030 123456", "DE", ""),
        ("", "DE", ""),
    ],
)
def test_a_number_is_read_as_in_the_customers_country(phone: str, country: str, number: str) -> None:
    there = Address("Iris Murdoch", "1 Quay", "Hull", "HU1 1AA", country)
    assert number_of(replace(CUSTOMER, phone=phone, address=there)) == number
    fetched = Address("Iris Murdoch", "", "", "", "")
    assert number_of(replace(CUSTOMER, phone=phone, address=fetched, billing=there)) == number


def test_consent_is_given_and_withdrawn_once_each() -> None:
    order = an_order(customer=replace(AGREED, sms=False))
    given = agree(order, True, NOW, "customer")
    assert given
    assert given.events == (Event(NOW, "sms_agreed", "customer"),)
    assert agree(given.order, True, NOW, "customer") is None
    withdrawn = agree(given.order, False, NOW, "customer")
    assert withdrawn
    assert (withdrawn.order, withdrawn.events) == (order, (Event(NOW, "sms_withdrawn", "customer"),))
    assert agree(an_order(), True, NOW, "customer") is None, "there is no number"
    assert agree(an_order(customer=None), False, NOW, "customer") is None


def test_who_withdraws_gets_none_that_waits() -> None:
    order = queue_notice(an_order(customer=AGREED), K.CANCELLED, NOW)
    assert still_true(order, order.notices[1])
    assert not still_true(replace(order, customer=replace(AGREED, sms=False)), order.notices[1])


@pytest.mark.parametrize(("phone", "sms"), [(AGREED.phone, True), ("07400 123457", False), (None, False)])
@pytest.mark.parametrize("placement", [PlacementState.WAITING, PlacementState.VERIFIED])
def test_consent_is_for_one_number(placement: PlacementState, phone: str | None, sms: bool) -> None:
    asked = ChangeOrder(contact=Contact("I. Murdoch", AGREED.email, phone))
    done = change(an_order(customer=AGREED, placement=placement), asked, NOW, "customer")
    assert done
    assert done.order.customer
    assert done.order.customer.sms is sms


def test_digits_that_are_another_number_in_another_country_are_not_what_they_agreed_to() -> None:
    """Without its country code, the number is that of a stranger there."""
    abroad = ShippingAddress("2 Speicherstadt", "Hamburg", "20457", country="DE")
    for phone, sms in ((AGREED.phone, False), ("+44 7400 123456", True)):
        order = an_order(customer=replace(AGREED, phone=phone))
        done = change(order, ChangeOrder(shipping_address=abroad), NOW, "customer")
        assert done
        assert done.order.customer
        assert done.order.customer.sms is sms


# --- a mail that came back


def came_back(order: Order) -> Order:
    done = returned(order, "1", HARD, NOW, "the desk")
    assert done
    return done.order


def test_a_mail_that_came_back_and_is_waited_for_is_told_by_text_message() -> None:
    answer = Notice(id="1", kind=K.ANSWER, due_at=NOW - timedelta(hours=1), state=NoticeState.SENT)
    order = came_back(an_order(customer=AGREED, notices=(answer,)))
    text = order.notices[1]
    assert (text.sms, text.due_at) == (TextMessage.MAIL_RETURNED, NOW + READ_WITHIN)
    assert still_true(order, text)
    assert not still_true(replace(order, holds=()), text), "another address was given"
    informs = came_back(an_order(customer=AGREED, notices=(replace(answer, kind=K.PLACED),)))
    assert len(informs.notices) == 1


def test_a_text_message_is_no_mail_that_arrived_or_failed() -> None:
    text = Notice(id="1", kind=K.ANSWER, due_at=NOW, sms=TextMessage.MAIL_RETURNED, state=NoticeState.SENT)
    assert returned(an_order(customer=AGREED, notices=(text,)), "1", HARD, NOW, "the desk") is None
    failed = Notice(id="1", kind=K.PLACED, due_at=NOW, state=NoticeState.FAILED, refused_at=NOW)
    after = replace(text, id="2", due_at=NOW + timedelta(hours=1))
    assert is_unreachable(an_order(customer=AGREED, notices=(failed, after)))


def test_one_that_the_gateway_refuses_has_failed_and_the_mail_beside_it_has_not() -> None:
    order = queue_notice(an_order(customer=AGREED), K.CANCELLED, NOW)
    mail, text = order.notices
    done = failed(order, text, "30005", NOW)
    assert done.order == replace(order, notices=(mail, replace(text, state=NoticeState.FAILED)))
    assert done.events == (Event(NOW, "sms_failed", "worker", {"kind": "cancelled", "status": "30005"}),)


# --- quiet hours

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("hours", "now", "leaves"),
    [
        ("21:00-08:00", "2026-11-21T20:59", "2026-11-21T20:59"),
        ("21:00-08:00", "2026-11-21T21:00", "2026-11-22T08:00"),
        ("21:00-08:00", "2026-11-22T07:59", "2026-11-22T08:00"),
        ("21:00-08:00", "2026-11-22T08:00", "2026-11-22T08:00"),
        ("21:00-08:00", "2026-10-24T23:00", "2026-10-25T08:00"),  # an hour longer: the clock goes back
        ("13:00-15:30", "2026-11-21T14:00", "2026-11-21T15:30"),
        ("13:00-15:30", "2026-11-21T16:00", "2026-11-21T16:00"),
        ("", "2026-11-21T03:00", "2026-11-21T03:00"),
    ],
)
def test_nobody_is_woken(hours: str, now: str, leaves: str) -> None:
    now_in_utc = at(now).astimezone(NOW.tzinfo)
    may_leave = quiet_hours(hours).over_at(now_in_utc, BERLIN)
    assert may_leave == at(leaves)
    assert may_leave.tzinfo is NOW.tzinfo


@pytest.mark.parametrize("hours", ["21-8", "25:00-08:00", "9", "21:00-08:00+01:00", "21:00-08:00-07:00"])
def test_quiet_hours_are_two_times_of_the_shops_own_day(hours: str) -> None:
    with pytest.raises(ValueError):
        quiet_hours(hours)


def test_quiet_hours_are_by_default_the_night() -> None:
    assert quiet_hours("21:00-08:00") == QuietHours()
