"""The commands that we, our scripts and RQ call in Redis, and no others: ops/redis/users.acl has them."""

from __future__ import annotations

from typing import Any

import redis
from redis.connection import Connection
from redis.exceptions import NoPermissionError, ResponseError

from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

# By how many arguments they take at least.
BY_ARGUMENTS = (
    "bgrewriteaof client|info cluster|info cluster|slots dbsize exec info multi role time unwatch",
    "client|setname config|get del dump exists get hgetall hlen hvals incr llen lpop mget persist pfadd pfcount pttl "
    "scan select smembers watch zcard",
    "eval evalsha expire hdel hget hmget incrby lindex lpush pexpire pexpireat publish rpush sadd set srem wait "
    "zmscore zrank zrem zrevrank zscan zscore zunion",
    "hincrby hincrbyfloat hset hsetnx lrange lrem lset ltrim restore zadd zcount zrange zrangebyscore zremrangebyrank "
    "zremrangebyscore zrevrange zrevrangebyscore",
    "lmove xadd",
    "blmove",
)
NEEDED = {name: count for count, names in enumerate(BY_ARGUMENTS) for name in names.split()}
OPENS, CLOSES = "multi", "exec"


def refused(client: redis.Redis) -> list[str]:
    """Those that our user may not call. Raises TryAgain.

    A transaction checks each command as it comes, and executes none before it ends; this one never ends.
    """
    with reachable():
        connection = client.connection_pool.get_connection()
        try:
            lacking = [name for name in (CLOSES, OPENS) if not _may(connection, name)]
            if OPENS not in lacking:
                lacking += [name for name in NEEDED if name not in (CLOSES, OPENS) and not _may(connection, name)]
            return lacking
        finally:
            connection.disconnect()  # type: ignore[no-untyped-call]
            client.connection_pool.release(connection)


def _may(connection: Connection, name: str) -> bool:
    arguments: list[Any] = [keys.lease("doctor")] * NEEDED[name]
    try:
        connection.send_command(*name.split("|"), *arguments)  # type: ignore[no-untyped-call]
        connection.read_response()
    except ResponseError as error:  # the transaction takes neither all commands nor all arguments
        return not (isinstance(error, NoPermissionError) or "NOPERM" in str(error))  # the latter with EXEC
    return True
