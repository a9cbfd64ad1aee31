"""`fallback ledger verify` as a person and as a program read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.ledger.redis import keys
from tests.ledger.world import a_ledger, accepted
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

Verify = Callable[..., Result]


@pytest.fixture
def verify(redis_server: RedisServer) -> Verify:
    settings = environment(a_config(redis_url=redis_server.url))
    return lambda *words: CliRunner().invoke(main, ["ledger", "verify", *words], env=settings)


def without_keys(verified: Result) -> dict[str, Any]:
    """The one document; a shop's empty ledger has some keys, too."""
    document: dict[str, Any] = json.loads(verified.output)
    assert document.pop("keys") > 0
    return document


def test_differences_are_told_then_corrected(verify: Verify, redis_server: RedisServer) -> None:
    order = accepted(a_ledger(redis_server.url))
    client, cart = redis_server.client, keys.cart(order.cart_id)
    nothing = {"mended": 0, "left": 0, "unknown": 0, "differences": []}
    assert (verify().exit_code, without_keys(verify("--json"))) == (0, nothing)
    client.delete(cart)
    client.zadd(keys.NEXT_WORD, {order.ref: 5})
    told = verify()
    assert told.exit_code == 1
    lines = [
        f"{keys.NEXT_WORD} {order.ref}: expected nothing, found 5",
        f"{cart}: expected {order.ref}, found nothing",
    ]
    assert told.output.splitlines()[:2] == lines
    found = without_keys(verify("--json"))
    assert (found["mended"], found["left"], found["unknown"]) == (0, 2, 0)
    [first, _] = found["differences"]
    assert first == {"key": keys.NEXT_WORD, "of": order.ref, "expected": None, "found": 5.0, "mended": False}
    repaired = verify("--repair")
    assert repaired.exit_code == 0
    assert repaired.output.splitlines() == [*(f"{line} (corrected)" for line in lines), "Corrected: 2. Left: 0."]
    assert verify().output == "Everything can be read, and all indexes and counts agree with the orders.\n"


def test_what_cannot_be_read_stays(verify: Verify, redis_server: RedisServer) -> None:
    order = accepted(a_ledger(redis_server.url))
    redis_server.client.hset(keys.order(order.ref), "doc", "{")
    left = verify("--repair")
    assert left.exit_code == 1
    assert left.output.splitlines()[-1] == "Corrected: 0. Left: 1."


def test_what_no_process_of_ours_writes_ends_it_without_a_verdict(verify: Verify, redis_server: RedisServer) -> None:
    for name, hurt in (
        ("order:", lambda: redis_server.client.set("order:FB-1", 1)),
        ("utf-8", lambda: redis_server.client.zadd(keys.NEXT_WORD, {b"FB-\xff": 1})),
    ):
        redis_server.empty()
        hurt()
        ended = verify("--json")
        assert (ended.exit_code, ended.stdout) == (2, "")
        assert "It was not verified to the end" in ended.stderr
        assert name in ended.stderr
