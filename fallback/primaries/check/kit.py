"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from fallback.primaries.check.visit import Visit


class Check(NamedTuple):
    """`run` returns what it saw. It raises NotTried, Broken, or an error of the port. `advice`: what to do then."""

    name: str
    run: Callable[[Visit], str]
    advice: str


class CheckResult(Struct, frozen=True):
    """`ok` is None for what could not be tried; `advice` says what to do about a failure."""

    name: str
    ok: bool | None
    detail: str
    advice: str = ""
