"""The mode in Redis, with the log of its switches."""

from __future__ import annotations

from typing import cast

import msgspec
import redis

from fallback.domain.errors import Conflict
from fallback.domain.outage.mode import AT_FIRST, ModeState
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable

LOG_LENGTH = 1_000
_STATE = msgspec.json.Decoder(ModeState)


class RedisModes:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def read(self) -> ModeState:
        return state_of(self._document())

    def switch(self, state: ModeState, instead_of: ModeState | None = None) -> None:
        """The last switch wins; with `instead_of`, raises Conflict unless that is still the present state."""
        stood = self._document()
        if instead_of and state_of(stood) != instead_of:
            raise Conflict(keys.MODE)
        document = msgspec.json.encode(state)
        written = write(
            self._redis,
            ("SET", keys.MODE, document),
            ("LPUSH", keys.MODE_LOG, document),
            ("LTRIM", keys.MODE_LOG, 0, LOG_LENGTH - 1),
            instead_of=(keys.MODE, stood or b"") if instead_of else None,
        )
        if not written and state_of(self._document()) != state:  # else it was sent again after its response was lost
            raise Conflict(keys.MODE)

    def _document(self) -> bytes | None:
        with reachable():
            return cast(bytes | None, self._redis.get(keys.MODE))

    def log(self) -> list[ModeState]:
        """Newest first."""
        with reachable():
            lines = cast(list[bytes], self._redis.lrange(keys.MODE_LOG, 0, -1))
        return [_STATE.decode(line) for line in lines]


def state_of(document: bytes | None) -> ModeState:
    return _STATE.decode(document) if document else AT_FIRST
