"""Two shops on one Redis, each in a database of its own: nothing of one is known to the other.

Even with the same keys and the same secrets, which they must not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.errors import UnknownOrder
from fallback.domain.incident.audit import Halt
from fallback.domain.order.order import Queue
from fallback.domain.outage.mode import Mode
from fallback.domain.support.accounts import Account, Role
from fallback.ledger.redis import keys
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.web.app import create_app
from tests.builders import NOW
from tests.redis_server import RedisServer
from tests.web.world import a_cart, a_config, an_order_body, signed

Shops = tuple[Container, Container]


@pytest.fixture
def shops(redis_server: RedisServer) -> Iterator[Shops]:
    first = redis_server.url
    second = f"{first[:-1]}1" if first.endswith("/0") else f"{first}-{token_hex(4)}"  # in a cluster a hash tag
    urls = {"books": first, "garden": second}
    books, garden = (Container(a_config(redis_url=url, fallback_shop=shop), serves=True) for shop, url in urls.items())
    yield books, garden
    for each in (books, garden):
        each.redis.close()


def sends(client: FlaskClient, shop: str) -> Any:
    now = datetime.now(UTC)
    times = {"iat": int(now.timestamp()), "exp": int((now + timedelta(hours=1)).timestamp())}
    body = an_order_body(cart_token=signed(a_cart(iss=shop, **times)), payment="later")
    return client.post("/v1/orders", json=body, headers={"Idempotency-Key": "k" * 16})


def test_each_takes_the_same_purchase_and_knows_its_own_order_alone(shops: Shops) -> None:
    books, garden = shops
    [one, other] = [sends(create_app(each).test_client(), each.config.fallback_shop) for each in shops]
    assert (one.status_code, other.status_code) == (202, 202)
    assert one.json["ref"] != other.json["ref"]
    assert books.ledger.load(one.json["ref"]).shop == "books"
    with pytest.raises(UnknownOrder):
        garden.ledger.load(one.json["ref"])
    assert garden.views.page().rows == [garden.ledger.load(other.json["ref"])]
    assert garden.ledger.claim_due(Queue.NOTICE, timedelta(minutes=1), 10) == [other.json["ref"]]
    assert [each.redis.get(keys.SHOP) for each in shops] == [b"books", b"garden"]


def test_a_cart_of_one_is_refused_by_the_other(shops: Shops) -> None:
    for each, wrong in zip(shops, ("garden", "books"), strict=True):
        refused = sends(create_app(each).test_client(), wrong)
        assert (refused.status_code, refused.json["code"]) == (400, "cart_foreign")
        assert each.views.page().rows == []


def test_people_mode_halt_and_incidents_are_those_of_one(shops: Shops) -> None:
    books, garden = shops
    books.people.add(Account("mara", Role.LEAD))
    switch_mode(books, Mode.ACTIVE, "Mara", "the checkout answers 500")
    follow_mode(books)
    assert books.halts.halt(Halt(NOW, "Mara", "orders are missing"))
    assert garden.halts.read() is None
    assert books.account_of("mara")
    assert garden.account_of("mara") is None
    assert (books.modes.read().mode, garden.modes.read().mode) == (Mode.ACTIVE, Mode.STANDBY)
    assert len(books.incidents.newest(9)) == 1
    assert garden.incidents.newest(9) == []
