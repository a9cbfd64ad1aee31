"""What processes saw of their work is one sum in Redis, which no process and no restart takes away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.observed_port import Outcome
from fallback.domain.order.order import PaymentState
from fallback.ledger.oncall.tallies import BUCKETS, Tallies
from fallback.runtime.metrics import ACCEPT, MOST, Service, Tally
from tests.builders import NOW, a_payment
from tests.demo.waiting import eventually
from tests.ledger.world import a_ledger, accepted
from tests.redis_server import RedisServer


def counted(tallies: Tallies, series: str) -> dict[str, int]:
    return dict(zip(BUCKETS, tallies.read().spreads[series].counts, strict=True))


class Shop:
    """A port that does what the test says."""

    available = True

    def __init__(self, act: Callable[[], str] = lambda: "done") -> None:
        self.act = act

    def place(self) -> str:
        return self.act()


def raising(error: Exception) -> Callable[[], str]:
    def act() -> str:
        raise error

    return act


def test_the_figures_of_all_processes_are_one_sum(redis_server: RedisServer) -> None:
    one, other = Tally(), Tally()
    for tally in (one, other):
        tally.accepted(0.004)
        tally.accepted(0.3)
        Tallies(redis_server.client, tally).write()

    tallies = Tallies(redis_server.client, Tally())
    upto = counted(tallies, ACCEPT)

    assert [upto[bound] for bound in ("0.002", "0.005", "0.2", "0.5", "+Inf")] == [0, 2, 2, 4, 4]
    assert tallies.read().spreads[ACCEPT].seconds == pytest.approx(0.608)


def test_the_authorization_that_lapses_first_is_known(redis_server: RedisServer) -> None:
    ledger = a_ledger(redis_server.url)
    tallies = Tallies(redis_server.client, Tally())
    assert (tallies.read().accepted, tallies.read().lapses_at) == (0, None)
    for days in (3, 2):
        order = accepted(ledger)
        held = a_payment(PaymentState.AUTHORIZED, capture_before=NOW + timedelta(days=days))
        ledger.commit(order, replace(order, payment=held), [])
    seen = tallies.read()
    assert (seen.accepted, seen.lapses_at) == (2, (NOW + timedelta(days=2)).timestamp())
    assert seen.spreads[ACCEPT].seconds == 0


def test_nothing_is_written_twice(redis_server: RedisServer) -> None:
    tally = Tally()
    tallies = Tallies(redis_server.client, tally)
    tally.accepted(60.0)
    tallies.write()
    tallies.write()
    assert counted(tallies, ACCEPT) == dict.fromkeys(BUCKETS, 0) | {"+Inf": 1}


def test_what_redis_did_not_take_is_written_when_it_is_back(mortal_redis: RedisServer) -> None:
    tally = Tally()
    tallies = Tallies(mortal_redis.client, tally)
    tally.accepted(0.001)
    mortal_redis.kill()
    with pytest.raises(TryAgain):
        tallies.write()
    tally.accepted(0.001)
    mortal_redis.start()
    tallies.write()
    assert counted(tallies, ACCEPT)["+Inf"] == 2
    assert tallies.read().spreads[ACCEPT].seconds == 0.002


def test_memory_is_bounded_while_nobody_writes() -> None:
    tally = Tally()
    for _ in range(MOST + 10):
        tally.accepted(0.001)
    assert len(tally.taken()[ACCEPT]) == MOST


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TryAgain("away"), Outcome.AWAY),
        (OutcomeUnknown("lost"), Outcome.UNKNOWN),
        (Refused("out_of_stock"), Outcome.REFUSED),
    ],
)
def test_a_call_counts_by_how_it_ended(error: Exception, outcome: Outcome) -> None:
    tally = Tally()
    shop = tally.over(Service.PRIMARY, Shop(raising(error)))
    with pytest.raises(type(error)):
        shop.place()
    assert list(tally.taken()) == [f"primary:{outcome}"]


def test_a_call_that_went_well_answers_as_without_the_tally() -> None:
    tally = Tally()
    assert tally.over(Service.PRIMARY, Shop()).place() == "done"
    assert list(tally.taken()) == ["primary:done"]


def test_a_breaker_that_is_open_in_one_process_is_seen_by_all(redis_server: RedisServer) -> None:
    tally, shop = Tally(), Shop()
    tally.over(Service.PRIMARY, shop)
    tallies = Tallies(redis_server.client, tally)
    tallies.write()
    assert tallies.read().kept_back == set()
    shop.available = False
    tallies.write()
    assert Tallies(redis_server.client, Tally()).read().kept_back == {Service.PRIMARY}


def test_what_a_process_sees_is_written_by_itself_and_the_last_of_it_at_its_end(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.oncall.tallies.WRITE_EVERY", 0.01)
    tally = Tally()
    tallies = Tallies(redis_server.client, tally)
    ends: list[Callable[[], None]] = []
    monkeypatch.setattr(
        "fallback.ledger.oncall.tallies.atexit.register", lambda end, *with_: ends.append(partial(end, *with_))
    )
    tallies.keep_writing()
    tally.accepted(0.001)
    eventually(lambda: counted(tallies, ACCEPT)["+Inf"] == 1)
    monkeypatch.setattr("fallback.ledger.oncall.tallies.WRITE_EVERY", 60.0)
    [end] = ends
    tally.accepted(0.001)
    end()
    assert counted(tallies, ACCEPT)["+Inf"] == 2
