"""What is replayed at the same time: all but what is about the purchase or the key of another entry."""

from __future__ import annotations

from pathlib import Path

from fallback.domain.checkout.journal import CancelAsked, Entry
from fallback.ledger.journal.journal import TOGETHER, _Each, independent
from tests.builders import NOW
from tests.ledger.journal.keeping import taken


def groups(*entries: Entry) -> list[list[Entry]]:
    return [[each.entry for each in group] for group in independent(_Each(entry, Path(), 0) for entry in entries)]


def test_an_order_with_the_key_or_basket_of_another_waits_for_all_before_it() -> None:
    for about in ({"key": "key"}, {"cart_id": "basket"}):
        first, other, second, third = taken(**about), taken(1), taken(2, **about), taken(3)
        assert groups(first, other, second, third) == [[first, other], [second, third]]


def test_a_cancellation_waits_for_all_before_it_and_all_after_it_for_it() -> None:
    orders, asked = [taken(second) for second in range(4)], CancelAsked("FB-1", NOW)
    assert groups(*orders[:2], asked, *orders[2:]) == [orders[:2], [asked], orders[2:]]
    assert groups(asked, asked) == [[asked], [asked]]


def test_so_many_are_taken_together_and_no_more() -> None:
    orders = [taken(second) for second in range(TOGETHER + 1)]
    assert groups(*orders) == [orders[:-1], orders[-1:]]
