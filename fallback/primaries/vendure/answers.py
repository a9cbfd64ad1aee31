"""Answers of Vendure's mutations: an order, or one of the schema's ErrorResults, or a refusal of the plugin."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.primaries.vendure.shapes import VendureOrder

Shape = TypeVar("Shape")


class Answer(Struct, frozen=True):
    """Of the plugin. `order`: the order, or the one that is in its way."""

    refusal: str | None = None
    detail: str | None = None
    order: VendureOrder | None = None


def shaped(found: object, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(found, shape)
    except msgspec.ValidationError as error:
        raise OutcomeUnknown(f"the shop's answer is not what its schema says: {error}") from error


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
