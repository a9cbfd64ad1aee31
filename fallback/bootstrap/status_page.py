"""Builds what the status page needs."""

from __future__ import annotations

from functools import cached_property

import redis

from fallback.config import Config
from fallback.domain.outage.ports import PublicStatuses
from fallback.domain.support.subscriptions import Subscriptions
from fallback.ledger.outage.public_status import RedisPublicStatuses
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.subscriptions import RedisSubscriptions


class Deps:
    """The part of the container for the status page alone."""

    config: Config
    crypto: Crypto
    redis: redis.Redis

    @cached_property
    def public_statuses(self) -> PublicStatuses:
        return RedisPublicStatuses(self.redis)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return RedisSubscriptions(self.redis, self.crypto)
