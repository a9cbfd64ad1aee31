"""The Lua scripts: one round trip each, every key passed in."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha1
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import NoScriptError


class Script:
    """One script, sent by its digest and loaded when Redis does not know it (after SCRIPT FLUSH or a restart)."""

    def __init__(self, name: str) -> None:
        self.text = Path(__file__).with_name(f"{name}.lua").read_bytes()

    @cached_property
    def digest(self) -> str:
        return sha1(self.text, usedforsecurity=False).hexdigest()

    def __call__(self, client: redis.Redis, keys: list[str], args: list[Any]) -> Any:
        try:
            return client.evalsha(self.digest, len(keys), *keys, *args)
        except NoScriptError:
            client.script_load(self.text)
            return client.evalsha(self.digest, len(keys), *keys, *args)


ACCEPT = Script("accept")
COMMIT = Script("commit")
CLAIM_DUE = Script("claim_due")
