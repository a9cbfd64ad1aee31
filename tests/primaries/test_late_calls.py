"""A process that stood still on its way to the primary, on real sockets: its write does not leave any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest

from fallback.domain.call_deadline import leaving_by
from fallback.domain.errors import TooLate
from fallback.primaries.http.primary import HttpPrimary
from tests.builders import NOW, an_order
from tests.reference_shop import ReferenceShop

UNTIL = NOW + timedelta(seconds=15)


def connected(server: ReferenceShop) -> Event:
    """Set when the shop has taken a connection."""
    taken, take = Event(), server.get_request

    def observed() -> Any:
        answer = take()
        taken.set()
        return answer

    server.get_request = observed  # type: ignore[method-assign]
    return taken


@pytest.mark.parametrize(
    "write",
    [
        lambda primary, order: primary.place(order),
        lambda primary, order: primary.amend(order),
        lambda primary, order: primary.cancel(order.ref),
    ],
    ids=["place", "amend", "cancel"],
)
def test_the_deadline_is_checked_after_the_connection_was_made(
    primary: HttpPrimary, server: ReferenceShop, write: Callable[[HttpPrimary, Any], object]
) -> None:
    taken = connected(server)

    def stopped_while_it_connects() -> datetime:
        assert taken.wait(5)
        return UNTIL

    with leaving_by(UNTIL, stopped_while_it_connects), pytest.raises(TooLate):
        write(primary, an_order())

    assert not server.shop.calls
    assert not server.shop.orders


def test_what_stopped_after_its_headers_is_no_order(primary: HttpPrimary, server: ReferenceShop) -> None:
    moments = iter([NOW, UNTIL])

    with leaving_by(UNTIL, lambda: next(moments)), pytest.raises(TooLate):
        primary.place(an_order())

    assert primary.find(an_order().ref) is None


def test_a_connection_that_was_open_before_is_no_way_around_it(primary: HttpPrimary, server: ReferenceShop) -> None:
    order = an_order()
    primary.place(order)

    with leaving_by(UNTIL, lambda: UNTIL), pytest.raises(TooLate):
        primary.cancel(order.ref)

    there = primary.read(order.ref)
    assert there.status == "placed"


def test_a_question_may_be_asked_at_any_time(primary: HttpPrimary) -> None:
    with leaving_by(UNTIL, lambda: UNTIL):
        assert primary.find(an_order().ref) is None
