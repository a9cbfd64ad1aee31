"""The counts of an incident end with it, and not with the next one."""

from __future__ import annotations

from typing import Any

import pytest

from fallback.domain.outage.mode import Mode, ModeState
from fallback.ledger.redis import keys
from tests.builders import NOW
from tests.ledger.world import a_container
from tests.redis_server import RedisServer


def test_a_switch_while_they_end_leaves_the_counts_as_they_are(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = a_container(redis_server.url)
    get = built.redis.get
    redis_server.client.hset(keys.EXPOSURE, "late", 1)

    def and_then_somebody_switches(key: str) -> Any:
        monkeypatch.setattr(built.redis, "get", get)
        read = get(key)
        built.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ada", "the shop is down"))
        return read

    monkeypatch.setattr(built.redis, "get", and_then_somebody_switches)
    assert not built.exposures.end()
    assert redis_server.client.hget(keys.EXPOSURE, "late") == b"1"
