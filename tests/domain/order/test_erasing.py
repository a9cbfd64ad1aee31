"""Personal data is kept while it is needed, and then for a period after the last notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order import erasing
from fallback.domain.order.erasing import StillOpen
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Change, Event, Notice, NoticeKind, NoticeState, PaymentState, PlacementState
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, an_order
from tests.refusals import not_now

OVER = an_order(customer=CUSTOMER, payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED)
LATER = NOW + timedelta(days=1)
SENT = Notice(id="1", kind=NoticeKind.PLACED, due_at=LATER, state=NoticeState.SENT)


def test_the_retention_period_starts_with_the_last_notice() -> None:
    assert erasing.kept_since(OVER) == NOW
    assert erasing.kept_since(replace(OVER, notices=(SENT, replace(SENT, id="2", due_at=NOW)))) == LATER


@pytest.mark.parametrize(
    "needed",
    [
        {"placement": an_order().placement},
        {"holds": (a_hold(HoldCode.ASKED_FOR_A_PERSON),)},
        {"notices": (SENT, replace(SENT, id="2", state=NoticeState.QUEUED))},
        {"notices": (replace(SENT, state=NoticeState.HANDING_OVER),)},
    ],
)
def test_personal_data_that_is_still_needed_is_not_erased(needed: dict[str, Any]) -> None:
    order = replace(OVER, **needed)
    assert erasing.kept_since(order) is None
    with not_now("open", "erase"):
        erasing.erase(order, "Ann", LATER)


def test_erasing_removes_the_customer_once_and_keeps_the_order() -> None:
    erased = replace(OVER, customer=None)
    assert erasing.erase(OVER, "Ann", LATER) == Change(erased, (Event(LATER, "erased", "Ann"),))
    assert erasing.kept_since(erased) is None
    assert erasing.erase(erased, "Ann", LATER) is None


def test_what_names_customers_in_texts_is_their_name_and_how_they_are_reached() -> None:
    reached = replace(OVER, customer=replace(CUSTOMER, name="Iris", phone="+44 1482 300300"))
    words = {CUSTOMER.name, CUSTOMER.email, "Iris", "+44 1482 300300"}
    assert erasing.words_about([OVER, reached, replace(OVER, customer=None)]) == words


def test_which_orders_are_still_open_is_told() -> None:
    told = StillOpen(["FB-1", "FB-2"])
    assert str(told) == "nothing is erased while these orders are open: FB-1, FB-2"
    assert told.refs == ("FB-1", "FB-2")
