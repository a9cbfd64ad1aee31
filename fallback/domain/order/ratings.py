"""What helped her, in three parts: one figure each, which she may change; no words."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Part(StrEnum):
    """`help`: how she was helped. `product`: what she bought. `policy`: the rules that she was treated by."""

    HELP = "help"
    PRODUCT = "product"
    POLICY = "policy"


class Rated(Struct, frozen=True, omit_defaults=True):
    """For each Part whether it was good, 1 or 0; None: she has not said."""

    help: int | None = None
    product: int | None = None
    policy: int | None = None
