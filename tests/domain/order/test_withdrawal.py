"""How long a customer may withdraw from the contract, and what they still buy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.order.withdrawal import Statement, WithdrawnLine, latest_end, left, withdraws_until
from tests.builders import BOOK, NOW, STANDARD

PEN = replace(BOOK, sku="PN-1", title="A pen")
GIFT = replace(BOOK, quantity=3, title="As a gift")


def a_statement(pieces: int, ordered: int) -> Statement:
    return Statement("key", NOW, (WithdrawnLine("BK-1", BOOK.title, pieces, ordered),), name=1, email=2)


def test_who_agreed_on_no_delivery_time_may_withdraw_for_the_longest() -> None:
    assert withdraws_until(NOW, replace(STANDARD, slot=None), days=14) == NOW + latest_end(14)
    assert latest_end(14) == timedelta(days=30 + 14 + 5)


@pytest.mark.parametrize(
    ("pieces", "ordered", "still_bought"),
    [
        (1, 5, (1, 3, 2)),
        (4, 5, (0, 1, 2)),
        (5, 5, (0, 0, 2)),
        (3, 6, (0, 3, 2)),  # the order has lost one of them since
    ],
)
def test_pieces_that_several_lines_have_are_withdrawn_from_the_first_on(
    pieces: int, ordered: int, still_bought: tuple[int, ...]
) -> None:
    assert left((BOOK, GIFT, PEN), [a_statement(pieces, ordered)]) == still_bought


def test_what_nobody_withdrew_from_is_still_bought() -> None:
    assert left((PEN, PEN), [a_statement(1, 2)]) == (2, 2)
