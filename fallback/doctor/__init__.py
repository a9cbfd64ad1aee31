"""Checks a whole installation before it is needed: each check is a small function that reports what it found.

It changes nothing, sends no mail and places no order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from fallback.bootstrap.container import Container
from fallback.doctor import house, outside
from fallback.doctor.findings import NotKnown, Trouble, Warned
from fallback.domain.errors import FallbackError
from fallback.ledger.redis.crypto import Undecryptable

__all__ = ["CHECKS", "Finding", "examine"]


class Check(NamedTuple):
    name: str
    look: Callable[[Container], str]


CHECKS: Sequence[Check] = (
    Check("settings", house.settings),
    Check("legal pages", house.legal_pages),
    Check("withdrawals", house.withdrawals),
    Check("secrets", house.secrets),
    Check("redis durability", house.durability),
    Check("redis user", house.redis_user),
    Check("redis headroom", house.headroom),
    Check("redis clock", house.redis_clock),
    Check("release", house.release),
    Check("journal", house.journal),
    Check("workers", house.workers),
    Check("clock process", house.clock_process),
    Check("stripe key", outside.stripe_key),
    Check("stripe clock", outside.stripe_clock),
    Check("wallets", outside.wallets),
    Check("stripe webhook", outside.webhook),
    Check("primary", outside.primary),
    Check("way in", outside.way_in),
    Check("mail", outside.mail),
    Check("text messages", outside.text_messages),
    Check("order events", outside.receivers),
    Check("colleagues", house.colleagues),
    Check("second step", house.second_step),
    Check("last drill", house.last_drill),
)


class Finding(Struct, frozen=True):
    """`ok` is None if the result is not known yet; `advice` says what to do, if anything: with `ok`, as a warning."""

    name: str
    ok: bool | None
    seen: str
    advice: str = ""


def examine(container: Container, checks: Sequence[Check] = CHECKS) -> Iterator[Finding]:
    """Yields one finding after the other: some checks wait for the other side."""
    for check in checks:
        yield _look(check, container)


def _look(check: Check, container: Container) -> Finding:
    try:
        return Finding(check.name, True, check.look(container))
    except NotKnown as reason:
        return Finding(check.name, None, str(reason))
    except Warned as warned:
        return Finding(check.name, True, warned.seen, warned.advice)
    except Trouble as trouble:
        return Finding(check.name, False, trouble.seen, trouble.advice)
    except Undecryptable as error:
        return Finding(check.name, False, str(error), "Add the key to SECRET_KEY, after the newest one.")
    except FallbackError as error:  # the ledger went away between two checks
        return Finding(
            check.name, False, str(error), "Follow the advice of the first failed check, then run the doctor again."
        )
