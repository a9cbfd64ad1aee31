"""One snapshot of the whole installation, from the indexes: alerts read it every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import redis

from fallback.domain.oncall.alerts import Snapshot
from fallback.domain.oncall.drill import last_result
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.outage.failover import Failover, decide
from fallback.domain.outage.ports import Observations
from fallback.ledger.incident.books import RedisBooks
from fallback.ledger.oncall.drills import RedisDrills
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.ledger.order.announcements import RedisAnnouncements
from fallback.ledger.order.damaged import CONFIRMED
from fallback.ledger.order.sequence import received_at
from fallback.ledger.outage.modes import RedisModes
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable
from fallback.ledger.redis.readiness import Readiness

# A damaged order does not hide how long the one behind it waits.
AMONG = 20


class RedisOverview:
    """Implements oncall.alerts.Overview. `failover`: which switches automation may make; those need no advice."""

    def __init__(
        self,
        client: redis.Redis,
        modes: RedisModes,
        observations: Observations,
        readiness: Readiness,
        failover: Failover,
    ) -> None:
        self._redis = client
        self._modes = modes
        self._observations = observations
        self._readiness = readiness
        self._books = RedisBooks(client)
        self._drills = RedisDrills(client)
        self._announcements = RedisAnnouncements(client)
        self._signs = Heartbeats(client)
        self._failover = failover

    def see(self, now: datetime) -> Snapshot:
        sheet = self._books.balance(NO_INCIDENT)
        mode, observation = self._modes.read(), self._observations.read()
        advice = observation.advice if observation and observation.advice.mode is not mode.mode else None
        followed = advice and decide(mode, advice, self._failover, now)
        pipeline = self._redis.pipeline(transaction=False)
        for queue in Queue:
            pipeline.zrange(keys.due(queue), 0, 0, withscores=True)
        for code in HoldCode:
            pipeline.zcard(keys.hold(code))
        pipeline.zcard(keys.CONCERNS)
        pipeline.zcount(keys.DAMAGED, CONFIRMED, CONFIRMED)
        pipeline.zrange(keys.headline(Headline.WAITING), 0, AMONG - 1)
        with reachable():
            answers = pipeline.execute()
        firsts, counts = answers[: len(Queue)], answers[len(Queue) : -3]
        doubted, damaged, waiting = answers[-3:]
        since = {queue: first[0][1] for queue, first in zip(Queue, firsts, strict=True) if first}
        return Snapshot(
            mode=mode,
            advice=None if followed else advice,
            not_ready=self._readiness.problems(),
            oldest_waiting=self._oldest(waiting),
            oldest_due={queue: at for queue, score in since.items() if (at := _utc(score)) <= now},
            holds={code: count for code, count in zip(HoldCode, counts, strict=True) if count},
            doubted=doubted,
            damaged=damaged,
            differences=len(sheet.differences) if sheet else 0,
            drill=last_result(self._drills.newest()),
            clocks_off=self._signs.clocks_off(now),
            stale_webhook=self._signs.stale_webhook(),
            journals=self._signs.journals(now),
            receivers_away=tuple(self._announcements.away().values()),
        )

    def _oldest(self, waiting: Sequence[bytes]) -> datetime | None:
        with reachable():
            times = received_at(self._redis, (ref.decode() for ref in waiting))
        return next((at for at in times if at), None)


def _utc(score: float) -> datetime:
    return datetime.fromtimestamp(score, UTC)
