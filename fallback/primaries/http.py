"""The documented contract for a shop with its own code (ops/docs/reference/primary-contract.md), spoken by our side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.json import Decoder
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay, wait_random

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import Cancellation, PrimaryOrder, Quote
from fallback.domain.placement.primary import AGREED, NO_SUCH_ROUTE, CartAlreadyOrdered, Duplicates, Health
from fallback.primaries.bodies import amendment_body, order_body
from fallback.primaries.transport import NOT_AS_AGREED, HttpAnswer, Transport
from fallback.runtime.breaker import Breaker
from fallback.runtime.logs import get_logger

T = TypeVar("T")
Ours = TypeVar("Ours", PrimaryOrder, Cancellation)
log = get_logger()

# A read costs the primary little and us an order's turn: a stumble is worth a second look, an outage is not.
READ_TRIES = 3
PAGE_SIZE = 50
# One order that a primary cannot answer for is not an outage; this many calls in a row are.
FAILURES = 5
# A primary that is back should see orders within seconds, and one that is not should see a call each few seconds.
REST = 3.0
# 1,000 orders of one person in a few days: whoever sends more does not narrow the list as we asked.
MOST_PAGES = 20
NOT_FOUND = "not_found"
PROBLEM_JSON = "application/problem+json"
# What web servers and frameworks say of an address or a method that they do not know (RFC 9110, 15.5 and 15.6).
NO_ROUTE = frozenset({404, 405, 501})
# Without these it is no shop, or none that is up.
EVERY_SHOP_HAS = frozenset({"health", "orders"})


class ProblemLine(Struct, frozen=True):
    """What the primary says of one line: how many it has, or what one costs now."""

    sku: str
    available: int | None = None
    unit_price: int | None = None


class PrimaryProblem(Struct, frozen=True):
    """RFC 9457 with the contract's `code`; `order` is the rival of `cart_already_ordered`."""

    code: str
    title: str = ""
    detail: str = ""
    order: PrimaryOrder | None = None
    lines: tuple[ProblemLine, ...] = ()


class HealthAnswer(Struct, frozen=True):
    status: str
    duplicates: Duplicates
    can: frozenset[str] = frozenset()


class Page(Struct, frozen=True):
    """`next` is the cursor to pass as `after`, None on the last page."""

    orders: tuple[PrimaryOrder, ...]
    next: str | None = None


READ_ORDER = Decoder(PrimaryOrder)
READ_CANCELLATION = Decoder(Cancellation)
READ_PAGE = Decoder(Page)
READ_QUOTE = Decoder(Quote)
READ_HEALTH = Decoder(HealthAnswer)
READ_PROBLEM = Decoder(PrimaryProblem)


class HttpPrimary:
    """The port Primary over HTTP. Threads share one instance.

    A read is tried a few times inside its deadline. A write is sent once: after a lost answer the order is looked for
    first, by whoever takes it next.
    """

    def __init__(self, transport: Transport, failures: int = FAILURES) -> None:
        self._transport = transport
        self._breaker = Breaker("the primary", failures, REST, _is_down)

    @property
    def available(self) -> bool:
        """False while the primary is thought down: then one order finds out, and the others need not try."""
        return self._breaker.closed

    def health(self) -> Health:
        answer = self._read("health", READ_HEALTH)
        if answer.status != "ok":
            raise TryAgain(f"the primary says that it is '{answer.status}'")
        return Health(answer.duplicates, answer.can)

    def find(self, ref: str) -> PrimaryOrder | None:
        try:
            return self.read(ref)
        except Refused as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise

    def read(self, ref: str) -> PrimaryOrder:
        """Raises Refused('not_found') when there is no order with this ref."""
        return self._read(_path(ref), READ_ORDER, check=lambda order: _is_ours(order, ref))

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        """All pages within one deadline. Raises Refused('too_many_orders') rather than leave some out."""
        narrow = {"cart_id": cart_id, "since": since.astimezone(UTC).isoformat(), "limit": str(PAGE_SIZE)}
        if email:
            narrow["email"] = email
        if phone:
            narrow["phone"] = phone
        until = monotonic() + self._transport.deadline
        found: list[PrimaryOrder] = []
        for number, page in enumerate(self._pages(narrow, lambda: until), start=1):
            found.extend(page.orders)
            if page.next and number == MOST_PAGES:
                most = PAGE_SIZE * MOST_PAGES
                raise Refused("too_many_orders", f"the primary lists over {most} orders for one purchase")
        return found

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        """Each page has a deadline of its own, and is asked for when the one before was read."""
        everything = {"since": since.astimezone(UTC).isoformat(), "limit": str(PAGE_SIZE)}
        for page in self._pages(everything, turn):
            yield from page.orders

    def _pages(self, query: Mapping[str, str], until: Callable[[], float | None]) -> Iterator[Page]:
        """`until`: by when a page that is asked for now has to be there."""
        after: dict[str, str] = {}
        while True:
            page = self._read("orders", READ_PAGE, query={**query, **after}, until=until())
            yield page
            if page.next is None:
                return
            after = {"after": page.next}

    def place(self, order: Order) -> PrimaryOrder:
        try:
            return self._write("PUT", _path(order.ref), order_body(order), order.ref, READ_ORDER)
        except CartAlreadyOrdered as taken:
            # The cart is ours already: an earlier try of this very order arrived.
            if taken.rival.ref == order.ref:
                return taken.rival
            raise

    def quote(self, order: Order) -> Quote:
        return self._read("quotes", READ_QUOTE, body=msgspec.json.encode(order_body(order)))

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        return self._write("PATCH", _path(order.ref), amendment_body(order, names), order.ref, READ_ORDER)

    def cancel(self, ref: str) -> Cancellation:
        return self._write("POST", f"{_path(ref)}/cancellation", {}, ref, READ_CANCELLATION)

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        return self._write("POST", f"unpaid/{quote(id, safe='')}/cancellation", {}, None, READ_ORDER)

    def _read(
        self,
        path: str,
        shape: Decoder[T],
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        until: float | None = None,
        check: Callable[[T], None] = lambda _: None,
    ) -> T:
        """`body`: of a question that does not fit into an address."""
        method = "GET" if body is None else "POST"
        end = until or monotonic() + self._transport.deadline

        def ask() -> T:
            left = end - monotonic()
            if left <= 0:
                raise TryAgain("the primary did not answer within the deadline")
            answer = self._heard(method, path, self._transport.send(method, path, body, query, left), shape)
            check(answer)
            return answer

        tries = Retrying(
            retry=retry_if_exception_type(OutcomeUnknown),
            stop=stop_after_attempt(READ_TRIES) | stop_before_delay(self._transport.deadline),
            wait=wait_random(0.05, 0.3),
            reraise=True,
        )
        try:
            found: T = tries(self._breaker.call, ask)
        except OutcomeUnknown as lost:
            raise TryAgain(str(lost)) from lost
        return found

    def _write(self, method: str, path: str, body: Mapping[str, Any], ref: str | None, shape: Decoder[Ours]) -> Ours:
        def send() -> Ours:
            answer = self._transport.send(method, path, msgspec.json.encode(body))
            there = self._heard(method, path, answer, shape)
            _is_ours(there, ref)
            return there

        return self._breaker.call(send)

    def _heard(self, method: str, path: str, answer: HttpAnswer, shape: Decoder[T]) -> T:
        """Raises Refused('no_such_route') for an address that the primary does not have.

        A bare 404 proves nothing by itself. From a primary that is well at the same moment it is about the address:
        asking again would never end, and it is no outage. Without its orders it is none of a primary that is well.
        """
        if _may_be_no_route(answer) and path not in EVERY_SHOP_HAS:
            of_an_order = method in ("GET", "PUT")
            if self._is_well() and (not of_an_order or self._lists()):
                raise Refused(NO_SUCH_ROUTE, f"the shop answers {answer.status} to {method} {path}")
        return _understood(answer, shape)

    def _lists(self) -> bool:
        query = {"since": datetime.now(UTC).isoformat(), "limit": "1"}
        return self._says(lambda: _understood(self._transport.send("GET", "orders", None, query), READ_PAGE))

    def _is_well(self) -> bool:
        return self._says(lambda: _understood(self._transport.send("GET", "health"), READ_HEALTH).status == "ok")

    def _says(self, question: Callable[[], object]) -> bool:
        try:
            return question() is not False
        except (TryAgain, OutcomeUnknown, Refused, CartAlreadyOrdered):
            return False


def _path(ref: str) -> str:
    return f"orders/{quote(ref, safe='')}"


def _understood(answer: HttpAnswer, shape: Decoder[T]) -> T:
    """The answer in the contract's words, or the error that it stands for; what is neither proves nothing."""
    if answer.status in (200, 201):
        return _decoded(answer, shape)
    if answer.status in (429, 503):
        raise TryAgain(f"the primary answers {answer.status}", answer.retry_after)
    if answer.status in (401, 403):
        # A wrong token is a fault of the configuration, not of the orders: they wait, and an operator hears of it.
        log.error("primary_does_not_accept_our_token", status=answer.status)
        raise TryAgain(f"the primary does not accept our token ({answer.status})")
    if answer.media_type != PROBLEM_JSON or not 400 <= answer.status < 500:
        raise OutcomeUnknown(
            f"the primary answers {answer.status} {answer.media_type}, which the contract does not know"
        )
    raise _refusal(answer.status, _decoded(answer, READ_PROBLEM))


def _may_be_no_route(answer: HttpAnswer) -> bool:
    return answer.status in NO_ROUTE and answer.media_type != PROBLEM_JSON


def _decoded(answer: HttpAnswer, shape: Decoder[T]) -> T:
    try:
        return shape.decode(answer.body)
    except NOT_AS_AGREED as error:
        raise OutcomeUnknown(f"the primary's {answer.status} is not what the contract says: {error}") from error


def _refusal(status: int, problem: PrimaryProblem) -> Exception:
    if status == 404:
        return Refused(NOT_FOUND, problem.detail)
    if problem.code == "cart_already_ordered":
        return CartAlreadyOrdered(problem.order) if problem.order else OutcomeUnknown("a rival without its order")
    return Refused(problem.code, "; ".join(filter(None, [problem.detail or problem.title, *map(_said, problem.lines)])))


def _said(line: ProblemLine) -> str:
    facts = (("available", line.available), ("now", line.unit_price))
    return f"{line.sku}: " + ", ".join(f"{figure} {word}" for word, figure in facts if figure is not None)


def _is_ours(order: PrimaryOrder | Cancellation, ref: str | None) -> None:
    if order.ref != ref:
        raise OutcomeUnknown(f"the primary answers with order {order.ref}, not with {ref}")


def _is_down(error: Exception) -> bool:
    """A refusal comes from a primary that works."""
    return isinstance(error, TryAgain | OutcomeUnknown)
