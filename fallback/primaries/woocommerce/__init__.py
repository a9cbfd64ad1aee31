"""WooCommerce, with the plugin of ops/connectors/woocommerce in the shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from fallback.domain.placement.primary import Primary
from fallback.primaries.kind import Kind

if TYPE_CHECKING:
    from fallback.primaries.calls import Calls


class Settings(Struct, frozen=True, kw_only=True):
    """`primary_user`, `primary_password`: consumer key and consumer secret of WooCommerce's REST API."""

    primary_url: str
    primary_user: str
    primary_password: str


def build(settings: Settings, calls: Calls) -> Primary:
    from fallback.primaries.woocommerce.primary import WooPrimary, line_to

    return WooPrimary(line_to(settings, calls.deadline), calls)


KIND = Kind("woocommerce", Settings, build)
