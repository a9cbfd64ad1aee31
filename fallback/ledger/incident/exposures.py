"""The counts of pieces and of sums that are not authorized: scripts/accept.lua and scripts/commit.lua keep them."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import redis

from fallback.domain.order.exposure import Exposure
from fallback.domain.outage.mode import Mode
from fallback.ledger.outage.modes import state_of
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable


class RedisExposures:
    """Implements order.exposure.Exposures. Thread safe."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def read(self) -> Exposure:
        with reachable():
            stored = cast(dict[bytes, bytes], self._redis.hgetall(keys.EXPOSURE))
        fields = {name.decode(): value.decode() for name, value in stored.items()}
        since = fields.get("since")
        return Exposure(
            since=datetime.fromisoformat(since) if since else None,
            open=_under("sum:", fields),
            late=int(fields.get("late", 0)),
            refused=_under("refused:", fields),
        )

    def end(self) -> bool:
        with reachable():
            mode = cast(bytes | None, self._redis.get(keys.MODE))
        if state_of(mode).mode is not Mode.STANDBY:
            return False
        # A switch in between leaves them as they are: its first orders may be in them.
        return write(self._redis, ("DEL", keys.EXPOSURE), ("DEL", keys.STOCK), instead_of=(keys.MODE, mode or b""))


def _under(prefix: str, fields: dict[str, str]) -> dict[str, int]:
    figures = {name.removeprefix(prefix): int(value) for name, value in fields.items() if name.startswith(prefix)}
    return {name: figure for name, figure in figures.items() if figure}
