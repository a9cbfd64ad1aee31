"""What the registry knows of a kind of shop system."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from fallback.domain.placement.primary import Primary

if TYPE_CHECKING:
    from fallback.primaries.calls import Calls
    from fallback.primaries.check.kit import Check


class Kind(Struct, frozen=True):
    """`name`: the value of PRIMARY_KIND.

    `settings`: a Struct whose fields are the settings of this kind, named as in the environment but in lower case. Each
    begins with `primary_`; its type, limits and default say what is accepted. `build` returns the adapter. It imports
    it when it is called, since a process runs one kind only. `shared_token`: the setting with which the shop may call
    us too, where no FALLBACK_SHOP_TOKEN is set; an administrator's key must never be that. `checks`: what `primary
    check` looks at besides the port, given the settings and the seconds for one call.
    """

    name: str
    settings: type[Struct]
    build: Callable[[Any, Calls], Primary]
    shared_token: str = ""
    checks: Callable[[Any, float], Sequence[Check]] = lambda _, __: ()
