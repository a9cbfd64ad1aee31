"""The worker as it really runs: RQ, Redis, processes, and a mail server that can keep a notice in flight."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rq import Queue as Line
from rq.serializers import JSONSerializer

from fallback import __version__
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, Queue
from fallback.ledger.redis import keys
from fallback.ledger.redis.bells import Bells
from tests.demo.waiting import eventually
from tests.notices.mail_server import MailServer, mail_server
from tests.redis_server import RedisServer
from tests.web.world import SHOP
from tests.workers.running import Program, ledger_of, stored

START = 60.0  # seconds; processes start slowly on a busy machine


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


class Worker(Program):
    """`python -m workers.run` with one thread for each queue, so that one slow order fills a shift."""

    def __init__(self, redis_server: RedisServer, mail: MailServer, *queues: Queue) -> None:
        super().__init__("workers.run", redis_server, *queues, smtp_url=mail.url, fallback_shift_threads=1)


def order_with_notice(server: RedisServer) -> Order:
    return stored(server, notices=(Notice(id="1", kind=NoticeKind.RECEIVED, due_at=datetime.now(UTC)),))


def state_of(server: RedisServer, order: Order) -> NoticeState:
    return ledger_of(server).load(order.ref).notices[0].state


def sent(server: RedisServer, *orders: Order) -> None:
    """Waits until the notices of all these orders are recorded as sent."""
    for order in orders:
        eventually(lambda ref=order: state_of(server, ref) is NoticeState.SENT, within=START)


def subjects(mail: MailServer) -> list[str]:
    return sorted(str(each["Subject"]) for each in mail.mails)


def alive(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())  # empty for one that waits to be reaped
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_worker_begins_at_once_and_then_hears_its_bell(redis_server: RedisServer, mail: MailServer) -> None:
    first = order_with_notice(redis_server)
    with Worker(redis_server, mail, Queue.NOTICE):
        sent(redis_server, first)
        second = order_with_notice(redis_server)
        Bells(redis_server.client).ring(Queue.NOTICE)
        sent(redis_server, second)
    assert len(mail.mails) == 2


def test_a_stopped_worker_finishes_what_is_in_flight_and_takes_no_more(
    redis_server: RedisServer, mail: MailServer
) -> None:
    orders = [order_with_notice(redis_server), order_with_notice(redis_server)]
    mail.goes_on.clear()
    with Worker(redis_server, mail) as worker:
        eventually(lambda: mail.recipients, within=START)
        worker.signal(signal.SIGTERM)
        worker.signal(signal.SIGTERM)  # saying it twice does not make it cruel
        # The signal has reached them all when those that have nothing to finish are gone.
        eventually(lambda: set(worker.children()) == {Queue.NOTICE}, within=START)
        mail.goes_on.set()
        assert worker.ended() == 0
    assert sorted(state_of(redis_server, order) for order in orders) == [NoticeState.QUEUED, NoticeState.SENT]
    assert len(mail.mails) == 1


def test_an_idle_worker_stops_at_once(redis_server: RedisServer, mail: MailServer) -> None:
    with Worker(redis_server, mail, Queue.NOTICE) as worker:
        sent(redis_server, order_with_notice(redis_server))
        worker.signal(signal.SIGTERM)
        assert worker.ended() == 0


def test_work_goes_on_when_a_worker_is_killed_in_its_shift(redis_server: RedisServer, mail: MailServer) -> None:
    orders = [order_with_notice(redis_server), order_with_notice(redis_server)]
    mail.goes_on.clear()
    with Worker(redis_server, mail) as worker:
        eventually(lambda: mail.recipients, within=START)
        os.kill(worker.children()[Queue.NOTICE], signal.SIGKILL)
        mail.goes_on.set()
        eventually(lambda: len(mail.mails) == 1, within=START)  # the other one, by the worker that follows

        for order in orders:  # the lease of the dead one ends
            if state_of(redis_server, order) is NoticeState.QUEUED:
                redis_server.client.zadd(keys.due(Queue.NOTICE), {order.ref: 0})
        Bells(redis_server.client).ring(Queue.NOTICE)
        sent(redis_server, *orders)
    assert len(set(subjects(mail))) == len(mail.mails) == 2


def test_a_shift_that_hangs_ends_its_worker_and_the_next_one_goes_on(
    redis_server: RedisServer, mail: MailServer
) -> None:
    line = Line(Queue.NOTICE, connection=redis_server.client, serializer=JSONSerializer)
    line.enqueue_call("time.sleep", args=(3600,), timeout=1)
    order = order_with_notice(redis_server)
    with Worker(redis_server, mail) as worker:
        hung, died = worker.line("shift_hangs"), worker.line("worker_died")
        assert (hung["queue"], died["queue"], died["status"]) == (Queue.NOTICE, Queue.NOTICE, 1)
        sent(redis_server, order)


@pytest.mark.parametrize("memory", [0, 1], ids=["free", "full"])
def test_a_worker_whose_shift_hangs_says_which_and_where(mortal_redis: RedisServer, memory: int) -> None:
    mortal_redis.client.config_set("maxmemory", memory)
    with Program("tests.workers.hanging", mortal_redis, Queue.NOTICE) as worker:
        hung = worker.line("shift_hangs")
        assert (hung["queue"], hung["seconds"]) == (Queue.NOTICE, 1)
        for call in ("run.py", "hanging.py"), ("thread.py", "never_answers"):
            assert [all(each in stack for each in call) for stack in hung["trace"]].count(True) == 1
        assert worker.ended() == 1


def test_a_worker_whose_log_hangs_ends_without_a_word(redis_server: RedisServer) -> None:
    with Program("tests.workers.hanging", redis_server, Queue.NOTICE, "log") as worker:
        eventually(lambda: not worker.running(), within=START)
        assert worker.ended() == -signal.SIGALRM


def test_workers_do_not_outlive_their_supervisor(redis_server: RedisServer, mail: MailServer) -> None:
    with Worker(redis_server, mail) as worker:
        children = eventually(lambda: len(worker.children()) == 3 and worker.children(), within=START)
        assert set(children) == set(Queue)
        sent(redis_server, order_with_notice(redis_server))
        worker.signal(signal.SIGKILL)
        worker.ended()
        eventually(lambda: not any(alive(pid) for pid in children.values()), within=START)


def test_a_worker_outlives_a_redis_that_is_killed(mortal_redis: RedisServer, mail: MailServer) -> None:
    with Worker(mortal_redis, mail, Queue.NOTICE) as worker:
        sent(mortal_redis, order_with_notice(mortal_redis))
        mortal_redis.kill()
        mortal_redis.start()
        order = order_with_notice(mortal_redis)
        Bells(mortal_redis.client).ring(Queue.NOTICE)
        sent(mortal_redis, order)
        assert worker.running()


def test_a_worker_outlives_a_redis_that_is_killed_in_its_shift(mortal_redis: RedisServer, mail: MailServer) -> None:
    order = order_with_notice(mortal_redis)
    mail.goes_on.clear()
    with Worker(mortal_redis, mail, Queue.NOTICE) as worker:
        eventually(lambda: mail.recipients, within=START)
        mortal_redis.kill()
        mail.goes_on.set()  # it cannot record that it hands over, so it does not
        mortal_redis.start()
        other = order_with_notice(mortal_redis)
        Bells(mortal_redis.client).ring(Queue.NOTICE)
        sent(mortal_redis, other)
        eventually(lambda: rung_and_sent(mortal_redis, order), within=START, every=1)
        assert worker.running()
    assert len(mail.mails) == 2


def rung_and_sent(server: RedisServer, order: Order) -> bool:
    """Rings for it as the clock does each time it is due: a shift that ends late may have put it off once more."""
    server.client.zadd(keys.due(Queue.NOTICE), {order.ref: 0})
    Bells(server.client).ring(Queue.NOTICE)
    return state_of(server, order) is NoticeState.SENT


def test_a_worker_says_what_runs_here_and_that_it_stops(redis_server: RedisServer, mail: MailServer) -> None:
    order = order_with_notice(redis_server)
    with Worker(redis_server, mail, Queue.NOTICE) as worker:
        told = worker.line("started")
        assert (told["version"], told["shop"], told["queue"]) == (__version__, SHOP, "notice")
        assert told["redis"] == f"redis://{redis_server.url.rpartition('@')[2]}"
        sent(redis_server, order)
        worker.signal(signal.SIGTERM)
        assert worker.line("stopped")["queue"] == "notice"


def test_a_worker_whose_redis_has_another_shops_orders_says_so(redis_server: RedisServer, mail: MailServer) -> None:
    redis_server.client.set(keys.SHOP, "books")
    with Worker(redis_server, mail, Queue.NOTICE) as worker:
        assert "has the orders of shop 'books'" in worker.line("ledger_away")["reason"]
        redis_server.client.delete(keys.SHOP)
        assert worker.line("ledger_back")["queue"] == "notice"


def test_a_worker_with_settings_that_cannot_be_used_says_which_and_ends(redis_server: RedisServer) -> None:
    with Program("workers.run", redis_server, public_url="shop.example", smtp_url="smtp://") as worker:
        assert worker.line("settings_refused")["reason"] == "PUBLIC_URL is not an http or https URL."
        assert worker.ended() == 2


def test_a_worker_that_starts_before_redis_waits_for_it(mortal_redis: RedisServer, mail: MailServer) -> None:
    order = order_with_notice(mortal_redis)
    mortal_redis.kill()
    with Worker(mortal_redis, mail, Queue.NOTICE) as worker:
        eventually(lambda: b"ledger_away" in worker.said(), within=START)
        mortal_redis.start()
        sent(mortal_redis, order)


def test_a_worker_stops_at_once_while_it_connects_again(mortal_redis: RedisServer, mail: MailServer) -> None:
    order_with_notice(mortal_redis)
    mail.goes_on.clear()
    with Worker(mortal_redis, mail, Queue.NOTICE) as worker:
        eventually(lambda: mail.recipients, within=START)
        mortal_redis.kill()
        mail.goes_on.set()
        eventually(lambda: b"ledger_away" in worker.said(), within=START)
        worker.signal(signal.SIGTERM)
        assert worker.ended() == 0
