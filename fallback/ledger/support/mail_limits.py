"""How many mails each person got lately, in Redis."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Conflict
from fallback.domain.order.record import TRIES
from fallback.domain.support.accounts import key_of
from fallback.domain.support.mail_limit import WITHIN, Mailed, Turn, turn
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable

_MAILED = msgspec.json.Decoder(Mailed)


class RedisMailLimits:
    """Implements support.ports.MailLimits."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def turn(self, name: str, notice: str, waited: bool, now: datetime) -> tuple[Turn, datetime]:
        key = keys.mailed(key_of(name))
        for _ in range(TRIES):
            with reachable():
                stood = cast(bytes | None, self._redis.get(key)) or b""
            mailed, decided = turn(_MAILED.decode(stood) if stood else None, notice, waited, now)
            document, life = msgspec.json.encode(mailed), int(WITHIN.total_seconds() * 1000)
            if document == stood or write(self._redis, ("SET", key, document, "PX", life), instead_of=(key, stood)):
                return decided, mailed.ends
        raise Conflict(notice)
