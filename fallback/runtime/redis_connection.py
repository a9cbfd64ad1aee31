"""The connection to Redis: to one address, or to the server that Sentinels or a cluster name as the primary."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import redis
from hiredis import pack_command
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import AskError, ClusterDownError, ReadOnlyError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as NoAnswer
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelManagedConnection, SentinelManagedSSLConnection

from fallback.domain.urls import fault_of
from fallback.runtime.hash_tag import HashTag
from fallback.runtime.redis_cluster import AtPrimaryOfSlot, ClusterNodes
from fallback.runtime.redis_options import checked, given_options, tls_options

REDIS_PORT, SENTINEL_PORT = 6379, 26379
# Seconds after a timeout in which no connection waits; and how long the one that tries then may need.
NOT_ASKED_FOR, TRIED_FOR = 1.0, 4.0
# A Sentinel or node that does not answer in this time is skipped: its host may be the one that died.
ASKED_ONCE = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
# Redis is not told which library we use, nor asked to announce its maintenance: each new connection would wait for the
# answers, and our user would need the permission.
QUIET: dict[str, Any] = {"driver_info": None, "maint_notifications_config": MaintNotificationsConfig(enabled=False)}
# Errors of a demoted Redis. Before Redis 7 a script's error has the word in the middle of the text.
DEMOTED = re.compile(r"\b(READONLY|UNBLOCKED)\b")
# The same of a node in a cluster: another serves our slot, or is about to (MOVED is an ASK, MASTERDOWN a CLUSTERDOWN).
ELSEWHERE = (ReadOnlyError, AskError, TryAgainError, ClusterDownError)
HASH_TAG = re.compile(r"[A-Za-z0-9_.-]+")


class RedisRoles:
    """Shared by the connections of one client: how often a change of roles was noticed.

    `silent_until`: Redis did not answer in time, and until then (of a monotonic clock) nobody waits for it, if
    `is_impatient`: somebody else takes the orders meanwhile.
    """

    changes = 0
    is_impatient = False
    silent_until = 0.0

    def is_silent(self) -> None:
        if self.is_impatient:
            self.silent_until = monotonic() + NOT_ASKED_FOR


class Silent(LostConnection):
    """Another connection of this process waited for Redis in vain a moment ago."""


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
        if self._roles.silent_until:
            self._try_alone()
        try:
            super().connect()  # type: ignore[no-untyped-call]
        except NoAnswer:
            self._roles.is_silent()
            raise
        except LostConnection:  # refused at once: nobody waits for that
            self._roles.silent_until = 0.0
            raise

    def _try_alone(self) -> None:
        """One connection tries, and meanwhile no other waits. Raises Silent."""
        now = monotonic()
        if now < self._roles.silent_until:
            raise Silent("Redis did not answer a moment ago")
        self._roles.silent_until = now + TRIED_FOR

    def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            answer = super().read_response(*args, **options)
            self._roles.silent_until = 0.0
            return answer
        except NoAnswer:
            self._roles.is_silent()
            raise
        except LostConnection:
            self._roles.silent_until = 0.0
            raise
        except (ResponseError, ClusterDownError) as error:
            if not (isinstance(error, ELSEWHERE) or DEMOTED.search(str(error))):
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


class _InCluster(_Leaving, AtPrimaryOfSlot, Connection):
    pass


class _InClusterTls(_Leaving, AtPrimaryOfSlot, SSLConnection):
    pass


# No path, or a number.
_DATABASE = re.compile(r"[^/?]*(?:/\d*)?(?:\?.*)?")
_SOCKET = re.compile(r"(?:[^/?]*@)?/[^?]")
PLAIN = {"redis": _Plain, "rediss": _Tls, "unix": _Unix}
BY_SENTINEL = {"redis+sentinel": _BySentinel, "rediss+sentinel": _BySentinelTls}
IN_CLUSTER = {"redis+cluster": _InCluster, "rediss+cluster": _InClusterTls}


def connect(url: str, **options: Any) -> redis.Redis:
    """A client of the ledger's Redis; `options` are those of redis-py's connections.

    `redis://…` as redis-py knows it, or

    - `redis+sentinel://[user:password@]host:port,host:port/name[/database]`: each new connection asks the Sentinels
      first; the password is that of Redis, the Sentinels have none;
    - `redis+cluster://[user:password@]host:port,host:port/tag`: each new connection asks the nodes which of them serves
      the slot of the hash tag, and every key gets the tag.

    With TLS they begin with `rediss`, and its options follow as a query. A primary that was demoted is left. Raises
    ValueError for another address; connects later.
    """
    # Not by `urlsplit`: newer releases of Python refuse brackets that are not all of the host.
    scheme, _, rest = url.partition("://")
    options |= {"roles": RedisRoles(), **QUIET}
    if scheme in PLAIN:
        if scheme == "unix" and not _SOCKET.match(rest):
            raise ValueError("the path of a socket has to follow: unix:///run/redis.sock")
        if scheme != "unix" and not _DATABASE.fullmatch(rest):
            raise ValueError("after the slash comes the number of a database: …:6379/0")
        if scheme != "unix" and (fault := fault_of(url, tuple(PLAIN))):
            raise ValueError(f"it {fault}")
        if "#" in rest:  # redis-py ignores what follows
            raise ValueError("'#' is written %23")
        given_options(rest.partition("?")[2])
        return checked(redis.Redis.from_url(url, connection_class=PLAIN[scheme], **options))
    rest, _, query = rest.partition("?")
    places, _, path = rest.partition("/")
    tls = tls_options(query)
    options |= tls
    asked = ASKED_ONCE | QUIET | {"ssl": scheme.startswith("rediss")} | tls
    if scheme in BY_SENTINEL:
        return checked(_by_sentinel(scheme, places, path.strip("/"), options, asked))
    if scheme in IN_CLUSTER:
        return checked(_in_cluster(scheme, places, path.strip("/"), options, asked))
    raise ValueError(f"it has to begin with one of {', '.join((*PLAIN, *BY_SENTINEL, *IN_CLUSTER))}")


def address_of(url: str) -> str:
    """Of one that `connect` takes, for a log: without user, password and options."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"


def _by_sentinel(scheme: str, places: str, path: str, options: dict[str, Any], asked: dict[str, Any]) -> redis.Redis:
    name, _, database = path.partition("/")
    if not name:
        raise ValueError("the Sentinels' name of the primary has to follow: …:26379/ledger")
    addresses = _addresses(places, SENTINEL_PORT)
    if database and not database.isdecimal():
        raise ValueError("after the name comes the number of a database: …/ledger/0")
    sentinels = Sentinel(addresses, sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
    options |= {**_access(places), "db": int(database or 0), "connection_class": BY_SENTINEL[scheme]}
    return cast(redis.Redis, sentinels.master_for(name, **options))  # type: ignore[no-untyped-call]


def _in_cluster(scheme: str, places: str, path: str, options: dict[str, Any], asked: dict[str, Any]) -> redis.Redis:
    if not HASH_TAG.fullmatch(path):
        raise ValueError("a name for the hash tag of all keys has to follow, in letters and digits: …:6379/shop")
    tag, access = HashTag(path), _access(places)
    nodes = ClusterNodes(_addresses(places, REDIS_PORT), tag.slot, asked | access)
    options |= access | {"connection_class": IN_CLUSTER[scheme], "nodes": nodes, "command_packer": tag}
    client = redis.Redis.from_pool(redis.ConnectionPool(**options))
    client.set_response_callback("SCAN", tag.scanned)
    return client


def packing(client: redis.Redis) -> Callable[[tuple[Any, ...]], bytes]:
    """How the commands of this client are packed for sending."""
    tag: HashTag | None = client.connection_pool.connection_kwargs.get("command_packer")
    return (lambda command: pack_command(tag.tagged(command))) if tag else pack_command


def be_impatient(client: redis.Redis) -> None:
    """After a timeout no connection of this client waits for Redis for a second."""
    roles: RedisRoles = client.connection_pool.connection_kwargs["roles"]
    roles.is_impatient = True


def leave(client: redis.Redis) -> None:
    """All further commands of this client use new connections."""
    roles: RedisRoles = client.connection_pool.connection_kwargs["roles"]
    roles.changes += 1


def _addresses(places: str, port: int) -> list[tuple[str, int]]:
    """Parses `host:port,host:port`; an IPv6 address stands in brackets."""
    found = []
    for address in map(str.strip, places.rpartition("@")[2].split(",")):
        if fault := fault_of(f"redis://{address}", ("redis",)):
            raise ValueError(f"it {fault}")
        each = urlsplit(f"redis://{address}")
        found.append((each.hostname or "", each.port or port))
    return found


def _access(places: str) -> dict[str, str]:
    user, _, password = places.rpartition("@")[0].partition(":")
    return {name: unquote(word) for name, word in (("username", user), ("password", password)) if word}
