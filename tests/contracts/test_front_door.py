"""How drills order: the fake that calls the intake, and the real one over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import msgspec
import pytest
from werkzeug.serving import make_server

from fallback.bootstrap.container import Container
from fallback.domain.errors import Refused
from fallback.primaries.front_door import HttpFrontDoor
from fallback.web.app import create_app
from tests.fakes.drills import FakeFrontDoor
from tests.web.conftest import a_container
from tests.web.world import a_cart, an_order_body, signed


@pytest.fixture
def container() -> Container:
    return a_container()


@pytest.fixture(params=["in memory", "by http"])
def door(request: pytest.FixtureRequest, container: Container) -> Iterator[FakeFrontDoor | HttpFrontDoor]:
    if request.param == "in memory":
        yield FakeFrontDoor(container)
        return
    server = make_server("127.0.0.1", 0, create_app(container))
    Thread(target=server.serve_forever, daemon=True).start()
    yield HttpFrontDoor(f"http://127.0.0.1:{server.port}")
    server.shutdown()
    server.server_close()


def body(**changes: Any) -> bytes:
    return msgspec.json.encode(an_order_body(**changes))


def test_an_order_is_taken_once_however_often_it_is_sent(
    door: FakeFrontDoor | HttpFrontDoor, container: Container
) -> None:
    ref = door.order(body(), "drill-1")
    assert door.order(body(), "drill-1") == ref
    assert container.ledger.refs() == [ref]


@pytest.mark.parametrize(
    ("key", "changes", "code"),
    [
        ("drill-1", {"locale": "de"}, "idempotency_key_reused"),
        ("drill-2", {}, "cart_already_captured"),
        ("drill-2", {"cart_token": signed(a_cart(exp=0))}, "cart_expired"),
        ("drill-2", {"cart_token": signed(a_cart(cart_id="2")), "delivery": {"id": "balloon"}}, "unknown_delivery"),
    ],
)
def test_what_is_refused_is_refused_by_name(
    door: FakeFrontDoor | HttpFrontDoor, key: str, changes: dict[str, Any], code: str
) -> None:
    door.order(body(), "drill-1")
    with pytest.raises(Refused) as refusal:
        door.order(body(**changes), key)
    assert refusal.value.code == code
