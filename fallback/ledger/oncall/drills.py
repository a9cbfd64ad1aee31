"""The last drills in Redis, as one document."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import redis

from fallback.domain.errors import Conflict
from fallback.domain.oncall.drill import CannotDrill, Drill, DrillOutcome
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

# One month of daily drills.
KEPT = 30
_DRILLS = msgspec.json.Decoder(list[Drill])


class RedisDrills:
    """Implements oncall.drill.Drills."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def newest(self) -> list[Drill]:
        with reachable():
            return _decoded(self._redis.get(keys.DRILLS))

    def begin(self, drill: Drill) -> None:
        def write(pipe: Any) -> None:
            drills = _decoded(pipe.get(keys.DRILLS))
            if any(each.outcome is DrillOutcome.RUNNING for each in drills):
                raise CannotDrill("Another drill is running.")
            _put(pipe, [drill, *drills[: KEPT - 1]])

        with reachable():
            self._redis.transaction(write, keys.DRILLS)

    def keep(self, drill: Drill, instead_of: Drill) -> None:
        def write(pipe: Any) -> None:
            drills = _decoded(pipe.get(keys.DRILLS))
            if instead_of not in drills:
                raise Conflict(drill.id)
            _put(pipe, [drill if each == instead_of else each for each in drills])

        with reachable():
            self._redis.transaction(write, keys.DRILLS)


def _decoded(document: Any) -> list[Drill]:
    return _DRILLS.decode(cast(bytes, document)) if document else []


def _put(pipe: Any, drills: list[Drill]) -> None:
    pipe.multi()
    pipe.set(keys.DRILLS, msgspec.json.encode(drills))
