"""A customer as shops have them."""

from __future__ import annotations

from fallback.domain.errors import Refused
from fallback.domain.order.order import Customer, Order


def known_customer(order: Order) -> Customer:
    if order.customer is None:
        raise Refused("customer_erased", "The customer's data was erased, so nothing about them can be sent any more.")
    return order.customer


def two_names(name: str) -> tuple[str, str]:
    """We have one name for a person, most shops have two: the last word is the family's."""
    first, _, last = name.rpartition(" ")
    return first, last


def one_name(first: str | None, last: str | None) -> str:
    return " ".join(filter(None, (first, last)))
