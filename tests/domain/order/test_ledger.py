"""What stands on the timeline of an order from its first moment on: with its time, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.ledger import first_events, may_be_late
from fallback.domain.order.order import Event
from tests.builders import CUSTOMER, NOW, an_order

REPLAYED = NOW + timedelta(minutes=5)
RECEIVED = Event(NOW, "received", "customer")


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, []),
        ({"customer": None}, []),
        ({"customer": replace(CUSTOMER, sms=True)}, [Event(NOW, "sms_agreed", "customer")]),
        ({"expired": True}, [Event(NOW, "cart_expired", "worker")]),
        ({"replayed_at": REPLAYED}, [Event(REPLAYED, "from_journal", "worker")]),
    ],
)
def test_a_timeline_begins_with_the_order_and_what_is_special_about_it(
    changes: dict[str, Any], more: list[Event]
) -> None:
    assert first_events(an_order(**changes)) == [RECEIVED, *more]


def test_it_says_if_the_shop_may_not_have_enough() -> None:
    assert may_be_late(NOW) == Event(NOW, "may_be_late", "worker")
