"""The connection to Redis: to one address, or to the server that the Sentinels name as the primary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import MasterDownError, ReadOnlyError, ResponseError
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelManagedConnection, SentinelManagedSSLConnection

SENTINEL_PORT = 26379
# A Sentinel that does not answer in this time is skipped: its host may be the one that died.
ASKED_ONCE = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
# Errors of a demoted Redis. Before Redis 7 a script's error has the word in the middle of the text.
DEMOTED = re.compile(r"\b(READONLY|UNBLOCKED)\b")


class RedisRoles:
    """Shared by the connections of one client: how often a change of roles was noticed."""

    changes = 0


class Demoted(LostConnection):
    """The server of this connection is no longer the primary; a new connection may reach the new one."""


if TYPE_CHECKING:
    _Base = AbstractConnection
else:
    _Base = object


class _Leaving(_Base):
    """Leaves a demoted Redis, as all connections of its client do before they are used again.

    A connection outlives a change of roles, whether a name, a virtual IP or a Sentinel names the new primary; and
    a reading one would continue with the data of the demoted Redis.
    """

    def __init__(self, *args: Any, roles: RedisRoles, **options: Any) -> None:
        self._roles, self._as_of = roles, roles.changes
        super().__init__(*args, **options)

    def connect(self) -> None:
        """Called before each use of the connection."""
        if self._as_of != self._roles.changes:
            self.disconnect()  # type: ignore[no-untyped-call]
            self._as_of = self._roles.changes
        super().connect()  # type: ignore[no-untyped-call]

    def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return super().read_response(*args, **options)
        except (ResponseError, MasterDownError) as error:
            if not (isinstance(error, ReadOnlyError | MasterDownError) or DEMOTED.search(str(error))):
                raise
            self._roles.changes += 1
            self.disconnect()  # type: ignore[no-untyped-call]
            raise Demoted(str(error)) from error


class _Plain(_Leaving, Connection):
    pass


class _Tls(_Leaving, SSLConnection):
    pass


class _Unix(_Leaving, UnixDomainSocketConnection):
    pass


class _BySentinel(_Leaving, SentinelManagedConnection):
    pass


class _BySentinelTls(_Leaving, SentinelManagedSSLConnection):
    pass


PLAIN = {"redis": _Plain, "rediss": _Tls, "unix": _Unix}
BY_SENTINEL = {"redis+sentinel": _BySentinel, "rediss+sentinel": _BySentinelTls}


def connect(url: str, **options: Any) -> redis.Redis:
    """A client of the ledger's Redis; `options` are those of redis-py's connections.

    `redis://…` as redis-py knows it, or `redis+sentinel://[user:password@]host:port,host:port/name[/database]`: each
    new connection asks the Sentinels first, and a primary that was demoted is left (`rediss+sentinel` with TLS). The
    password is that of Redis; the Sentinels have none. Raises ValueError for another address; connects later.
    """
    # Not by `urlsplit`: newer releases of Python refuse brackets that are not all of the host.
    scheme, _, rest = url.partition("://")
    options["roles"] = RedisRoles()
    if scheme in PLAIN:
        return redis.Redis.from_url(url, connection_class=PLAIN[scheme], **options)
    if scheme not in BY_SENTINEL:
        raise ValueError(f"it has to begin with one of {', '.join((*PLAIN, *BY_SENTINEL))}")
    places, _, path = rest.partition("/")
    name, _, database = path.strip("/").partition("/")
    if not name:
        raise ValueError("the Sentinels' name of the primary has to follow: …:26379/ledger")
    tls = scheme == "rediss+sentinel"
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        _sentinels(places), sentinel_kwargs=ASKED_ONCE | {"ssl": tls}
    )
    options |= {**_access(places), "db": int(database or 0), "connection_class": BY_SENTINEL[scheme]}
    return cast(redis.Redis, sentinels.master_for(name, **options))  # type: ignore[no-untyped-call]


def leave(client: redis.Redis) -> None:
    """All further commands of this client use new connections."""
    roles: RedisRoles = client.connection_pool.connection_kwargs["roles"]
    roles.changes += 1


def _sentinels(places: str) -> list[tuple[str, int]]:
    """Parses `host:port,host:port`; an IPv6 address stands in brackets."""
    found = []
    for address in places.rpartition("@")[2].split(","):
        each = urlsplit(f"//{address}")
        if not each.hostname:
            raise ValueError("a Sentinel has no host")
        found.append((each.hostname, each.port or SENTINEL_PORT))
    return found


def _access(places: str) -> dict[str, str]:
    user, _, password = places.rpartition("@")[0].partition(":")
    return {name: unquote(word) for name, word in (("username", user), ("password", password)) if word}
