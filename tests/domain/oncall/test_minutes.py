"""The last hour, minute by minute, computed from running sums."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.oncall.minutes import SHOWN, Minute, Sums, failures, last_hour, number
from fallback.domain.outage.failover import Customers, Evidence, Probe
from tests.builders import NOW

THIS = number(NOW)


def test_the_last_hour_has_sixty_minutes_and_ends_with_the_current_one() -> None:
    hour = last_hour({THIS - 1: Sums(5, 2, 0), THIS: Sums(9, 3, 1)}, NOW)
    assert len(hour) == SHOWN
    assert hour[-1] == Minute(accepted=4, handed_over=1, failures=1)


def test_a_minute_that_nobody_noted_is_not_known_nor_is_the_one_after_it() -> None:
    noted = {THIS - 3: Sums(1, 0, 0), THIS - 2: Sums(2, 0, 0), THIS: Sums(9, 0, 0)}
    known = [minute is not None for minute in last_hour(noted, NOW)[-3:]]
    assert known == [True, False, False]


def test_what_was_undone_meanwhile_counts_as_nothing_and_not_as_less() -> None:
    assert last_hour({THIS - 1: Sums(5, 4, 0), THIS: Sums(5, 3, 0)}, NOW)[-1] == Minute(0, 0, 0)


def test_the_shop_fails_customers_and_our_own_looks() -> None:
    failed, well = Probe(NOW, page=False, elsewhere=True), Probe(NOW, page=True, health=True)
    blind = Probe(NOW, page=False, elsewhere=False)
    long_ago = Probe(NOW - timedelta(seconds=60), page=False, elsewhere=True)
    evidence = Evidence((long_ago, failed, blind, well, failed))
    assert failures(Customers(heads=3, requests=5), evidence, NOW) == 7


def test_without_any_look_the_customers_alone_count() -> None:
    assert failures(Customers(heads=1, requests=2), None, NOW) == 2
