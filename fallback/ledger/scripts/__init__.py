"""The Lua scripts: one round trip each, every key passed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.exceptions import NoScriptError


class Script:
    """One script, called by its digest, or sent as a whole if Redis does not know it (SCRIPT FLUSH, restart)."""

    def __init__(self, name: str) -> None:
        self.text = Path(__file__).with_name(f"{name}.lua").read_bytes()

    @cached_property
    def digest(self) -> str:
        return sha1(self.text, usedforsecurity=False).hexdigest()

    def command(self, keys: list[str], args: list[Any]) -> tuple[Any, ...]:
        """The call by its digest. Redis answers NoScriptError if it does not know it."""
        return ("EVALSHA", self.digest, len(keys), *keys, *args)

    def __call__(self, execute: Callable[..., Any], keys: list[str], args: list[Any]) -> Any:
        """`execute` sends one command and returns Redis' response."""
        try:
            return execute(*self.command(keys, args))
        except NoScriptError:
            return execute("EVAL", self.text, len(keys), *keys, *args)


ACCEPT = Script("accept")
REPLAY = Script("replay")
COMMIT = Script("commit")
REINDEX = Script("reindex")
CLAIM_DUE = Script("claim_due")
WRITE = Script("write")
READ = Script("read")
PUSH_CART = Script("push_cart")
ACKNOWLEDGE = Script("acknowledge")
