"""The problems of a request, as application/problem+json (RFC 9457)."""

from typing import Any

from django.http import JsonResponse

TYPES = "https://fallback-checkout.example/problems/"


class Problem(Exception):
    """An error response. Raised in a transaction, it also rolls the transaction back."""

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
    return Problem(422, "invalid", "This order cannot be placed as it is.", detail)


def not_found(ref: str) -> Problem:
    return Problem(404, "not_found", "This order does not exist.", ref)


def out_of_stock(lines: list[dict[str, Any]]) -> Problem:
    return Problem(409, "out_of_stock", "There is not enough in stock.", lines=lines)


def price_changed(detail: str, **members: Any) -> Problem:
    return Problem(409, "price_changed", "The price has changed.", detail, **members)


def cart_already_ordered(order: dict[str, Any]) -> Problem:
    return Problem(409, "cart_already_ordered", "There is already an order for this cart.", order=order)


def already_shipped(order: dict[str, Any]) -> Problem:
    return Problem(409, "already_shipped", "The order was already shipped.", order=order)


def already_paid(order: dict[str, Any]) -> Problem:
    return Problem(409, "already_paid", "The order is already paid.", order=order)


def cancelled(ref: str) -> Problem:
    return Problem(409, "cancelled", "This order was cancelled and is not accepted any more.", ref)


def outdated(order: dict[str, Any]) -> Problem:
    return Problem(409, "outdated", "A newer change of this order was already made.", order=order)
