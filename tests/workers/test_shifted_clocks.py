"""Processes on machines whose clock is wrong: what is due, leased and erased goes by Redis' clock."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, PaymentState, PlacementState, Queue
from fallback.ledger.oncall.heartbeats import Heartbeats
from tests.builders import a_payment, an_order
from tests.demo.waiting import eventually
from tests.ledger.world import IRIS
from tests.notices.mail_server import mail_server
from tests.redis_server import RedisServer
from tests.workers.running import Program, ledger_of, stored

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Well below the ninety seconds that are the matter.
START = 60.0


@pytest.fixture
def silent_mail() -> Iterator[str]:
    """The address of a mail server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"


def a_notice() -> tuple[Notice, ...]:
    return (Notice(id="1", kind=NoticeKind.RECEIVED, due_at=datetime.now(UTC)),)


def due_at(server: RedisServer, order: Order) -> datetime:
    score = server.client.zscore("due:notice", order.ref)
    assert isinstance(score, float)
    return datetime.fromtimestamp(score, UTC)


def is_told(server: RedisServer, ref: str) -> bool:
    return ledger_of(server).load(ref).notices[0].state is NoticeState.SENT


def settled(server: RedisServer, ago: timedelta) -> Order:
    """Its customer heard the last word so long ago."""
    then = datetime.now(UTC) - ago
    order = stored(server, received_at=then, customer=IRIS)
    told = Notice(id="1", kind=NoticeKind.PLACED, due_at=then, state=NoticeState.SENT)
    ended = an_order(ref=order.ref, placement=PlacementState.VERIFIED, customer=IRIS, notices=(told,), received_at=then)
    return ledger_of(server).commit(order, replace(ended, payment=a_payment(PaymentState.CAPTURED), version=1), [])


def is_erased(server: RedisServer, order: Order) -> bool:
    return ledger_of(server).load(order.ref).customer is None


def test_an_order_of_a_web_process_that_is_ahead_is_worked_on_at_once(mortal_redis: RedisServer) -> None:
    with Program("tests.workers.once", mortal_redis, "order", ahead=timedelta(seconds=90)) as ordering:
        assert ordering.ended() == 0
        ref = ordering.said().decode().split()[-1]
    order = ledger_of(mortal_redis).load(ref)
    assert abs(order.received_at - datetime.now(UTC)) < MINUTE
    with mail_server() as mail, Program("workers.run", mortal_redis, Queue.NOTICE, smtp_url=mail.url):
        eventually(lambda: is_told(mortal_redis, ref), within=START)


def test_a_worker_that_is_a_day_ahead_leases_an_order_as_long_as_others(
    mortal_redis: RedisServer, silent_mail: str
) -> None:
    order = stored(mortal_redis, notices=a_notice())
    begun = datetime.now(UTC)
    with Program("workers.run", mortal_redis, Queue.NOTICE, ahead=DAY, smtp_url=silent_mail):
        eventually(lambda: due_at(mortal_redis, order) > begun + timedelta(seconds=20), within=START)
    assert due_at(mortal_redis, order) < datetime.now(UTC) + MINUTE


@pytest.mark.parametrize("ahead", [91 * DAY, -91 * DAY])
def test_nothing_is_erased_by_the_clock_of_one_machine(mortal_redis: RedisServer, ahead: timedelta) -> None:
    recent, old = settled(mortal_redis, ago=MINUTE), settled(mortal_redis, ago=100 * DAY)
    erased(mortal_redis, ahead)
    assert not is_erased(mortal_redis, recent)
    assert not is_erased(mortal_redis, old)  # not while the clocks disagree
    erased(mortal_redis, timedelta())
    assert not is_erased(mortal_redis, recent)
    assert is_erased(mortal_redis, old)


def erased(server: RedisServer, ahead: timedelta) -> None:
    with Program("tests.workers.once", server, "erase", ahead=ahead, fallback_keep_personal_days=90) as erasing:
        assert erasing.ended() == 0


def test_a_clock_process_that_is_off_is_told(mortal_redis: RedisServer) -> None:
    heartbeats = Heartbeats(mortal_redis.client)
    with Program("workers.clock", mortal_redis, ahead=312 * timedelta(seconds=1)):
        ahead = eventually(lambda: heartbeats.clocks_off(datetime.now(UTC)), within=START)
    assert list(ahead) == [socket.gethostname()]
    assert ahead[socket.gethostname()] in range(310, 315)
