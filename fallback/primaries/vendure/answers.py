"""Answers of the plugin's mutations, and of Vendure's own: what was asked for, or why not."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.placement.matching import PrimaryDelivery, PrimaryLine, Quote
from fallback.domain.placement.primary import CartAlreadyOrdered
from fallback.primaries.vendure.session import Overtaken
from fallback.primaries.vendure.shapes import VendureOrder


class Answer(Struct, frozen=True):
    """Of the plugin. `order`: the order, or the one that is in its way."""

    refusal: str | None = None
    detail: str | None = None
    order: VendureOrder | None = None

    def accepted(self) -> VendureOrder | None:
        """Raises what it was refused for."""
        if self.refusal == "cart_already_ordered" and self.order:
            raise CartAlreadyOrdered(self.order.as_told())
        if self.refusal:
            raise Refused(self.refusal, self.detail or "")
        return self.order

    def there(self) -> VendureOrder:
        order = self.accepted()
        if order is None:
            raise Overtaken
        return order


class QuotedLine(Struct, frozen=True, rename="camel"):
    sku: str
    quantity: int
    unit_price: int
    price_now: int | None = None

    def as_told(self) -> PrimaryLine:
        now = None if self.price_now == self.unit_price else self.price_now
        return PrimaryLine(self.sku, self.quantity, self.unit_price, now)


class Figures(Struct, frozen=True):
    currency: str
    total: int
    delivery: str
    lines: tuple[QuotedLine, ...]
    slot: str | None = None


class QuoteAnswer(Answer, frozen=True):
    figures: Figures | None = None

    def as_told(self) -> Quote:
        self.accepted()
        if self.figures is None:
            raise OutcomeUnknown("the shop answers a quote without figures")
        found = self.figures
        lines = tuple(line.as_told() for line in found.lines)
        return Quote(found.currency, lines, PrimaryDelivery(found.delivery, found.slot), found.total)


def succeeded(result: dict[str, Any] | None) -> dict[str, Any]:
    """Raises Refused with Vendure's own code, in lower case, for an ErrorResult."""
    if result is None:
        raise OutcomeUnknown("the shop answers nothing")
    if code := result.get("errorCode"):
        raise Refused(code.lower(), result.get("message", ""))
    return result
