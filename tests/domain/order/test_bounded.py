"""The number of changes by people is limited; automatic events and cancellations are not."""

from __future__ import annotations

import pytest

from fallback.domain.errors import TooMuch
from fallback.domain.order.bounded import MOST, MOST_FOR_CUSTOMERS, check_room, is_full
from fallback.domain.order.order import Event
from tests.builders import NOW, an_order


@pytest.mark.parametrize(
    ("who", "what", "most"),
    [
        ("customer", "changed", MOST_FOR_CUSTOMERS),
        ("customer", "card_given", MOST),
        ("customer", "asked_for_a_person", MOST),
        ("Ann", "changed", MOST),
    ],
)
def test_each_kind_of_event_has_its_limit_in_the_timeline(who: str, what: str, most: int) -> None:
    event = Event(NOW, what, who)
    assert not is_full(an_order(version=most - 1), event)
    assert is_full(an_order(version=most), event)
    check_room(an_order(version=most - 1), [event])
    with pytest.raises(TooMuch, match="FB-1"):
        check_room(an_order(ref="FB-1", version=most), [Event(NOW, "verified", "primary"), event])


@pytest.mark.parametrize(("who", "what"), [("customer", "cancel_asked"), ("worker", "changed"), ("stripe", "captured")])
def test_cancellations_and_automatic_events_always_fit_the_timeline(who: str, what: str) -> None:
    assert not is_full(an_order(version=10 * MOST), Event(NOW, what, who))
