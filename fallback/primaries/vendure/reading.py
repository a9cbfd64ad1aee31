"""Looking for orders in Vendure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fallback.domain.errors import Refused
from fallback.primaries.graphql import shaped
from fallback.primaries.vendure.documents import OF_A_PERSON, OF_A_PHONE, ORDERS
from fallback.primaries.vendure.shapes import VendureOrder

Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]

PAGE_SIZE = 50
# An order in the shop is one that was placed: baskets and drafts have no such time.
PLACED = "orderPlacedAt"


def with_ref(ask: Ask, ref: str) -> VendureOrder | None:
    """Ours, unless it is half-made: then it is not there yet."""
    found = _orders(ask(ORDERS, {"options": {"filter": {"fallbackRef": {"eq": ref}}}})["orders"])
    return next((order for order in found if not order.half_made), None)


def of_a_cart(ask: Ask, cart_id: str, since: datetime) -> list[VendureOrder]:
    """Ours by the cart's id, the shop's own by its code, which is that id."""
    either = {"_or": [{"fallbackCart": {"eq": cart_id}}, {"code": {"eq": cart_id}}]}
    both = {"_and": [either, _placed_after(since)]}
    return _orders(ask(ORDERS, {"options": {"filter": both}})["orders"])


def of_a_person(ask: Ask, email: str, since: datetime) -> list[VendureOrder]:
    """`contains` is the one comparison of Vendure's that does not see letter case, so the rest is compared here."""
    variables = {
        "customers": {"filter": {"emailAddress": {"contains": email}}},
        "orders": {"filter": _placed_after(since), "take": PAGE_SIZE},
    }
    found = ask(OF_A_PERSON, variables)["customers"]["items"]
    theirs = [each["orders"] for each in found if each["emailAddress"].casefold() == email.casefold()]
    if any(orders["totalItems"] > PAGE_SIZE for orders in theirs):
        raise Refused("too_many_orders", f"the shop has over {PAGE_SIZE} orders of this person since {since}")
    return [order for orders in theirs for order in _orders(orders)]


def of_a_phone(ask: Ask, phone: str, since: datetime) -> list[VendureOrder]:
    variables = {"phone": phone, "since": since.astimezone(UTC).isoformat()}
    found = shaped(ask(OF_A_PHONE, variables)["fallbackOfPhone"], tuple[VendureOrder, ...])
    if len(found) > PAGE_SIZE:
        raise Refused("too_many_orders", f"the shop has over {PAGE_SIZE} orders with this phone number since {since}")
    return list(found)


def all_since(ask: Ask, since: datetime, turn: Callable[[], None]) -> Iterator[VendureOrder]:
    """Oldest first. What is placed meanwhile comes at the end, so no page moves."""
    seen = 0
    while True:
        turn()
        options = {"filter": _placed_after(since), "sort": {PLACED: "ASC"}, "skip": seen, "take": PAGE_SIZE}
        answer = ask(ORDERS, {"options": options})["orders"]
        page = _orders(answer)
        yield from page
        seen += len(answer["items"])
        if not answer["items"] or seen >= answer["totalItems"]:
            return


def _placed_after(since: datetime) -> dict[str, Any]:
    return {PLACED: {"after": since.astimezone(UTC).isoformat()}}


def _orders(found: Mapping[str, Any]) -> list[VendureOrder]:
    return list(shaped(found["items"], tuple[VendureOrder, ...]))
