"""What one shop notices of another on the same Redis: nothing but a busy machine. In full: ./ops/bin/bench shops"""

from __future__ import annotations

import pytest

from ops.bench import drain, overload, shops
from ops.bench.servers import redis_server

ORDERS = 20


def test_one_hangs_and_the_other_is_drained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "ORDERS", ORDERS)
    with redis_server() as client:
        figures = shops.beside_an_outage(client)
    assert (figures["shops_settled_beside_outage"], figures["shops_settled_in_outage"]) == (ORDERS, 0)


def test_one_is_flooded_and_refuses_and_the_other_takes_every_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overload, "SECONDS", 0.5)
    with redis_server() as client:
        figures = shops.beside_a_flood(client, bodies=12_000, alone=10)
    assert figures["shops_refused_beside_flood"] == 0
