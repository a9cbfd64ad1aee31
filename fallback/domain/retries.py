"""When to try again, and when to stop trying and ask a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

# Full jitter (AWS, 'Exponential backoff and jitter'): spread over the whole interval, so that a thousand orders that
# failed together do not come back together.
BASE = timedelta(seconds=1)
LONGEST = timedelta(minutes=10)
# The other side is down, through no fault of this order: try again soon; the circuit breaker keeps the number of calls
# small.
UNAVAILABLE = (timedelta(seconds=1), timedelta(seconds=4))
# A step that began this often without an outcome is likely to kill the next worker too.
POISON_AFTER = 8


def backoff(tries: int, now: datetime, random: Random) -> datetime:
    """When to try again after `tries` attempts without an outcome: in 1 to 2, 4, 8 … seconds, at most ten minutes."""
    ceiling: timedelta = min(BASE * 2 ** min(tries, 20), LONGEST)
    return now + BASE + (ceiling - BASE) * random.random()


def when_back(now: datetime, random: Random, asked: float | None = None) -> datetime:
    """When to try an unavailable side again: after its Retry-After (`asked`, in seconds), if it sent one.

    The wait has a random part on top, because every client got the same Retry-After.
    """
    shortest, longest = UNAVAILABLE
    rest = timedelta(seconds=min(asked or 0, LONGEST.total_seconds()))
    return now + rest + shortest + (longest - shortest) * random.random()


def after_lost(tries: int, now: datetime, random: Random, limited: float | None) -> tuple[datetime, int]:
    """When to ask what became of a call whose response was lost, and how many tries count then.

    `limited`: seconds for which a rate limit keeps everything back; being kept back counts as no try.
    """
    if limited is None:
        return backoff(tries, now, random), tries
    return when_back(now, random, limited), 0


def is_poison(tries: int) -> bool:
    return tries >= POISON_AFTER
