"""Redis away, full, demoted or with a broken disk is the same to everybody above the ledger: try again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import MasterDownError, OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as NoAnswer

from fallback.domain.errors import TryAgain
from fallback.ledger.together import TooFewReplicas

_PASSES = (LostConnection, NoAnswer, OutOfMemoryError, ReadOnlyError, MasterDownError, TooFewReplicas)
# Words of Redis that redis-py has no class for. Before Redis 7 a script's error has its word in the middle of the text.
_WORDS = re.compile(r"\b(OOM|READONLY|MISCONF|NOREPLICAS|MASTERDOWN|BUSY)\b")


@contextmanager
def reachable() -> Iterator[None]:
    try:
        yield
    except _PASSES as error:
        raise TryAgain(f"the ledger cannot be written or read: {type(error).__name__}") from error
    except ResponseError as error:
        word = _WORDS.search(str(error))
        if word is None:
            raise
        raise TryAgain(f"the ledger cannot be written or read: {word[0]}") from error
