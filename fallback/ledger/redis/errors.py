"""A Redis that is down, full, demoted or has a broken disk means the same to callers of the ledger: try again."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

from redis.exceptions import ClusterCrossSlotError, MasterDownError, OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as NoAnswer

from fallback.domain.errors import TryAgain
from fallback.ledger.redis.group_commit import TooFewReplicas

_PASSES = (
    LostConnection,
    NoAnswer,
    OutOfMemoryError,
    ReadOnlyError,
    MasterDownError,
    ClusterCrossSlotError,  # REDIS_URL names a single node of a cluster, as readiness says
    TooFewReplicas,
)
# Error codes of Redis that redis-py has no class for. Before Redis 7, a script's error has its code in the middle of
# the text.
_WORDS = re.compile(r"\b(?:OOM|READONLY|MISCONF|NOREPLICAS|MASTERDOWN|BUSY)\b")


class _Reachable:
    """A class, because it is on the hot path: a generator's context costs three times as much."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, _PASSES):
            raise TryAgain(f"the ledger cannot be written or read: {type(error).__name__}") from error
        if isinstance(error, ResponseError) and (word := _WORDS.search(str(error))):
            raise TryAgain(f"the ledger cannot be written or read: {word[0]}") from error


_REACHABLE = _Reachable()


def reachable() -> AbstractContextManager[None]:
    return _REACHABLE
