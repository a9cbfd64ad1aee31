"""The mode in Redis, with the log of its switches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import msgspec
import redis
from redis.client import Pipeline

from fallback.domain.errors import Conflict
from fallback.domain.mode import Decider, Mode, ModeState
from fallback.ledger import keys
from fallback.ledger.reachable import reachable

LOG_LENGTH = 1_000
_STATE = msgspec.json.Decoder(ModeState)
AT_FIRST = ModeState(Mode.STANDBY, datetime(2000, 1, 1, tzinfo=UTC), "setup", "never switched", Decider.MACHINE)


class Modes:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def read(self) -> ModeState:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.MODE))
        return _STATE.decode(document) if document else AT_FIRST

    def switch(self, state: ModeState, instead_of: ModeState | None = None) -> None:
        """The last word wins, unless it is said `instead_of` one that no longer stands: then raises Conflict."""
        with reachable(), self._redis.pipeline(transaction=True) as pipeline:
            if instead_of:
                self._hold_to(instead_of, pipeline)
            document = msgspec.json.encode(state)
            pipeline.multi()
            pipeline.set(keys.MODE, document)
            pipeline.lpush(keys.MODE_LOG, document)
            pipeline.ltrim(keys.MODE_LOG, 0, LOG_LENGTH - 1)
            try:
                pipeline.execute()
            except redis.WatchError:
                raise Conflict("mode") from None

    def _hold_to(self, expected: ModeState, pipeline: Pipeline) -> None:
        pipeline.watch(keys.MODE)  # type: ignore[no-untyped-call]
        document = cast(bytes | None, pipeline.get(keys.MODE))
        if (_STATE.decode(document) if document else AT_FIRST) != expected:
            raise Conflict("mode")

    def log(self) -> list[ModeState]:
        """Newest first."""
        with reachable():
            lines = cast(list[bytes], self._redis.lrange(keys.MODE_LOG, 0, -1))
        return [_STATE.decode(line) for line in lines]
