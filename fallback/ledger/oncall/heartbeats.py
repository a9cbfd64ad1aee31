"""Signs of life for monitoring: the last webhook, the leader, clocks that are off, journals that are not replayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec
import redis
from msgspec import Struct

from fallback.domain.checkout.journal import JournalSign
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

CLOCK = "clock"
# A computer whose clock is off reports every ten seconds; after this time without a report it is right again, or gone.
OFF_FOR = timedelta(seconds=30)
# Stripe repeats a refused webhook for days, at growing intervals.
STALE_FOR = timedelta(minutes=10)


class _Told(Struct):
    sign: JournalSign
    until: datetime


_TOLD = msgspec.json.Decoder(_Told)


class Heartbeats:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def webhook_came(self, now: datetime) -> None:
        with reachable():
            self._redis.set(keys.WEBHOOK, now.isoformat())

    def webhook_at(self) -> datetime | None:
        """When the last one came; None if there was none."""
        with reachable():
            came = cast(bytes | None, self._redis.get(keys.WEBHOOK))
        return datetime.fromisoformat(came.decode()) if came else None

    def clock_leads(self) -> bool:
        with reachable():
            return bool(self._redis.exists(keys.lease(CLOCK)))

    def redis_time(self) -> datetime:
        with reachable():
            seconds, microseconds = self._redis.time()
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)

    def machine_is_off(self, machine: str, seconds: int, now: datetime) -> None:
        """The computer's clock is this many seconds ahead of Redis'; 0: it is right again."""
        pipeline = self._redis.pipeline(transaction=False)
        if seconds:
            pipeline.hset(keys.CLOCKS_OFF, machine, f"{seconds} {(now + OFF_FOR).timestamp()}")
            pipeline.expire(keys.CLOCKS_OFF, OFF_FOR)
        else:
            pipeline.hdel(keys.CLOCKS_OFF, machine)
        with reachable():
            pipeline.execute()

    def clocks_off(self, now: datetime) -> dict[str, int]:
        """By how many seconds the clocks of computers are ahead of Redis', if they are off."""
        with reachable():
            told = cast(dict[bytes, bytes], self._redis.hgetall(keys.CLOCKS_OFF))
        machines = {machine.decode(): said.decode().split() for machine, said in told.items()}
        return {machine: int(ahead) for machine, (ahead, until) in machines.items() if float(until) > now.timestamp()}

    def journal_has(self, machine: str, sign: JournalSign, now: datetime) -> None:
        """Said again while it lasts; without that it is over after a while."""
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.hset(keys.JOURNALS, machine, msgspec.json.encode(_Told(sign, now + OFF_FOR)))
        pipeline.expire(keys.JOURNALS, OFF_FOR)
        with reachable():
            pipeline.execute()

    def journals(self, now: datetime) -> dict[str, JournalSign]:
        """What each machine reported of its journal; only machines whose journal has something in it."""
        with reachable():
            told = cast(dict[bytes, bytes], self._redis.hgetall(keys.JOURNALS))
        signs = {machine.decode(): _TOLD.decode(said) for machine, said in told.items()}
        return {machine: said.sign for machine, said in signs.items() if said.until > now}

    def webhook_was_stale(self, seconds: int) -> None:
        """A webhook of Stripe was refused, because its time is this many seconds behind ours."""
        with reachable():
            self._redis.set(keys.WEBHOOK_STALE, seconds, ex=STALE_FOR)

    def stale_webhook(self) -> int | None:
        with reachable():
            seconds = cast(bytes | None, self._redis.get(keys.WEBHOOK_STALE))
        return int(seconds) if seconds else None
