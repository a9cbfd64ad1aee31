"""Which keys expire in Redis, and when. All others stay until we delete them."""

from __future__ import annotations

import re
from datetime import timedelta
from time import monotonic
from typing import cast

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.checkout.cart_token import Signed
from fallback.domain.checkout.invitations import Invited
from fallback.domain.checkout.journal import JournalSign
from fallback.domain.checkout.pushed_carts import PushedCart
from fallback.domain.order.order import Event, Queue
from fallback.domain.support.claims import Claim
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.leases import Leases
from fallback.runtime.metrics import Service
from fallback.usecases.support.subscribe import subscribe
from tests.builders import NOW
from tests.ledger.checkout.test_drafts import a_draft
from tests.ledger.world import a_container, accepted
from tests.redis_server import RedisServer

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86_400.0
LIVES = {
    "key": 2 * DAY,
    "second": 90 * DAY,
    "bell": 2 * SECOND,
    "event": 7 * DAY,
    "pace:going": DAY,
    "failed": 2 * MINUTE,
    "heads": 2 * MINUTE,
    "stripe": MINUTE,
    "lease": 5 * SECOND,
    "kept_back": 15 * SECOND,
    "webhook_stale": 10 * MINUTE,
    "clocks_off": 30 * SECOND,
    "journals": 30 * SECOND,
    "sessions": 12 * HOUR,
    "used_code": 2 * MINUTE,
    "code_tries": HOUR / 4,
    "announcing": 4 * DAY,
    "mailed": 15 * MINUTE,
    "claim": 2 * MINUTE,
    "here": 2 * MINUTE,
    "typing": 10 * SECOND,
    "draft": DAY,
    "invited": DAY,
    "drafting": DAY,
    "pushed": 2 * DAY,
    "pushed_bytes": 11 * DAY,
    "shop_fails": HOUR / 2,
    "subscriptions": 7 * DAY,
    "subscriptions_due": 7 * DAY,
    "daily": DAY,
}


def kind(key: str) -> str:
    return key if key in LIVES else key.partition(":")[0]


def do_all_that_ends_by_itself(built: Container, metrics_say: pytest.MonkeyPatch) -> None:
    built.pace.take(1)
    built.observations.count("failed", "basket-1", NOW)
    built.observations.note_provider(True)
    metrics_say.setattr(built.metrics, "kept_back", lambda: [Service.STRIPE])
    built.metrics_store.write()
    built.heartbeats.webhook_was_stale(400)
    built.heartbeats.machine_is_off("web-1", 90, NOW)
    built.heartbeats.journal_has("web-1", JournalSign(1, NOW, 0), NOW)
    built.people.begin_session("mara", NOW)
    built.people.use_code("mara", 1)
    built.people.may_try_code("mara")
    built.claims.look("FB-1", "Mara", NOW, types=True)
    built.claims.change("FB-1", lambda _: Claim("Mara", 1, NOW))
    built.mail_limits.turn("mara", "1", False, NOW)
    built.drafts.save(a_draft())
    built.pushed_carts.keep(PushedCart("basket-17", "print", 1, timedelta(days=2), Signed("kid", b"{}")))
    built.second_refs.lead("FB-2", "FB-1")
    built.invitation_mails.keep("basket-17", Invited("Mara", NOW, NOW))
    built.incidents.shop_failed(NOW)
    subscribe(built, "iris@example.org", "en", "192.0.2.7")
    Leases(built.redis).hold("clock", LIVES["lease"])
    order = accepted(built.ledger)
    built.ledger.commit(order, order, [Event(NOW, "seen", "stripe")], once="evt_1")


def left(server: RedisServer) -> dict[str, float]:
    """For how long each key that ends by itself still lives, in seconds."""
    milliseconds = {key.decode(): cast(int, server.client.pttl(key)) for key in server.client.scan_iter()}
    return {key: life / 1000 for key, life in milliseconds.items() if life >= 0}


def since(began: float) -> float:
    return monotonic() - began + 0.01  # Redis counts in whole milliseconds


def test_what_ends_by_itself_ends_in_its_time_and_all_else_stays(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = monotonic()
    told = {"fallback_order_webhook_urls": ("https://desk.example.org/",), "fallback_order_webhook_secret": ("a" * 32,)}
    do_all_that_ends_by_itself(a_container(redis_server.url, **told), monkeypatch)
    found = left(redis_server)
    assert {kind(key) for key in found} == set(LIVES)
    assert found == pytest.approx({key: LIVES[kind(key)] for key in found}, abs=since(began))


def test_claiming_orders_keeps_the_bell_silent_for_two_seconds(ledger: RedisLedger, redis_server: RedisServer) -> None:
    accepted(ledger)
    redis_server.client.delete(keys.bell(Queue.PAYMENT))
    began = monotonic()
    ledger.claim_due(Queue.PAYMENT, timedelta(seconds=40), 1)
    bell = left(redis_server)[keys.bell(Queue.PAYMENT)]
    assert bell == pytest.approx(LIVES["bell"], abs=since(began))


def test_the_table_of_keys_names_what_ends_by_itself() -> None:
    told = [line.split()[0] for line in (keys.__doc__ or "").splitlines() if re.search(r"; lives\b", line)]
    assert {name.partition(":<")[0] for name in told} == set(LIVES)
