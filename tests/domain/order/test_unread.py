"""What is said of orders that a list, a report or a sum leaves out."""

from __future__ import annotations

import pytest

from fallback.domain.order.unread import Unread, count, unread_note


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        (0, []),
        (1, ["1 order could not be read and is missing here. 'fallback ledger verify' names it."]),
        (2, ["2 orders could not be read and are missing here. 'fallback ledger verify' names them."]),
    ],
)
def test_how_many_are_missing_is_one_sentence(orders: int, said: list[str]) -> None:
    assert unread_note(orders) == said


def test_an_order_that_several_lists_leave_out_counts_once() -> None:
    assert count() == 0
    assert count(Unread(["FB-1"], ["FB-2"]), Unread([], ["FB-2", "FB-3"])) == 3
