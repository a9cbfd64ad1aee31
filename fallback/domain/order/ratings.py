"""The customer's rating of the help, in three parts: one figure each, which they may change; no words."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Part(StrEnum):
    """`help`: the help itself. `product`: what was bought. `policy`: the rules that applied."""

    HELP = "help"
    PRODUCT = "product"
    POLICY = "policy"


class Rated(Struct, frozen=True, omit_defaults=True):
    """Whether each part was good, 1 or 0; None: not rated."""

    help: int | None = None
    product: int | None = None
    policy: int | None = None
