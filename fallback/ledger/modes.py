"""The mode in Redis, with the log of its switches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import msgspec
import redis

from fallback.domain.mode import Mode, ModeState
from fallback.ledger import keys
from fallback.ledger.reachable import reachable

LOG_LENGTH = 1_000
_STATE = msgspec.json.Decoder(ModeState)
AT_FIRST = ModeState(Mode.STANDBY, datetime(2000, 1, 1, tzinfo=UTC), "setup", "never switched")


class Modes:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def read(self) -> ModeState:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.MODE))
        return _STATE.decode(document) if document else AT_FIRST

    def switch(self, state: ModeState) -> None:
        """The last word wins: a switch is a person's decision, and the log tells of both."""
        document = msgspec.json.encode(state)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.set(keys.MODE, document)
        pipeline.lpush(keys.MODE_LOG, document)
        pipeline.ltrim(keys.MODE_LOG, 0, LOG_LENGTH - 1)
        with reachable():
            pipeline.execute()

    def log(self) -> list[ModeState]:
        """Newest first."""
        with reachable():
            lines = cast(list[bytes], self._redis.lrange(keys.MODE_LOG, 0, -1))
        return [_STATE.decode(line) for line in lines]
