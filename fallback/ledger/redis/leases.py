"""Leases: one of several processes leads, and another takes over within seconds when it dies."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import redis

from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable
from fallback.ledger.scripts import Script

HOLD = Script("hold")
RELEASE = Script("release")


def anybody_leads(client: redis.Redis) -> bool:
    """Whether a clock runs, or was killed less than a minute ago. Raises TryAgain."""
    with reachable():
        return any(client.scan_iter(f"{keys.lease('')}*", count=1_000))


class Leases:
    """The leases of this process. Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._holder = token_hex(8)

    def hold(self, name: str, seconds: float) -> bool:
        """Whether we hold the lease for the next `seconds`: taken now, or renewed."""
        return bool(self._run(HOLD, name, [self._holder, int(seconds * 1000)]))

    def release(self, name: str) -> None:
        """Give it back early, so that another process need not wait. Another process' lease is left alone."""
        self._run(RELEASE, name, [self._holder])

    def _run(self, script: Script, name: str, arguments: list[Any]) -> Any:
        with reachable():
            return script(self._redis.execute_command, [keys.lease(name)], arguments)
