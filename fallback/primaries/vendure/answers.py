"""Answers of Vendure's mutations: an order, or one of the schema's ErrorResults, or a refusal of the plugin."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.primaries.vendure.shapes import VendureOrder


class Answer(Struct, frozen=True):
    """Of the plugin. `order`: the order, or the one that is in its way."""

    refusal: str | None = None
    detail: str | None = None
    order: VendureOrder | None = None


def succeeded(result: dict[str, Any] | None) -> dict[str, Any]:
    """Raises Refused with Vendure's own code, in lower case, for an ErrorResult."""
    if result is None:
        raise OutcomeUnknown("the shop answers nothing")
    if code := result.get("errorCode"):
        message = result.get("transitionError") or result.get("message", "")
        raise Refused(_word(code), message)
    return result


def _word(code: str) -> str:
    return "out_of_stock" if code == "INSUFFICIENT_STOCK_ERROR" else code.lower()
