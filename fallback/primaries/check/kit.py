"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from fallback.primaries.check.visit import Visit

ERRORS, CREATED, AMENDED, CANCELLED = "errors", "order is created", "order is amended", "order is cancelled"


class Check(NamedTuple):
    """`run` returns what it saw. It raises NotTried, Broken, or an error of the port. `advice`: what to do then.

    `needs`: the checks without which this one would only find the same fault again.
    """

    name: str
    run: Callable[[Visit], str]
    advice: str
    needs: tuple[str, ...] = (CREATED,)


class CheckResult(Struct, frozen=True):
    """`ok` is None for what could not be tried; `advice` says what to do about a failure."""

    name: str
    ok: bool | None
    detail: str
    advice: str = ""
