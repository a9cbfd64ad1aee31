"""Whose ledger it is. Two shops on one Redis database would take each other's orders, with the same names of keys.

The first process of a shop writes the shop's name there. Each new connection reads it, before any command: of a web
process, a worker, a clock or a command, at their start and after each failover.
"""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any, cast

import redis
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ResponseError

from fallback.domain.errors import FallbackError
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

if TYPE_CHECKING:
    from redis.connection import Connection


class NotOurs(LostConnection):
    """The ledger is another shop's, a copy that is not whole, or no database at all: no command reaches it.

    The text says what to do. Waiting does not help, so a journal keeps no orders for it.
    """


class NotRenamed(FallbackError):
    """The ledger keeps its name."""


class Owner:
    """To be called with each new connection. `claims`: a ledger that is nobody's becomes that of `shop`."""

    def __init__(self, shop: str, claims: bool) -> None:
        self._shop, self._claims = shop, claims

    def __call__(self, connection: Connection) -> None:
        """Raises NotOurs."""
        try:
            connection.on_connect()  # type: ignore[no-untyped-call]
        except ResponseError as error:
            if "DB index" not in str(error):
                raise
            raise NotOurs(
                f"Redis has no database {connection.db}, which REDIS_URL names: choose a lower number, or raise "
                "'databases' in redis.conf."
            ) from error
        there, unfinished = _ask(connection, "MGET", keys.SHOP, keys.COPYING)
        if unfinished:
            raise NotOurs("The Redis database of REDIS_URL has a copy that is not whole. Repeat: fallback ledger copy")
        if there is None and self._claims:
            try:
                _ask(connection, "SET", keys.SHOP, self._shop, "NX")
            except ResponseError:  # its memory or disk is full: orders are worked on, and the next connection claims it
                return
            there = _ask(connection, "GET", keys.SHOP)  # another shop may have been first
        if there is not None and there != self._shop.encode():
            raise NotOurs(
                f"The Redis database of REDIS_URL has the orders of shop {there.decode()!r}; FALLBACK_SHOP is "
                f"{self._shop!r}. Give each shop a database of its own. If the shop was renamed: "
                f"fallback ledger rename {quote(there.decode())}"
            )


def rename(client: redis.Redis, old: str, new: str) -> None:
    """Raises TryAgain, and NotRenamed unless the ledger is that of `old`. No process may run meanwhile."""
    with reachable():
        there = (cast(bytes | None, client.get(keys.SHOP)) or b"").decode()
        if there != old:
            whose = f"of shop {there!r}, not of {old!r}" if there else "of no shop yet"
            raise NotRenamed(f"the ledger is {whose}")
        client.set(keys.SHOP, new)


def _ask(connection: Connection, *command: str) -> Any:
    connection.send_command(*command)  # type: ignore[no-untyped-call]
    return connection.read_response()
