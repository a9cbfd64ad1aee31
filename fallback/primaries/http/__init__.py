"""A shop with code of its own, which serves our contract (ops/docs/reference/primary-contract.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from fallback.domain.placement.primary import Primary
from fallback.primaries.kind import Kind

if TYPE_CHECKING:
    from fallback.primaries.calls import Calls


class Settings(Struct, frozen=True, kw_only=True):
    primary_url: str
    primary_token: str


def build(settings: Settings, calls: Calls) -> Primary:
    from fallback.primaries.http.primary import HttpPrimary, line_to

    return HttpPrimary(line_to(settings.primary_url, settings.primary_token, calls.deadline), calls)


KIND = Kind("http", Settings, build, "primary_token")
