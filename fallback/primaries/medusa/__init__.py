"""Medusa 2, over its Admin API, with the plugin of ops/connectors/medusa in the shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from fallback.domain.placement.primary import Primary
from fallback.primaries.kind import Kind

if TYPE_CHECKING:
    from fallback.primaries.calls import Calls


class Settings(Struct, frozen=True, kw_only=True):
    """`primary_token`: a secret API key. `primary_channel`: of orders whose cart Medusa does not have."""

    primary_url: str
    primary_token: str
    primary_channel: str = ""


def build(settings: Settings, calls: Calls) -> Primary:
    from fallback.primaries.medusa.admin import Admin
    from fallback.primaries.medusa.primary import MedusaPrimary

    return MedusaPrimary(Admin(settings, calls.deadline), calls)


KIND = Kind("medusa", Settings, build)
