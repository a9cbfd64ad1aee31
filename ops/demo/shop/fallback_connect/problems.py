"""What can be wrong with a request, as application/problem+json (RFC 9457)."""

from typing import Any

from django.http import JsonResponse

TYPES = "https://fallback-checkout.example/problems/"


class Problem(Exception):
    """An answer that is not a success. Raised inside a transaction it also undoes what was begun."""

    def __init__(self, status: int, code: str, title: str, detail: str = "", **members: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = {
            "type": TYPES + code,
            "code": code,
            "title": title,
            "status": status,
            "detail": detail,
            **members,
        }

    def response(self) -> JsonResponse:
        return JsonResponse(self.body, status=self.status, content_type="application/problem+json")


def invalid(detail: str) -> Problem:
    return Problem(422, "invalid", "This order can never be placed as it is.", detail)


def not_found(ref: str) -> Problem:
    return Problem(404, "not_found", "There is no such order.", ref)


def out_of_stock(lines: list[dict[str, Any]]) -> Problem:
    return Problem(409, "out_of_stock", "There is not enough in stock.", lines=lines)


def price_changed(detail: str, **members: Any) -> Problem:
    return Problem(409, "price_changed", "The price is not what it was.", detail, **members)


def cart_already_ordered(order: dict[str, Any]) -> Problem:
    return Problem(409, "cart_already_ordered", "There is an order for this cart.", order=order)


def already_shipped(order: dict[str, Any]) -> Problem:
    return Problem(409, "already_shipped", "The order has left the house.", order=order)


def already_paid(order: dict[str, Any]) -> Problem:
    return Problem(409, "already_paid", "The order is paid.", order=order)


def cancelled(ref: str) -> Problem:
    return Problem(409, "cancelled", "This order was cancelled, and is not taken any more.", ref)


def outdated(order: dict[str, Any]) -> Problem:
    return Problem(409, "outdated", "A later change of this order came before.", order=order)
