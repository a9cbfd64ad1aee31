"""Shopify, over its Admin GraphQL API, with the token of an app of the shop's own. For headless shops and pay links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from fallback.domain.placement.primary import Primary
from fallback.primaries.kind import Kind

if TYPE_CHECKING:
    from fallback.primaries.calls import Calls


class Settings(Struct, frozen=True, kw_only=True):
    """`primary_url`: of the shop, https://<shop>.myshopify.com. `primary_token`: an access token of the Admin API."""

    primary_url: str
    primary_token: str


def build(settings: Settings, calls: Calls) -> Primary:
    from fallback.primaries.shopify.asking import line_to
    from fallback.primaries.shopify.primary import ShopifyPrimary

    return ShopifyPrimary(line_to(settings, calls.deadline), calls)


KIND = Kind("shopify", Settings, build)
