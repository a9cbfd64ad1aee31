"""The pace of the drain in Redis: one token bucket for all workers, by Redis' own clock, and the log of decisions."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Conflict, TryAgain
from fallback.domain.order.record import TRIES
from fallback.domain.outage import pace
from fallback.domain.outage.pace import NOTHING, Bounds, Going, Heard, PaceRule, Turn
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable

LOG_LENGTH = 1_000
# Much longer than the ramp remembers anything (pace.FORGOTTEN_AFTER).
KEPT_MS = int(timedelta(days=1).total_seconds() * 1000)
_RULE = msgspec.json.Decoder(PaceRule)
_GOING = msgspec.json.Decoder(Going)


class RedisPace:
    """Implements outage.pace.Pace. `otherwise`: the rule until somebody decides."""

    def __init__(self, client: redis.Redis, bounds: Bounds, otherwise: PaceRule) -> None:
        self._redis = client
        self._bounds = bounds
        self._otherwise = otherwise

    def rule(self) -> PaceRule:
        return self._rule(self._newest())

    def decide(self, rule: PaceRule, instead_of: PaceRule | None = None) -> None:
        stood = self._newest()
        if instead_of and self._rule(stood) != instead_of:
            raise Conflict(keys.PACE_LOG)
        written = write(
            self._redis,
            ("LPUSH", keys.PACE_LOG, msgspec.json.encode(rule)),
            ("LTRIM", keys.PACE_LOG, 0, LOG_LENGTH - 1),
            instead_of=(keys.PACE_LOG, stood or b"") if instead_of else None,
            newest=True,
        )
        if not written and self.rule() != rule:  # else it was sent again after its response was lost
            raise Conflict(keys.PACE_LOG)

    def _newest(self) -> bytes | None:
        with reachable():
            return cast(bytes | None, self._redis.lindex(keys.PACE_LOG, 0))

    def decided(self) -> list[PaceRule]:
        with reachable():
            lines = cast(list[bytes], self._redis.lrange(keys.PACE_LOG, 0, -1))
        return [_RULE.decode(line) for line in lines]

    def going(self) -> Going:
        rule, now, document = self._read()
        return pace.look(_going(document), rule, self._bounds, now)

    def take(self, most: int, heard: Heard = NOTHING, although_paused: bool = False) -> Turn:
        """Repeated after a lost response, it may take twice what it returns: then fewer orders go, never more."""
        for _ in range(TRIES):
            rule, now, document = self._read()
            going = _going(document)
            turn = pace.take(going, rule, self._bounds, heard, most, now, although_paused)
            if turn.orders == 0 and heard == NOTHING:
                return turn
            if self._swap(document, turn.going):
                return turn
        raise TryAgain("other workers changed the pace each time")

    def _read(self) -> tuple[PaceRule, float, bytes]:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.lindex(keys.PACE_LOG, 0)
        pipeline.time()
        pipeline.get(keys.PACE_GOING)
        with reachable():
            rule, (seconds, micros), document = pipeline.execute()
        return self._rule(rule), seconds + micros / 1e6, document or b""

    def _rule(self, document: bytes | None) -> PaceRule:
        return _RULE.decode(document) if document else self._otherwise

    def _swap(self, old: bytes, new: Going) -> bool:
        going = keys.PACE_GOING
        return write(self._redis, ("SET", going, msgspec.json.encode(new), "PX", KEPT_MS), instead_of=(going, old))


def _going(document: bytes) -> Going | None:
    return _GOING.decode(document) if document else None
