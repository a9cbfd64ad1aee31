"""What the check looks at besides the port where a shop serves our contract: the words of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec.json import Decoder
from msgspec.structs import replace

from fallback.domain.order.order import Order
from fallback.domain.placement.matching import PrimaryOrder
from fallback.primaries.check.kit import ERRORS, Check
from fallback.primaries.check.listing import NO_ID
from fallback.primaries.check.visit import Broken, NotTried, Visit, expect, expect_agreed, missing_in
from fallback.primaries.http.answers import (
    PROBLEM_JSON,
    READ_ORDER,
    READ_PAGE,
    READ_PROBLEM,
    PrimaryProblem,
    may_be_no_route,
)
from fallback.primaries.http.bodies import amendment_body, order_body
from fallback.primaries.http.primary import line_to
from fallback.primaries.transport import NOT_AS_AGREED, HttpAnswer

T = TypeVar("T")
MOST_PAGES = 20
# What each order in an answer has. Others may be left out: 'phone', 'paid', 'shipping_address' and its 'company', …
FIELDS = ("id", "number", "ref", "cart_id", "currency", "lines", "delivery", "total", "status", "placed_at", "email")
ADDRESS_FIELDS = ("name", "line1", "line2", "city", "postal_code", "region", "country")


class WireChecks:
    def __init__(self, url: str, token: str, deadline: float) -> None:
        self._shop = line_to(url, token, deadline)
        self._stranger = line_to(url, f"not-{token}", deadline)

    def all(self) -> Sequence[Check]:
        return (
            Check(
                ERRORS,
                self.errors,
                "Answer application/problem+json with a code: a bare 404 says nothing.",
                (),
            ),
            Check(
                "wrong token",
                self.wrong_token,
                "Compare the bearer token before anything else, on every path.",
                (ERRORS,),
            ),
            Check("201, then 200", self.created_once, "PUT of a new ref answers 201, of one that you have 200."),
            Check(
                "not an order", self.no_order, "Check the body; answer 422 with application/problem+json.", (ERRORS,)
            ),
            Check("every field", self.every_field, "Answer each field of the contract, null where there is nothing."),
            Check(
                "total adds up", self.total_adds_up, "Refuse a total that is not that of lines, discounts and delivery."
            ),
            Check("page by page", self.page_by_page, "Obey email and limit; 'next' is what to pass as after."),
        )

    def wrong_token(self, visit: Visit) -> str:
        for what in ("health", "orders", _path(visit.order)):
            _problem(self._stranger.send("GET", what), 401)
        return "401 for health, the list and an order"

    def errors(self, _: Visit) -> str:
        return f"404 {_problem(self._shop.send('GET', f'orders/{NO_ID}'), 404, 'not_found').code}"

    def created_once(self, visit: Visit) -> str:
        order = visit.new_order()
        visit.made.append(order)
        for status in (201, 200):
            _said(self._put(_path(order), msgspec.json.encode(order_body(order))), status, READ_ORDER)
        return "201 for a new ref, 200 for the same again"

    def no_order(self, visit: Visit) -> str:
        answer = self._put(_path(visit.new_order()), b'{"lines": "none"}')
        expect(answer.status in (400, 422), f"{answer.status} instead of 422")
        return f"{answer.status} {_problem(answer, answer.status).code}"

    def every_field(self, visit: Visit) -> str:
        order = visit.new_order()
        assert order.customer
        address = replace(order.customer.address, line2="Second floor", region="Checkshire")
        order = replace(order, customer=replace(order.customer, address=address))
        visit.place(order)
        answer = self._shop.send("GET", _path(order))
        read = _said(answer, 200, READ_ORDER)
        there = msgspec.json.decode(answer.body)
        where = there.get("shipping_address")
        missing = [name for name in FIELDS if name not in there]
        missing += [f"shipping_address.{name}" for name in ADDRESS_FIELDS if where and name not in where]
        expect(not missing, f"not in the answer: {', '.join(missing)}")
        expect_agreed(order, read)
        return "in the answer, with the address in full" if where else "in the answer, but not the address"

    def total_adds_up(self, visit: Visit) -> str:
        """Whoever takes it would send what was not paid for, or be paid for what is not sent."""
        order, change = visit.new_order(), visit.change(visit.order)
        visit.made.append(order)
        _not_taken(self._put(_path(order), _with_another_total(order, order_body(order))))
        if "amend" not in visit.health.can:
            return "an order with another total is refused"
        before = visit.primary.read(change.ref)
        answer = self._shop.send("PATCH", _path(change), _with_another_total(change, amendment_body(change)))
        if may_be_no_route(answer):
            return "an order with another total is refused; a change is not served"
        _not_taken(answer)
        expect(visit.primary.read(change.ref) == before, "a change was refused and changes something")
        return "an order and a change with another total are refused"

    def page_by_page(self, visit: Visit) -> str:
        """A list with one order on each page is read to its end."""
        query = {"email": visit.email, "since": visit.since.isoformat(), "limit": "1"}
        found, seen = list[PrimaryOrder](), set[str]()
        for _ in range(MOST_PAGES):
            page = _said(self._shop.send("GET", "orders", query=query), 200, READ_PAGE)
            expect(len(page.orders) <= 1, f"{len(page.orders)} orders on a page of 1")
            found.extend(page.orders)
            if page.next is None:
                missing = missing_in(visit, found)
                expect(not missing, f"'next' is null on page {len(found)}, and {', '.join(missing)} was on none")
                expect(len({order.id for order in found}) == len(found), "an order came on two pages")
                return f"{len(found)} orders of one customer on pages of one"
            expect(page.next not in seen, f"'next' is {page.next} twice")
            seen.add(page.next)
            query["after"] = page.next
        raise NotTried(f"the list has more than {MOST_PAGES} pages; run the check where few orders come in")

    def _put(self, path: str, body: bytes) -> HttpAnswer:
        return self._shop.send("PUT", path, body)


def _path(order: Order) -> str:
    return f"orders/{order.ref}"


def _with_another_total(order: Order, body: dict[str, Any]) -> bytes:
    return msgspec.json.encode(body | {"total": order.payment.amount + 1})


def _not_taken(answer: HttpAnswer) -> None:
    expect(answer.status not in (200, 201), "a total is taken that the lines and the delivery do not make")
    _problem(answer, answer.status)


def _said(answer: HttpAnswer, status: int, shape: Decoder[T]) -> T:
    expect(answer.status == status, f"{answer.status} instead of {status}{_words(answer)}")
    expect(answer.media_type == "application/json", f"'{answer.media_type}' instead of application/json")
    return _decoded(answer, shape.decode)


def _problem(answer: HttpAnswer, status: int, code: str | None = None) -> PrimaryProblem:
    expect(answer.status == status, f"{answer.status} instead of {status}{_words(answer)}")
    expect(answer.media_type == PROBLEM_JSON, f"{status} with '{answer.media_type}' instead of {PROBLEM_JSON}")
    found = _decoded(answer, READ_PROBLEM.decode)
    expect(code in (None, found.code), f"{status} with code '{found.code}' instead of '{code}'")
    return found


def _decoded(answer: HttpAnswer, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(answer.body)
    except NOT_AS_AGREED as error:
        raise Broken(f"the body of {answer.status} is not what the contract says: {error}") from error


def _words(answer: HttpAnswer) -> str:
    """What the shop says about it, for the person who reads the check's output."""
    try:
        found = READ_PROBLEM.decode(answer.body)
    except NOT_AS_AGREED:
        return ""
    return f" ({': '.join(filter(None, [found.code, found.detail or found.title]))})"
