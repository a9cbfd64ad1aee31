"""The port Primary over Shopify's Admin GraphQL API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from time import sleep
from typing import Any

from msgspec.structs import replace

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, Refused
from fallback.domain.order.order import Order
from fallback.domain.order.reporting import report_number
from fallback.domain.placement.matching import CANCELLED, SHIPPED, Cancellation, PrimaryOrder
from fallback.domain.placement.primary import NOT_FOUND, OUTDATED, Duplicates, Health, Primary
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.graphql import Documents, shaped
from fallback.primaries.pages import Page, all_on, each_on, pages
from fallback.primaries.shopify.asking import ask_shopify
from fallback.primaries.shopify.bodies import cart_tag, order_input, payment_fields
from fallback.primaries.shopify.documents import (
    CANCEL,
    HEALTH,
    MARK_AS_PAID,
    MORE_LINES,
    NOTE_PAYMENT,
    ORDERS,
    PLACE,
    VARIANTS,
    WITH_REF,
)
from fallback.primaries.shopify.shapes import Lines, Problem, ShopifyOrder, words
from fallback.primaries.transport import Transport

# `keyed`: the metafield with our ref is unique, the cart is not.
CAN = frozenset({"cancel", "slots", "payments", "honours_prices"})
SCOPES = frozenset({"read_orders", "write_orders", "read_products"})
# A query may cost 1,000 points, and a line costs four.
PAGE_SIZE, LINES_IN_A_PAGE, LINES_AT_ONCE = 10, 20, 100
MOST_PAGES = 100
SKUS_AT_ONCE, MOST_VARIANTS = 40, 250
# Seconds before each look whether a cancellation, which Shopify carries out later, has been carried out.
PAUSES = (0.0, 0.5, 1.0, 2.0)


class ShopifyPrimary(Primary):
    """Threads share one instance. An order is placed by one call."""

    def __init__(self, transport: Transport, calls: Calls, pauses: Sequence[float] = PAUSES) -> None:
        self._transport = transport
        self._calls = calls
        self._shop = Documents(self._ask, calls)
        self._pauses = pauses

    @property
    def available(self) -> bool:
        return self._calls.available

    def health(self) -> Health:
        answer = self._shop.read(HEALTH, {})
        missing = SCOPES - {scope["handle"] for scope in answer["currentAppInstallation"]["accessScopes"]}
        # Who may write orders may read them, so Shopify does not always name both.
        missing -= {"read_orders"} if "write_orders" not in missing else set()
        if missing:
            raise NotAuthorized(f"the app lacks the access scopes {', '.join(sorted(missing))}")
        definition = answer["metafieldDefinition"]
        if definition is None or definition["type"]["name"] != "id":
            raise NotAuthorized("the shop has no metafield definition fallback.ref of type id for orders")
        return Health(Duplicates.KEYED, CAN)

    def find(self, ref: str) -> PrimaryOrder | None:
        there = _with_ref(self._shop, ref)
        return there.as_told() if there else None

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        """By Shopify's search, which takes a moment to know a new order, and ignores letter case.

        All pages within one deadline.
        """
        either = [f"tag:{quoted(cart_tag(cart_id))}", f"cart_token:{quoted(cart_id)}"]
        if email:
            either.append(f"email:{quoted(email)}")
        until, query = self._calls.answered_by(), f"{_placed_after(since)} AND ({' OR '.join(either)})"
        found = all_on(pages(lambda after: self._page(query, after, until)), MOST_PAGES)
        # A search matches words, so it finds more than what was asked for.
        return [order for order in found if _concerns(order, cart_id, email)]

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        return each_on(pages(lambda after: self._page(_placed_after(since), after), turn))

    def _page(self, query: str, after: str | None, until: float | None = None) -> Page:
        asked = {"query": query, "after": after, "first": PAGE_SIZE, "lines": LINES_IN_A_PAGE}
        answer = self._shop.read(ORDERS, asked, until)["orders"]
        orders = [_whole(self._shop, order, until).as_told() for order in shaped(answer["nodes"], list[ShopifyOrder])]
        return Page(orders, answer["pageInfo"]["endCursor"] if answer["pageInfo"]["hasNextPage"] else None)

    def place(self, order: Order) -> PrimaryOrder:
        """A refusal may mean that an earlier call of ours came in between: its ref is unique."""
        saga = self._saga()
        there = _with_ref(saga, order.ref)
        if there is None:
            body = order_input(order, self._variants(saga, order), datetime.now(UTC))
            answer = saga.write(PLACE, {"order": body, "lines": LINES_AT_ONCE})["orderCreate"]
            problems = shaped(answer["userErrors"], tuple[Problem, ...])
            if answer["order"] and not problems:
                there = _whole(saga, shaped(answer["order"], ShopifyOrder))
            else:
                there = _with_ref(saga, order.ref)
            if there is None:
                raise _refusal(order, problems)
        return there.as_told()

    def _variants(self, saga: Documents, order: Order) -> dict[str, str]:
        """The variants' ids by their SKUs, which Shopify does not keep unique."""
        skus = list(dict.fromkeys(line.sku for line in order.lines))
        found: dict[str, str] = {}
        for start in range(0, len(skus), SKUS_AT_ONCE):
            some = skus[start : start + SKUS_AT_ONCE]
            query = " OR ".join(f"sku:{quoted(sku)}" for sku in some)
            answer = saga.read(VARIANTS, {"query": query, "first": MOST_VARIANTS})
            if answer["shop"]["currencyCode"] != order.currency:
                raise Refused("invalid", f"the shop's currency is {answer['shop']['currencyCode']}")
            for sku in some:
                ids = [node["id"] for node in answer["productVariants"]["nodes"] if node["sku"] == sku]
                if len(ids) != 1:
                    raise Refused("invalid", f"{sku}: {len(ids)} variants of the shop have this SKU")
                found[sku] = ids[0]
        return found

    def cancel(self, ref: str) -> Cancellation:
        """Again: the same. Raises Refused('not_found') for a ref that is not there: Shopify keeps no tombstones."""
        saga = self._saga()
        there = _with_ref(saga, ref)
        if there is None:
            raise Refused(NOT_FOUND, ref)
        if there.status == SHIPPED:
            raise Refused("already_shipped", ref)
        if there.status != CANCELLED:
            answer = saga.write(CANCEL, {"id": there.id, "note": f"Cancelled by Fallback Checkout: {ref}"})
            problems = shaped(answer["orderCancel"]["orderCancelUserErrors"], tuple[Problem, ...])
            there = self._once_cancelled(saga, ref, problems)
        return Cancellation(ref, CANCELLED, there.name)

    def _once_cancelled(self, saga: Documents, ref: str, problems: tuple[Problem, ...]) -> ShopifyOrder:
        """Shopify cancels in a job of its own. After a refusal one look is enough: another call of ours may have."""
        for pause in self._pauses[:1] if problems else self._pauses:
            sleep(pause)
            there = _with_ref(saga, ref)
            if there and there.status == CANCELLED:
                return there
            if there and there.status == SHIPPED:
                raise Refused("already_shipped", ref)
        if problems:
            raise Refused("not_cancelled", words(problems))
        raise OutcomeUnknown("the shop has begun to cancel the order and has not ended yet")

    def payment_changed(self, order: Order) -> None:
        """What was captured whole is marked as paid; the state and its number stand in metafields."""
        saga = self._saga()
        there = _with_ref(saga, order.ref)
        if there is None:
            return
        if there.report and report_number(order) < int(there.report.value):
            raise Refused(OUTDATED, f"report {there.report.value} came before")
        payment = order.payment
        if payment.captured >= payment.amount > 0 and there.display_financial_status == "AUTHORIZED":
            _succeeded(saga.write(MARK_AS_PAID, {"id": there.id})["orderMarkAsPaid"])
        fields = payment_fields(there.id, order)
        _succeeded(saga.write(NOTE_PAYMENT, {"fields": fields})["metafieldsSet"])

    def _saga(self) -> Documents:
        return Documents(self._ask, Saga(self._calls))

    def _ask(self, document: str, variables: Mapping[str, Any], within: float | None) -> dict[str, Any]:
        return ask_shopify(self._transport, document, variables, within)


def _with_ref(shop: Documents, ref: str) -> ShopifyOrder | None:
    found = shop.read(WITH_REF, {"ref": ref, "lines": LINES_AT_ONCE})["orderByIdentifier"]
    return _whole(shop, shaped(found, ShopifyOrder)) if found else None


def _whole(shop: Documents, order: ShopifyOrder, until: float | None = None) -> ShopifyOrder:
    """The order with all of its lines: a list has the first ones only."""
    lines = order.line_items
    while lines.page_info.has_next_page:
        asked = {"id": order.id, "after": lines.page_info.end_cursor, "lines": LINES_AT_ONCE}
        more = shaped(shop.read(MORE_LINES, asked, until)["order"]["lineItems"], Lines)
        lines = replace(more, nodes=lines.nodes + more.nodes)
    return replace(order, line_items=lines)


def _succeeded(answer: Any) -> None:
    problems = shaped(answer["userErrors"], tuple[Problem, ...])
    if problems:
        raise Refused((problems[0].code or "invalid").lower(), words(problems))


def _placed_after(since: datetime) -> str:
    return f"created_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"


def quoted(term: str) -> str:
    """A term of Shopify's search syntax that is no more than a term, whatever is in it."""
    escaped = term.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _concerns(order: PrimaryOrder, cart_id: str, email: str | None) -> bool:
    return order.cart_id == cart_id or bool(email and order.email and order.email.casefold() == email.casefold())


def _refusal(order: Order, problems: tuple[Problem, ...]) -> Refused:
    """The place of a line stands in the error's field: ['order', 'lineItems', '0']. Without one, each may be meant."""
    short = [problem.field or () for problem in problems if problem.code == "INVENTORY_CLAIM_FAILED"]
    if not short:
        return Refused("invalid", words(problems))
    places = {int(part) for field in short for part in field if part.isdigit()}
    named = [line.sku for place, line in enumerate(order.lines) if place in places]
    return Refused("out_of_stock", ", ".join(named or [line.sku for line in order.lines]))
