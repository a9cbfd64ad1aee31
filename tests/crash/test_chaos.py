"""A minute of chaos, and every promise holds after it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.order.lifecycle import ENDED, Headline, headline
from fallback.domain.order.order import Queue
from fallback.ledger.redis.durability import Keeping
from ops.demo.running import answers
from tests.crash.books import read_books
from tests.crash.chaos import STOPS, Fleet, kills, late_calls, unfold
from tests.crash.checker import check, must_not_be_there
from tests.crash.customers import GIVEN_BACK, Customers, plans
from tests.crash.fleet import Program
from tests.crash.world import STRIPE_KEY, mail_sink
from tests.demo.waiting import eventually
from tests.ledger.clusters import Cluster
from tests.ports import free_port
from tests.redis_server import RedisServer
from tests.web.world import PRIMARY_TOKEN, a_config

SEED = 20_261_122
CUSTOMERS, ORDERS = 16, 200
SHOPPING, KILLING = 36.0, 41.0
# When the worker that was stopped last goes on.
GOES_ON = max(at + seconds for at, seconds in STOPS)
# Whoever held a lease as the last one was killed, and was due again after that, is through by then.
QUIET_WITHIN = 120.0


class Place(NamedTuple):
    """Where everybody is; `settings` are those of web, worker and clock."""

    redis: RedisServer
    settings: dict[str, Any]
    stripe: str
    shop: str
    web: str
    mail: Path


@pytest.fixture
def place(mortal_redis: RedisServer, tmp_path: Path) -> Iterator[Place]:
    port = {name: free_port() for name in ("web", "stripe", "shop", "mail")}
    url = {name: f"http://127.0.0.1:{port[name]}" for name in port}
    settings = {
        "redis_url": mortal_redis.url,
        "port": port["web"],
        "public_url": url["web"],
        "primary_url": url["shop"],
        "stripe_api_base": url["stripe"],
        "stripe_secret_key": STRIPE_KEY,
        "smtp_url": f"smtp://127.0.0.1:{port['mail']}",
        "fallback_pace": 50.0,
        "fallback_ramp_start": 50.0,
        "fallback_captures_per_second": 50.0,
        "log_level": "WARNING",
        # In a cluster another server takes over (LEDGER_ON, tests/conftest.py).
        "keeping": Keeping(replicas=int(isinstance(mortal_redis, Cluster))),
    }
    webhook = [
        "--webhook-url",
        f"{url['web']}/webhooks/stripe",
        "--webhook-secret",
        a_config().stripe_webhook_secret[0],
    ]
    python, state = [sys.executable, "-m"], str(tmp_path / "stripe")
    stripe = [*python, "ops.demo.stripe_sandbox", "--port", str(port["stripe"]), "--state", state, *webhook]
    shop = [*python, "tests.reference_shop", "--port", str(port["shop"]), "--state", str(tmp_path / "shop.sqlite3")]
    sides = [
        Program(stripe, tmp_path / "stripe.log"),
        Program([*shop, "--token", PRIMARY_TOKEN], tmp_path / "shop.log"),
    ]
    with mail_sink(tmp_path / "mail", port["mail"]):
        sides_up = [f"tcp://127.0.0.1:{port[name]}" for name in ("stripe", "shop", "mail")]
        eventually(lambda: all(map(answers, sides_up)), within=20)
        yield Place(mortal_redis, settings, url["stripe"], url["shop"], url["web"], tmp_path / "mail")
    for side in sides:
        side.close()


@pytest.fixture
def fleet(place: Place, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(place.redis, place.settings, tmp_path)
    eventually(lambda: fleet.is_up(place.web), within=40)
    yield fleet
    fleet.close()


def test_after_a_minute_of_chaos_every_order_is_where_it_belongs_once(place: Place, fleet: Fleet) -> None:
    opened = time.monotonic()
    killed = kills(SEED, KILLING)
    customers = Customers(
        CUSTOMERS, plans(SEED, ORDERS, SHOPPING), place.web, place.stripe, opened + GOES_ON + QUIET_WITHIN
    )
    unfold(fleet, killed, place.stripe, place.shop)
    customers.done()
    container = Container(a_config(**place.settings))
    refs = [each.ref for each in customers.acknowledged]
    eventually(lambda: late_calls(place.shop).on_their_way == 0, within=QUIET_WITHIN)
    eventually(lambda: everything_is_quiet(container, refs), within=QUIET_WITHIN)

    books = read_books(container, place.mail)
    ends = Counter(headline(books.orders[ref]) for ref in refs)
    late = Counter(late_calls(place.shop).answers)
    print(  # noqa: T201 - what a run was like
        f"\nseed {SEED}: {len(refs)} orders, {len(killed)} kills, {len(STOPS)} stops, calls that came late to the shop "
        f"by answer {dict(late)}, {customers.retries} requests sent again, {len(books.mails)} mails, "
        f"{len(must_not_be_there(books))} orders in the shop that must not be there, "
        f"{time.monotonic() - opened:.0f} s; {dict(ends)}"
    )
    container.redis.close()
    assert check(refs, books) == []
    assert late
    assert len(set(refs)) == ORDERS
    assert ends.keys() <= {Headline.SETTLED, Headline.CANCELLED, Headline.REFUNDED}
    wanted_back = {each.ref for each in customers.acknowledged if each.requested in GIVEN_BACK}
    assert all(headline(books.orders[ref]) is Headline.SETTLED for ref in refs if ref not in wanted_back)
    assert all(headline(books.orders[ref]) is not Headline.SETTLED for ref in wanted_back)


def everything_is_quiet(container: Container, refs: list[str]) -> bool:
    orders = container.ledger.load_many(refs)
    # A refund that succeeded is read back after a day.
    due = sum(container.ledger.count_due(queue, timedelta(hours=1)) for queue in Queue)
    return not due and all(headline(order) in ENDED for order in orders)
