"""Granted amounts in an incident are exact sums over its orders, by kind and currency."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Conflict
from fallback.domain.order.grants import Booked, Grant, GrantKind, GrantState
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.ledger.order.ledger import RedisLedger
from tests.builders import NOW
from tests.fakes.ledger import FakeLedger
from tests.ledger.world import a_new_order

OUTAGE, OTHER = NOW.isoformat(), "standby"


@pytest.fixture(params=["redis", "fake"])
def either(request: pytest.FixtureRequest, ledger: RedisLedger) -> Ledger:
    return ledger if request.param == "redis" else FakeLedger()


def a_grant(amount: int, **changes: object) -> Grant:
    grant = Grant(
        id=1,
        kind=GrantKind.GOODWILL,
        amount=amount,
        reason="waited",
        who="Mara",
        at=NOW,
        incident=OUTAGE,
        state=GrantState.GRANTED,
    )
    return replace(grant, **changes)


def granted(ledger: Ledger, *grants: Grant, currency: str = "EUR", by: Booked | None = None) -> Order:
    order = a_new_order(currency=currency)
    ledger.accept(order, f"key-{order.ref}", "print")
    there = ledger.load(order.ref)
    return ledger.commit(there, replace(there, grants=grants), [], booked=by)


def booked(ledger: Ledger, incident: str = OUTAGE, currency: str = "EUR") -> int:
    return ledger.booked(GrantKind.GOODWILL, incident, currency).amount


def test_nothing_is_booked_at_first(either: Ledger) -> None:
    assert booked(either) == 0


def test_what_was_granted_adds_up_over_all_orders(either: Ledger) -> None:
    granted(either, a_grant(700), a_grant(50, id=2, state=GrantState.MADE))
    granted(either, a_grant(2**40 + 1))
    granted(either, a_grant(3))
    granted(either, a_grant(4))
    assert booked(either) == 757 + 2**40 + 1


def test_other_incidents_kinds_currencies_and_what_was_not_granted_are_apart(either: Ledger) -> None:
    granted(
        either,
        a_grant(1, incident=OTHER),
        a_grant(2, kind=GrantKind.REFUND),
        a_grant(4, state=GrantState.ASKED),
        a_grant(8, state=GrantState.DECLINED),
        a_grant(16),
    )
    granted(either, a_grant(32), currency="JPY")
    assert (booked(either), booked(either, OTHER), booked(either, currency="JPY")) == (16, 1, 32)


def test_a_grant_is_booked_once_when_it_is_made(either: Ledger) -> None:
    order = granted(either, a_grant(700))
    either.commit(order, replace(order, grants=(a_grant(700, state=GrantState.MADE),)), [])
    assert booked(either) == 700


def test_a_sum_that_was_read_has_to_stand_when_it_is_decided_by(either: Ledger) -> None:
    read = either.booked(GrantKind.GOODWILL, OUTAGE, "EUR")
    granted(either, a_grant(1, incident=OTHER))
    first = granted(either, a_grant(700), by=read)
    with pytest.raises(Conflict):
        granted(either, a_grant(300), by=read)
    with pytest.raises(Conflict):  # more was granted when it was read
        granted(either, a_grant(300), by=replace(read, amount=701))
    assert booked(either) == 700
    granted(either, a_grant(300), by=replace(read, amount=700))
    assert (booked(either), either.load(first.ref).version) == (1_000, 2)


def test_simultaneous_grants_never_use_an_outdated_sum(either: Ledger) -> None:
    limit, orders, turns = 1_000, [granted(either) for _ in range(6)], Barrier(6)

    def grant(order: Order) -> None:
        turns.wait()
        for _ in range(50):
            read = either.booked(GrantKind.GOODWILL, OUTAGE, "EUR")
            if read.amount + 400 > limit:
                return
            with suppress(Conflict):
                either.commit(order, replace(order, grants=(a_grant(400),)), [], booked=read)
                return

    with ThreadPoolExecutor(len(orders)) as threads:
        list(threads.map(grant, orders))
    assert booked(either) == 800
