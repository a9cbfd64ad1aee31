"""Small writes that succeed even while Redis' memory is full: without them nobody could make room.

The pace, the mode, claims, alerts: each is bounded in size, and there are few. Orders have scripts of their own.
"""

from __future__ import annotations

from typing import Any

import redis

from fallback.ledger.redis.errors import reachable
from fallback.ledger.scripts import WRITE

Words = str | bytes | int | float


def write(client: redis.Redis, *commands: tuple[Words, ...], instead_of: tuple[str, bytes] | None = None) -> bool:
    """All or nothing; each command has its key as its second word. `instead_of`: a key and its value as it was read.

    False: another value is there now. Repeated after a lost response, it returns False the second time. Raises
    TryAgain.
    """
    observed, value = instead_of or (str(commands[0][1]), b"")
    keys, arguments = [observed], list[Any]((int(bool(instead_of)), value))
    for verb, key, *rest in commands:
        keys.append(str(key))
        arguments += (len(rest) + 1, verb, *rest)
    with reachable():
        return bool(WRITE(client.execute_command, keys, arguments))
