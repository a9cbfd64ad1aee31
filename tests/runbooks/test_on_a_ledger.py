"""The runbooks that a Redis with orders is enough for: a rotated key, and a Redis that is full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.journal import JournalSettings, Taken
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.ledger.journal.journal import DiskJournal
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto, Undecryptable
from fallback.usecases.payment.hear_concern import hear_concern
from ops.demo.__main__ import commands_env
from ops.demo.running import answers
from tests.builders import a_payment
from tests.demo.waiting import eventually
from tests.ledger.world import IRIS, a_container, a_new_order, accepted, hang_up
from tests.notices.receiver import listening
from tests.ports import free_port
from tests.redis_server import RedisServer
from tests.runbooks.page import Page
from tests.web.world import SHOP, a_config
from tests.workers.running import Program, environment
from workers.announcing import Announcing

OLD = "the-old-secret-key-0123456789abcdefg"
NEW = "the-new-secret-key-gfedcba9876543210"


@pytest.fixture(autouse=True)
def _hanging_up() -> Iterator[None]:
    yield
    hang_up()


def page(name: str, server: RedisServer, **config: Any) -> Page:
    settings = commands_env(environment(a_config(redis_url=server.url, **config)))
    return Page(name, settings | {"REDIS_ADMIN_URL": server.admin_url})


def with_keys(server: RedisServer, *keys: str) -> Container:
    return a_container(server.url, secret_key=keys)


def test_rotate_a_secret(redis_server: RedisServer) -> None:
    order = accepted(with_keys(redis_server, OLD).ledger)
    link = with_keys(redis_server, OLD).links.key(order.ref)
    rotating = page("rotate-a-secret", redis_server, secret_key=(OLD, NEW))
    made = rotating.do("python3 -c").strip()
    a_config(secret_key=(made,))  # is strong enough

    written_by_the_new = accepted(with_keys(redis_server, NEW, OLD).ledger)
    assert with_keys(redis_server, OLD, NEW).ledger.load(written_by_the_new.ref).customer == IRIS
    rotating.set(SECRET_KEY=f"{NEW},{OLD}")
    assert with_keys(redis_server, NEW, OLD).links.opens(order.ref, link)
    rotating.do("fallback secrets rewrap", "Nothing needs an older key than the newest")

    rotating.set(SECRET_KEY=NEW)
    ledger = with_keys(redis_server, NEW).ledger
    assert ledger.load(order.ref).customer == IRIS
    assert ledger.refs_of_person(email=IRIS.email, limit=9) == [written_by_the_new.ref, order.ref]
    rotating.do("fallback doctor", "SECRET_KEY holds 1 key(s)")
    rotating.is_done()


def test_a_key_that_goes_too_early_is_named(redis_server: RedisServer) -> None:
    order = accepted(with_keys(redis_server, OLD).ledger)
    with pytest.raises(Undecryptable, match="No key of SECRET_KEY opens"):
        with_keys(redis_server, NEW).ledger.load(order.ref)
    shown = page("rotate-a-secret", redis_server, secret_key=(NEW,)).run("fallback secrets rewrap", code=2)
    assert "No key of SECRET_KEY opens" in shown


def test_redis_lost_or_full(mortal_redis: RedisServer) -> None:
    port = free_port()
    full = page("redis-lost-or-full", mortal_redis, port=port)
    mortal_redis.client.config_set("appendfsync", "everysec")
    for piece in range(500):
        mortal_redis.client.set(f"filler:{piece}", b"x" * 20_000)
    mortal_redis.client.config_set("maxmemory", int(mortal_redis.client.info("memory")["used_memory"] * 1.05))
    with web(mortal_redis, port):
        reasons = full.do("curl -s", code=0)
        assert '"ready":false' in reasons
        assert "appendfsync" in reasons
        assert "Redis uses" in reasons
        full.do("redis-cli", "PONG")
        full.do("redis-cli", "maxmemory:", "used_memory:")
        full.do("redis-cli", "OK")
        full.do("redis-cli", "Background append only file rewriting started")
        assert full.do("redis-cli").split() == ["OK"] * 4
        full.do("fallback incident balance", code=2)  # there was no incident
        full.do("fallback doctor", "ok         redis durability", "ok         redis headroom")
        eventually(lambda: '"ready":true' in full.again("curl -s"), within=20)
    full.is_done()


def test_journal(redis_server: RedisServer, tmp_path: Path) -> None:
    """A machine whose web processes are gone, with an order and something unreadable in its journal."""
    kept, order = DiskJournal(tmp_path, SHOP, Crypto([NEW]), 2**20), a_new_order()
    kept.keep(Taken(order, "key", "print"))
    kept.replay(lambda _: False)
    (tmp_path / "a-0.damaged").write_bytes(b"?")
    walked = page("journal", redis_server, secret_key=(NEW,), journal=JournalSettings(str(tmp_path)))
    walked.do("fallback journal show", "could not be read and were set aside")
    walked.do("fallback journal replay", "0 left")
    assert with_keys(redis_server, NEW).ledger.load(order.ref).customer == IRIS
    assert "FAILED     journal" in walked.run("fallback doctor", code=1)
    walked.is_done()


def test_clocks_disagree(mortal_redis: RedisServer) -> None:
    heartbeats, clocks = Heartbeats(mortal_redis.client), page("clocks-disagree", mortal_redis)
    with Program("workers.clock", mortal_redis, ahead=timedelta(seconds=312)):
        [machine] = eventually(lambda: heartbeats.clocks_off(datetime.now(UTC)), within=60)
    assert f"the clock of {machine} is" in clocks.do("fallback doctor", "FAILED     redis clock", code=1)
    here, there, _ = clocks.do("date").split()
    assert abs(int(here) - int(there)) <= 1
    heartbeats.machine_is_off(machine, 0, datetime.now(UTC))  # its clock was set
    clocks.do("fallback doctor", "ok         redis clock", code=1)
    clocks.is_done()


def test_payments_doubted(mortal_redis: RedisServer) -> None:
    built, doubted = a_container(mortal_redis.url), page("payments-doubted", mortal_redis)
    order = accepted(built.ledger)
    paid = replace(order, payment=replace(order.payment, intent="pi_1"))
    built.ledger.commit(order, paid, ())
    review = Concern("prv_1", ConcernKind.REVIEW, ConcernState.OPEN, datetime.now(UTC))
    hear_concern(built, "evt_1", review, "pi_1")
    assert built.overview.see(datetime.now(UTC)).doubted == 1
    assert order.ref in doubted.do("fallback orders list --hold payment_doubted")
    hear_concern(built, "evt_2", replace(review, state=ConcernState.CLEARED), "pi_1")
    assert built.overview.see(datetime.now(UTC)).doubted == 0
    assert order.ref not in doubted.again("fallback orders list")
    doubted.is_done()


def test_orders_damaged(mortal_redis: RedisServer) -> None:
    built, mending = a_container(mortal_redis.url), page("orders-damaged", mortal_redis)
    order = accepted(built.ledger)
    whole = mortal_redis.client.dump(keys.order(order.ref))
    mortal_redis.client.hset(keys.order(order.ref), "doc", b"?")
    built.looking_again.once()
    assert built.overview.see(datetime.now(UTC)).damaged == 1
    assert order.ref in mending.do("fallback doctor", "FAILED     release", "the record of", code=1)
    assert order.ref in mending.do("fallback ledger verify", "expected a document that can be read", code=1)
    mortal_redis.client.restore(keys.order(order.ref), 0, whole, replace=True)
    mending.do("fallback ledger verify", "Everything can be read")
    mending.set(SECRET_KEY=NEW)
    assert "No key of SECRET_KEY opens" in mending.run("fallback ledger verify", code=1)
    built.looking_again.once()
    assert built.overview.see(datetime.now(UTC)).damaged == 0
    mending.is_done()


def test_events_not_delivered(mortal_redis: RedisServer) -> None:
    secrets = ("an-order-secret-0123456789-abcdefgh",)
    with listening() as desk:
        url = f"http://127.0.0.1:{desk.port}/hook"
        settings = {"fallback_order_webhook_urls": (url,), "fallback_order_webhook_secret": secrets}
        built, events = a_container(mortal_redis.url, **settings), page("events-not-delivered", mortal_redis)
        built.clock = lambda: datetime.now(UTC)
        events.set(FALLBACK_ORDER_WEBHOOK_URLS=url, FALLBACK_ORDER_WEBHOOK_SECRET=secrets[0])
        accepted(built.ledger, a_new_order(received_at=datetime.now(UTC)))
        desk.status = 401
        Announcing(built).once()
        away = "a webhook address answered 401"
        assert "127.0.0.1" in events.do("fallback doctor", "FAILED     order events", away, code=1)
        desk.status = 200
        built.clock = lambda: datetime.now(UTC) + timedelta(minutes=11)
        Announcing(built).once()
        assert "ok         order events" in events.run("fallback doctor", code=1)
        events.is_done()


def test_standby_does_not_balance(mortal_redis: RedisServer) -> None:
    built, sheet = a_container(mortal_redis.url), page("standby-does-not-balance", mortal_redis)
    order = accepted(built.ledger, a_new_order(received_at=datetime.now(UTC)))
    settled = a_payment(PaymentState.CAPTURED, amount=order.payment.amount, captured=order.payment.amount + 1)
    placed = replace(order.placement, state=PlacementState.VERIFIED)
    order = built.ledger.commit(order, replace(order, payment=settled, placement=placed), ())
    shown = sheet.do("fallback incident balance", "ledger", "owed", code=1)  # nor do Stripe and the shop answer here
    assert order.ref in shown
    assert built.overview.see(datetime.now(UTC)).differences == 1
    sheet.set(REF=order.ref)
    sheet.do("fallback orders show")
    right = replace(order, payment=replace(settled, captured=order.payment.amount))
    built.ledger.commit(order, right, ())
    assert order.ref not in sheet.run("fallback incident balance standby", code=1)
    assert built.overview.see(datetime.now(UTC)).differences == 0
    sheet.is_done()


def test_when_redis_is_back_so_are_we(mortal_redis: RedisServer) -> None:
    port = free_port()
    lost = page("redis-lost-or-full", mortal_redis, port=port)
    with web(mortal_redis, port):
        mortal_redis.kill()
        eventually(lambda: "Redis does not answer" in lost.again("curl -s"), within=20)
        mortal_redis.start()
        eventually(lambda: '"ready":true' in lost.again("curl -s"), within=20)


@contextmanager
def web(server: RedisServer, port: int) -> Iterator[None]:
    with Program("granian", server, "--interface", "rsgi", "--port", str(port), "fallback.web.server:door"):
        eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"), within=20)
        yield
