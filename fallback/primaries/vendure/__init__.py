"""Vendure, over its Admin API, with the plugin of ops/connectors/vendure in the shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from fallback.domain.placement.primary import Primary
from fallback.primaries.kind import Kind

if TYPE_CHECKING:
    from fallback.primaries.calls import Calls


class Settings(Struct, frozen=True, kw_only=True):
    """`primary_channel`: the token of a channel; empty for the default channel."""

    primary_url: str
    primary_user: str
    primary_password: str
    primary_channel: str = ""
    primary_admin_path: str = "admin-api"


def build(settings: Settings, calls: Calls) -> Primary:
    from fallback.primaries.vendure.primary import VendurePrimary
    from fallback.primaries.vendure.session import Session, line_to

    line = line_to(settings, calls.deadline)
    return VendurePrimary(Session(line, settings.primary_user, settings.primary_password), calls)


KIND = Kind("vendure", Settings, build)
