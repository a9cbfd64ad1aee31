"""Where an order must stand, and what differs, without any Redis."""

from __future__ import annotations

import pytest

from fallback.domain.order.order import Queue
from fallback.domain.order.patience import LEASE
from fallback.ledger.redis import keys
from fallback.ledger.verify.difference import Difference
from fallback.ledger.verify.standing import A_SEQUENCE, Standing, There, compare

REF, NOW = "FB-7K3M-92QX-N", 1_000.0
DUE, WORD, OTHER = keys.due(Queue.PAYMENT), keys.NEXT_WORD, keys.owner("Bo")
LISTS = {"first", "second", keys.RECEIVED}
WANTED = Standing("1", keys.RECEIVED, frozenset(LISTS), {DUE: 100.0, WORD: 200.0}, people=(("iris", "older"),))
RIGHT = {**dict.fromkeys(LISTS, 7.0), "iris": 7.0, "older": None, DUE: 100.0, WORD: 200.0}


def differ(**scores: float | None) -> list[Difference]:
    return list(compare(REF, WANTED, There("1", NOW, RIGHT | scores, {})))


def test_an_order_that_stands_where_it_must_does_not_differ() -> None:
    assert differ() == []
    assert differ(iris=None, older=7.0) == []  # found by the key before the newest


@pytest.mark.parametrize("found", [101.0, NOW + LEASE.total_seconds()])
def test_a_shift_may_have_put_a_due_time_off_by_a_lease(found: float) -> None:
    assert differ(**{DUE: found}) == []
    assert differ(**{WORD: found}) == [Difference(WORD, REF, 200.0, found)]


@pytest.mark.parametrize("found", [99.0, NOW + LEASE.total_seconds() + 1])
def test_nothing_else_puts_it_off(found: float) -> None:
    assert differ(**{DUE: found}) == [Difference(DUE, REF, 100.0, found)]


def test_what_is_told_is_what_is_there_beside_what_should_be() -> None:
    assert differ(first=8.0, iris=9.0) == [Difference("first", REF, 7.0, 8.0), Difference("iris", REF, 7.0, 9.0)]
    assert differ(**{OTHER: 5.0}) == [Difference(OTHER, REF, None, 5.0)]


def test_an_order_that_no_list_knows_needs_a_number() -> None:
    lost = [Difference(key, REF, A_SEQUENCE, None) for key in sorted(LISTS)]
    assert differ(**dict.fromkeys(LISTS)) == [*lost, Difference("iris", REF, A_SEQUENCE, 7.0)]
