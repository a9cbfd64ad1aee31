"""The way to Redis: to one address, or to whichever server the Sentinels say is the primary now."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import SplitResult, unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

SENTINEL_PORT = 26379
# A Sentinel that does not answer in this time is passed over: its machine may be the one that died.
ASKED_ONCE = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
PLAIN = ("redis", "rediss", "unix")
BY_SENTINEL = ("redis+sentinel", "rediss+sentinel")


def connect(url: str, **options: Any) -> redis.Redis:
    """A client of the ledger's Redis; `options` are those of redis-py's connections.

    `redis://…` as redis-py knows it, or `redis+sentinel://[user:password@]host:port,host:port/name[/database]`: each
    new connection asks the Sentinels first, and a primary that was demoted is left (`rediss+sentinel` with TLS). The
    password is that of Redis; the Sentinels have none. Raises ValueError for another address; connects later.
    """
    parts = urlsplit(url)
    if parts.scheme in PLAIN:
        return redis.Redis.from_url(url, **options)
    if parts.scheme not in BY_SENTINEL:
        raise ValueError(f"it begins with none of {', '.join(PLAIN + BY_SENTINEL)}")
    name, _, database = parts.path.strip("/").partition("/")
    if not name:
        raise ValueError("after the Sentinels comes the name by which they know the primary: …:26379/ledger")
    tls = parts.scheme == "rediss+sentinel"
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        _sentinels(parts), sentinel_kwargs=ASKED_ONCE | {"ssl": tls}
    )
    options |= {**_access(parts), "db": int(database or 0), "ssl": tls}
    return cast(redis.Redis, sentinels.master_for(name, **options))  # type: ignore[no-untyped-call]


def _sentinels(parts: SplitResult) -> list[tuple[str, int]]:
    """Of `host:port,host:port`; one of six colons stands in brackets."""
    found = []
    for address in parts.netloc.rpartition("@")[2].split(","):
        each = urlsplit(f"//{address}")
        if not each.hostname:
            raise ValueError("a Sentinel has no host")
        found.append((each.hostname, each.port or SENTINEL_PORT))
    return found


def _access(parts: SplitResult) -> dict[str, str]:
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    return {name: unquote(word) for name, word in (("username", user), ("password", password)) if word}
