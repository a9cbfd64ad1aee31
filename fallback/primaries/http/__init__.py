"""A shop with code of its own, which serves our contract (ops/docs/reference/primary-contract.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from fallback.domain.placement.primary import Primary
from fallback.primaries.kind import Kind

if TYPE_CHECKING:
    from fallback.primaries.calls import Calls
    from fallback.primaries.check.kit import Check


class Settings(Struct, frozen=True, kw_only=True):
    primary_url: str
    primary_token: str


def build(settings: Settings, calls: Calls) -> Primary:
    from fallback.primaries.http.primary import HttpPrimary, line_to

    return HttpPrimary(line_to(settings.primary_url, settings.primary_token, calls.deadline), calls)


def checks(settings: Settings, deadline: float) -> Sequence[Check]:
    from fallback.primaries.http.checks import WireChecks

    return WireChecks(settings.primary_url, settings.primary_token, deadline).all()


KIND = Kind("http", Settings, build, "primary_token", checks)
