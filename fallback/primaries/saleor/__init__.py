"""Saleor, over its GraphQL API, with the token of an app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from fallback.domain.placement.primary import Primary
from fallback.primaries.kind import Kind

if TYPE_CHECKING:
    from fallback.primaries.calls import Calls


class Settings(Struct, frozen=True, kw_only=True):
    """`primary_token`: of an app that may manage orders, payments and checkouts. `primary_channel`: a channel's slug.

    `primary_warehouse`: the id of the warehouse that the lines belong to. `primary_tax_class`: the id of a tax class,
    which Saleor wants with each line; the prices are as agreed, whatever its rate.
    """

    primary_url: str
    primary_token: str
    primary_channel: str
    primary_warehouse: str
    primary_tax_class: str


def build(settings: Settings, calls: Calls) -> Primary:
    from fallback.primaries.saleor.primary import SaleorPrimary, line_to

    return SaleorPrimary(line_to(settings, calls.deadline), calls, settings)


KIND = Kind("saleor", Settings, build)
