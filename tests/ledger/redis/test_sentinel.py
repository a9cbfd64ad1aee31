"""A Redis whose machine dies: Sentinel makes another the primary, and nothing that was acknowledged is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, Queue
from fallback.ledger.redis.durability import Keeping
from fallback.runtime.redis_connection import connect
from tests.demo.waiting import eventually
from tests.ledger.sentinels import Sentinels
from tests.ledger.world import a_container, acknowledged
from tests.notices.mail_server import mail_server
from tests.workers.running import Program

# Three seconds until Sentinel believes it, and its vote.
SECONDS = 12.0
START = 20.0


@pytest.fixture
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentinels]:
    running = Sentinels(tmp_path_factory.mktemp("sentinels"))
    yield running
    running.close()


def test_orders_go_on_within_seconds_and_none_that_was_acknowledged_is_lost(sentinels: Sentinels) -> None:
    built = a_container(sentinels.url, keeping=Keeping(replicas=1))
    kept = [acknowledged(built.ledger) for _ in range(50)]
    assert None not in kept
    sentinels.kill_primary()
    sentinels.kill_a_sentinel()
    died_at = time.monotonic()

    kept.append(eventually(lambda: acknowledged(built.ledger), within=SECONDS))

    assert time.monotonic() - died_at < SECONDS
    assert [built.ledger.load(order.ref).ref for order in kept if order] == [order.ref for order in kept if order]
    eventually(lambda: not built.readiness.problems(), within=SECONDS)
    assert built.redis.info("replication")["connected_slaves"] == 1


def test_a_worker_goes_on_with_the_new_primary(sentinels: Sentinels) -> None:
    ledger = a_container(sentinels.url).ledger

    def captured() -> Order | None:
        notice = Notice(id="1", kind=NoticeKind.RECEIVED, due_at=datetime.now(UTC))
        return acknowledged(ledger, notices=(notice,))

    def is_told(order: Order) -> bool:
        return ledger.load(order.ref).notices[0].state is NoticeState.SENT

    first = eventually(captured)
    with mail_server() as mail, Program("workers.run", sentinels, Queue.NOTICE, smtp_url=mail.url) as worker:
        eventually(lambda: is_told(first), within=START)
        sentinels.kill_primary()
        second = eventually(captured, within=SECONDS)
        with Program("workers.clock", sentinels, smtp_url=mail.url):
            eventually(lambda: is_told(second), within=START)
        assert worker.running()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1", "redis+sentinel://127.0.0.1:26379", "redis+sentinel:///ledger", "127.0.0.1:6379"]
)
def test_an_address_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        connect(url)


def test_a_password_and_a_database_are_taken_from_the_address() -> None:
    client = connect("redis+sentinel://fallback:p%40ss@a.example,[::1]:26380/ledger/3")

    pool = client.connection_pool
    given = pool.connection_kwargs
    asked = [
        sentinel.connection_pool.connection_kwargs for sentinel in client.connection_pool.sentinel_manager.sentinels
    ]
    assert (given["username"], given["password"], given["db"]) == ("fallback", "p@ss", 3)
    assert [(each["host"], each["port"]) for each in asked] == [("a.example", 26379), ("::1", 26380)]
