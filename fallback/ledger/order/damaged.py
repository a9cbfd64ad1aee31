"""Orders that could not be read: each is logged when it is news, and listed for the clock, which raises an alert.

Whoever meets one lists it. The clock tries all that are listed, with the keys that the installation has, confirms those
that it cannot read either, and takes out those that are whole again (newer.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from time import monotonic
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Damaged, TryAgain, Unreadable
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import Command, write
from fallback.ledger.redis.crypto import Tampered, Undecryptable
from fallback.ledger.redis.errors import reachable
from fallback.runtime.logs import get_logger

# Where the keys of all orders are missing, so many are as good as all of them.
MOST = 1_000
# Seconds for which a process says nothing more about an order.
AGAIN_AFTER = 600.0
# Scores. The lowest stay when there are too many.
CONFIRMED, MET = 0, 1

log = get_logger()


class KeyMissing(Damaged, Undecryptable):
    """The order may be whole, but no key of SECRET_KEY opens it: until there is one, nobody can work on it."""

    def __init__(self, ref: str) -> None:
        Unreadable.__init__(self, ref)  # whose text becomes that of Undecryptable


class DamagedOrders:
    """Thread safe. `clock`: seconds of a monotonic clock."""

    def __init__(self, client: redis.Redis, clock: Callable[[], float] = monotonic) -> None:
        self._redis = client
        self._clock = clock
        self._quiet_until: dict[str, float] = {}

    @contextmanager
    def reading(self, ref: str) -> Iterator[None]:
        """Raises Damaged for what of an order cannot be read."""
        try:
            yield
        except (msgspec.MsgspecError, Tampered, ValueError) as error:
            self.met(ref, "order_damaged", reason=str(error))
            raise Damaged(ref) from None
        except Undecryptable as error:
            self.met(ref, "order_damaged", reason=str(error))
            raise KeyMissing(ref) from None

    def met(self, ref: str, event: str, **facts: str) -> None:
        """Somebody could not read it. `event`, `facts`: for the log."""
        now = self._clock()
        if now < self._quiet_until.get(ref, now):
            return
        if len(self._quiet_until) >= MOST:
            self._quiet_until.clear()
        self._quiet_until[ref] = now + AGAIN_AFTER
        log.error(event, ref=ref, **facts)
        with suppress(TryAgain):  # it is met again
            self._list(("ZADD", keys.DAMAGED, "NX", MET, ref))

    def listed(self) -> dict[str, bool]:
        """Whether each is confirmed. Raises TryAgain."""
        with reachable():
            found = cast(list[tuple[bytes, float]], self._redis.zrange(keys.DAMAGED, 0, -1, withscores=True))
        return {ref.decode(): score == CONFIRMED for ref, score in found}

    def of_customers(self, refs: Collection[str]) -> list[str]:
        """Without drills. Raises TryAgain.

        If the key of an order is missing, no index says whose it is: each of these may be that of any customer.
        """
        if not refs:
            return []
        with reachable():
            drills = self._redis.zmscore(keys.DRILL_ORDERS, list(refs))
        return [ref for ref, number in zip(refs, drills, strict=True) if number is None]

    def confirm(self, damaged: Collection[str], listed: Mapping[str, bool]) -> None:
        """These are damaged, and of those that were `listed` no others. Raises TryAgain."""
        commands = list[Command]()
        if whole := listed.keys() - damaged:
            commands.append(("ZREM", keys.DAMAGED, *whole))
        if news := [ref for ref in damaged if not listed.get(ref)][:MOST]:
            commands.append(("ZADD", keys.DAMAGED, *(word for ref in news for word in (CONFIRMED, ref))))
        if commands:
            self._list(*commands)

    def _list(self, *commands: Command) -> None:
        write(self._redis, *commands, ("ZREMRANGEBYRANK", keys.DAMAGED, MOST, -1))
