"""Small writes that succeed even while Redis' memory is full: without them nobody could make room. And reads.

The pace, the mode, claims, alerts: each is bounded in size, and there are few. Orders have scripts of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import redis

from fallback.ledger.redis.errors import reachable
from fallback.ledger.scripts import READ, WRITE

Words = str | bytes | int | float
Command = tuple[Words, ...]


def write(
    client: redis.Redis,
    *commands: Command,
    instead_of: tuple[str, bytes] | None = None,
    field: str = "",
    newest: bool = False,
) -> bool:
    """All or nothing; each command has its key as its second word. `instead_of`: a key and its value as it was read.

    `field`: in the hash that this key has. `newest`: the first entry of the list that it has. False: another value is
    there now. Repeated after a lost response, it returns False the second time. Raises TryAgain.
    """
    observed, value = instead_of or (str(commands[0][1]), b"")
    names, arguments = _given(commands)
    with reachable():
        compared = (1 + newest if instead_of else 0, value, field)
        return bool(WRITE(client.execute_command, [observed, *names], [*compared, *arguments]))


def read(client: redis.Redis, commands: Sequence[Command]) -> list[Any]:
    """All at one moment; scores come as text. Raises TryAgain."""
    with reachable():
        return cast(list[Any], READ(client.execute_command, *_given(commands)))


def _given(commands: Sequence[Command]) -> tuple[list[str], list[Any]]:
    names, arguments = list[str](), list[Any]()
    for verb, key, *rest in commands:
        names.append(str(key))
        arguments += (len(rest) + 1, verb, *rest)
    return names, arguments
