"""Builds what the status page needs."""

from __future__ import annotations

from functools import cached_property

import redis

from fallback.domain.outage.ports import PublicStatuses
from fallback.ledger.outage.public_status import RedisPublicStatuses


class Deps:
    """The part of the container for the status page alone."""

    redis: redis.Redis

    @cached_property
    def public_statuses(self) -> PublicStatuses:
        return RedisPublicStatuses(self.redis)
