"""A hash tag in front of each key, so that all keys of one shop are in one slot of a cluster.

The connection sets it while it packs a command, for the ledger and RQ alike. So key names are the same everywhere else,
and there is no tag where there is no cluster (ops/decisions/cluster.md).
"""

from __future__ import annotations

from typing import Any

from hiredis import pack_command
from redis.crc import key_slot
from redis.exceptions import DataError


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Which words of a command are keys; tests/runtime/test_hash_tag.py compares it with what a server says. A command that
# is not here is refused, so that no key stays without its tag.
NO_KEY = _names(
    """ACL AUTH BGREWRITEAOF CLIENT CLUSTER COMMAND CONFIG DBSIZE DISCARD EXEC HELLO INFO MULTI PING PUBLISH ROLE SCRIPT
    TIME UNWATCH WAIT WAITAOF"""
)
FIRST_IS_KEY = _names(
    """APPEND DECR DECRBY DUMP EXPIRE EXPIREAT GET GETDEL GETEX GETRANGE HDEL HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT
    HKEYS HLEN HMGET HSCAN HSET HSETNX HSTRLEN HVALS INCR INCRBY INCRBYFLOAT LINDEX LINSERT LLEN LPOP LPOS LPUSH LRANGE
    LREM LSET LTRIM PERSIST PEXPIRE PEXPIREAT PFADD PSETEX PTTL RESTORE RPOP RPUSH SADD SCARD SET SETEX SETNX SISMEMBER
    SMEMBERS SMISMEMBER SPOP SREM SSCAN STRLEN TTL TYPE XADD XDEL XLEN XRANGE XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZINCRBY
    ZMSCORE ZPOPMAX ZPOPMIN ZRANGE ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE
    ZREVRANK ZSCAN ZSCORE"""
)
FIRST_TWO_ARE_KEYS = _names("BLMOVE COPY LMOVE RENAME RENAMENX SMOVE ZRANGESTORE")
ALL_ARE_KEYS = _names("DEL EXISTS MGET PFCOUNT PFMERGE SDIFF SINTER SUNION TOUCH UNLINK WATCH")
# Which word says how many keys follow it.
COUNTED = {"EVAL": 2, "EVALSHA": 2, "EVAL_RO": 2, "EVALSHA_RO": 2}
COUNTED |= dict.fromkeys(("ZDIFF", "ZINTER", "ZINTERCARD", "ZUNION", "SINTERCARD"), 1)

Command = tuple[Any, ...]


class HashTag:
    """Packs the commands of a connection (redis-py's `command_packer`)."""

    def __init__(self, name: str) -> None:
        self.text = f"{{{name}}}"
        self._bytes = self.text.encode()
        self.slot: int = key_slot(self._bytes)

    def pack(self, *command: Any) -> list[bytes]:
        """Raises DataError, as redis-py does for a word that cannot be sent."""
        try:
            return [pack_command(self.tagged(command))]
        except TypeError as error:
            raise DataError(str(error)) from error

    def tagged(self, command: Command) -> Command:
        """The command's words, with the tag in front of each that is a key."""
        if " " in command[0]:
            command = (*command[0].split(), *command[1:])
        verb = command[0].upper()
        if verb in NO_KEY:
            return command
        if verb in COUNTED:
            begin = COUNTED[verb] + 1
            end = begin + int(command[begin - 1])
        elif verb in FIRST_IS_KEY:
            begin, end = 1, 2
        elif verb in ALL_ARE_KEYS:
            begin, end = 1, len(command)
        elif verb in FIRST_TWO_ARE_KEYS:
            begin, end = 1, 3
        elif verb == "SCAN":
            return self._scan(command)
        else:
            raise DataError(f"{verb}: which of its words are keys is not known (fallback/runtime/hash_tag.py)")
        return (*command[:begin], *map(self._key, command[begin:end]), *command[end:])

    def _key(self, key: str | bytes) -> str | bytes:
        return self.text + key if isinstance(key, str) else self._bytes + key

    def _scan(self, command: Command) -> Command:
        """Only keys of this shop; `scanned` gives them without their tag."""
        words = list(command)
        for at in range(2, len(words) - 1, 2):
            if words[at] in ("MATCH", b"MATCH"):
                words[at + 1] = self._key(words[at + 1])
                return tuple(words)
        return (*words, "MATCH", f"{self.text}*")

    def scanned(self, response: Any, **_: Any) -> tuple[int, list[bytes]]:
        """For redis-py's response callback of SCAN."""
        cursor, found = response
        return int(cursor), [key[len(self.text) :] for key in found]
