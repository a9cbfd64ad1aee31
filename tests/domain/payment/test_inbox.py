"""Events about unknown orders are kept for a while, with no more data than needed to find them."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.payment.inbox import KEPT, Unclaimed, is_over, pack, unpack
from tests.builders import NOW

NEWS = Unclaimed("evt_1", "heard_captured", "FB-1", "pi_1", NOW)


def test_an_entry_is_read_as_it_was_stored_and_an_unreadable_one_is_none() -> None:
    assert unpack(pack(NEWS)) == NEWS
    assert unpack(b'{"id": "evt_1", "data": {"email": "iris@example.org"}}') is None


def test_an_event_in_the_inbox_is_kept_for_a_month() -> None:
    assert not is_over(NEWS, NOW + KEPT - timedelta(seconds=1))
    assert is_over(NEWS, NOW + KEPT)
    assert is_over(None, NOW)
