"""The port Primary over Saleor's GraphQL API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED, SHIPPED, Cancellation, PrimaryOrder, Quote
from fallback.domain.placement.primary import AGREED, NO_SUCH_ROUTE, NOT_FOUND, OUTDATED, Duplicates, Health
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.graphql import Failed, ask
from fallback.primaries.saleor.bodies import order_input, transaction_input
from fallback.primaries.saleor.documents import (
    CANCEL,
    HEALTH,
    NOTE_REPORT,
    ORDERS,
    PLACE,
    TELL_PAYMENT,
    VARIANTS,
    WITH_REF,
)
from fallback.primaries.saleor.shapes import BulkAnswer, BulkError, Changed, Problem, SaleorOrder, Variant, shaped
from fallback.primaries.transport import Transport

if TYPE_CHECKING:
    from fallback.primaries.saleor import Settings

# `keyed`: the external reference is unique, the cart is not. Lines of an order that is confirmed cannot be changed.
CAN = frozenset({"cancel", "slots", "payments", "honours_prices"})
PAGE_SIZE = 50
MOST_PAGES = 20
MOST_VARIANTS = 100
PERMISSIONS = frozenset({"MANAGE_ORDERS", "MANAGE_ORDERS_IMPORT", "HANDLE_PAYMENTS"})
NO_PERMISSION = frozenset({"PermissionDenied", "InvalidTokenError", "ExpiredSignatureError"})


def line_to(settings: Settings, deadline: float) -> Transport:
    url = f"{settings.primary_url.rstrip('/')}/graphql/"
    return Transport(url, {"Authorization": f"Bearer {settings.primary_token}"}, deadline)


class SaleorPrimary:
    """Threads share one instance. An order is placed by one call, which Saleor carries out in one transaction."""

    def __init__(self, transport: Transport, calls: Calls, settings: Settings) -> None:
        self._transport = transport
        self._calls = calls
        self._settings = settings

    @property
    def available(self) -> bool:
        return self._calls.available

    def health(self) -> Health:
        answer = self._read(HEALTH, {"channel": self._settings.primary_channel})
        granted = {permission["code"] for permission in (answer["app"] or {}).get("permissions") or ()}
        if PERMISSIONS - granted:
            raise NotAuthorized(f"the shop's app may not: {', '.join(sorted(PERMISSIONS - granted))}")
        channel = answer["channel"]
        if channel is None:
            raise NotAuthorized(f"the shop has no channel '{self._settings.primary_channel}' (PRIMARY_CHANNEL)")
        if not channel["isActive"]:
            raise TryAgain(f"the channel '{self._settings.primary_channel}' is not active")
        return Health(Duplicates.KEYED, CAN)

    def find(self, ref: str) -> PrimaryOrder | None:
        there = self._with_ref(self._read, ref)
        return there.as_told() if there else None

    def read(self, ref: str) -> PrimaryOrder:
        there = self.find(ref)
        if there is None:
            raise Refused(NOT_FOUND, ref)
        return there

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        """All pages within one deadline. Saleor compares e-mail addresses by letter case, and keeps lower case."""
        of_the_cart = [{"metadata": {"key": "fallback_cart", "value": {"eq": cart_id}}}]
        if _is_checkout(cart_id):
            of_the_cart.append({"checkoutId": {"eq": cart_id}})
        of_the_person = [{"userEmail": {"oneOf": sorted({email, email.lower()})}}] if email else []
        until = monotonic() + self._calls.deadline
        found: list[PrimaryOrder] = []
        for number, page in enumerate(self._pages({"OR": [*of_the_cart, *of_the_person]}, since, lambda: until)):
            if number == MOST_PAGES:
                raise Refused("too_many_orders", f"the shop has over {MOST_PAGES * PAGE_SIZE} orders for one purchase")
            found.extend(page)
        return found

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        for page in self._pages({}, since, turn):
            yield from page

    def _pages(
        self, where: Mapping[str, Any], since: datetime, until: Callable[[], float | None]
    ) -> Iterator[list[PrimaryOrder]]:
        """`until`: by when a page that is asked for now has to be there."""
        recent = {"createdAt": {"gte": since.astimezone(UTC).isoformat()}}
        narrow = {"AND": [where, recent]} if where else recent
        after: str | None = None
        while True:
            answer = self._read(ORDERS, {"where": narrow, "after": after, "first": PAGE_SIZE}, until())["orders"]
            orders = shaped([edge["node"] for edge in answer["edges"]], tuple[SaleorOrder, ...])
            yield [order.as_told() for order in orders if order.status != "DRAFT"]
            after = answer["pageInfo"]["endCursor"]
            if not answer["pageInfo"]["hasNextPage"]:
                return

    def place(self, order: Order) -> PrimaryOrder:
        """Saleor's database says whether an order with this ref is there; then that is the answer."""
        saga = Saga(self._calls)
        try:
            there = self._placed(saga, order)
        except Refused:
            arrived = self._with_ref(self._reading(saga), order.ref)
            if arrived is None:
                raise
            there = arrived
        return there.as_told()

    def _variants(self, saga: Saga, order: Order) -> dict[str, str]:
        """Ids by SKU: orderBulkCreate takes a SKU too, but does not find a variant by it (3.24)."""
        wanted: Counter[str] = Counter()
        for line in order.lines:
            wanted[line.sku] += line.quantity
        skus = list(wanted)
        pages = [skus[start : start + MOST_VARIANTS] for start in range(0, len(skus), MOST_VARIANTS)]
        found = {variant.sku: variant for page in pages for variant in self._named(saga, page)}
        unknown = [sku for sku in skus if sku not in found]
        if unknown:
            raise Refused("invalid", f"the shop has no product with the SKU {', '.join(unknown)}")
        short = [sku for sku in skus if not found[sku].has(wanted[sku], self._settings.primary_warehouse)]
        if short:
            raise Refused("out_of_stock", ", ".join(short))
        return {sku: variant.id for sku, variant in found.items()}

    def _named(self, saga: Saga, skus: Sequence[str]) -> tuple[Variant, ...]:
        answer = self._reading(saga)(VARIANTS, {"skus": skus, "first": MOST_VARIANTS})["productVariants"]
        return shaped([edge["node"] for edge in answer["edges"]], tuple[Variant, ...])

    def _placed(self, saga: Saga, order: Order) -> SaleorOrder:
        body = order_input(order, self._variants(saga, order), self._settings, datetime.now(UTC))
        bulk = shaped(self._writing(saga)(PLACE, {"order": body})["orderBulkCreate"], BulkAnswer)
        made = next((each.order for each in bulk.results if each.order), None)
        if made:
            return made
        errors = [error for each in bulk.results for error in each.errors or ()] or list(bulk.errors)
        raise _refusal(errors)

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        raise Refused(NO_SUCH_ROUTE, "Saleor does not change the lines of an order that is placed")

    def quote(self, order: Order) -> Quote:
        raise Refused(NO_SUCH_ROUTE, "Saleor has no quotes")

    def withdrawn(self, order: Order) -> None:
        raise Refused(NO_SUCH_ROUTE, "Saleor is not told of withdrawals: a person is")

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        raise Refused(NO_SUCH_ROUTE, "Saleor keeps what is not paid as a checkout, which is no order")

    def cancel(self, ref: str) -> Cancellation:
        """Again: the same. Raises Refused('not_found') for a ref that is not there: Saleor keeps no tombstones."""
        saga = Saga(self._calls)
        there = self._with_ref(self._reading(saga), ref)
        if there is None:
            raise Refused(NOT_FOUND, ref)
        if there.as_told().status != CANCELLED:
            answer = shaped(self._writing(saga)(CANCEL, {"id": there.id})["orderCancel"], Changed)
            there = self._after(saga, ref, answer)
        return Cancellation(ref, there.as_told().status, there.number)

    def _after(self, saga: Saga, ref: str, answer: Changed) -> SaleorOrder:
        """What is not cancelled may have been, by another call of ours, or has left the house."""
        if not answer.errors and answer.order:
            return answer.order
        there = self._with_ref(self._reading(saga), ref)
        status = there.as_told().status if there else ""
        if there and status == CANCELLED:
            return there
        raise Refused("already_shipped" if status == SHIPPED else "not_cancelled", _words(answer.errors))

    def payment_changed(self, order: Order) -> None:
        """The transaction that was made with the order has the whole state; its number stands beside the order."""
        saga = Saga(self._calls)
        there = self._with_ref(self._reading(saga), order.ref)
        if there is None:
            return
        number = order.placement.report.number if order.placement.report else 0
        if number < int(there.report or 0):
            raise Refused(OUTDATED, f"report {there.report} came before")
        for transaction in there.transactions:
            if transaction.psp_reference == order.payment.intent:
                body = {"id": transaction.id, "transaction": transaction_input(order)}
                self._succeeded(self._writing(saga)(TELL_PAYMENT, body)["transactionUpdate"])
        note = {"id": there.id, "number": str(number)}
        self._succeeded(self._writing(saga)(NOTE_REPORT, note)["updatePrivateMetadata"])

    def _succeeded(self, answer: Any) -> None:
        errors = shaped(answer["errors"], tuple[Problem, ...])
        if errors:
            raise Refused(errors[0].code.lower(), _words(errors))

    def _with_ref(self, read: Callable[..., dict[str, Any]], ref: str) -> SaleorOrder | None:
        found = read(WITH_REF, {"ref": ref})["order"]
        order = shaped(found, SaleorOrder) if found else None
        return order if order and order.cart is not None else None

    def _read(self, document: str, variables: Mapping[str, Any], until: float | None = None) -> dict[str, Any]:
        return self._calls.read(lambda left: self._ask(document, variables, left), until)

    def _reading(self, saga: Saga) -> Callable[..., dict[str, Any]]:
        return lambda document, variables: saga.read(lambda left: self._ask(document, variables, left))

    def _writing(self, saga: Saga) -> Callable[..., dict[str, Any]]:
        return lambda document, variables: saga.write(lambda: self._ask(document, variables))

    def _ask(self, document: str, variables: Mapping[str, Any], within: float | None = None) -> dict[str, Any]:
        try:
            return ask(self._transport, document, variables, within).fields
        except Failed as failed:
            raise _understood(failed) from failed


def _understood(failed: Failed) -> Exception:
    """Saleor names its exception: extensions.exception.code."""
    codes = {str(problem.extensions.get("exception", {}).get("code", "")) for problem in failed.problems}
    if codes & NO_PERMISSION:
        return NotAuthorized(f"the shop's app may not: {failed}")
    if "IntegrityError" in codes:  # of two calls at one moment; the transaction of this one was undone
        return Refused("unique", str(failed))
    if "GraphQLError" in codes:
        return Refused("invalid", str(failed))
    return OutcomeUnknown(f"the shop answers with an error: {failed}")


def _refusal(errors: list[BulkError]) -> Refused:
    return Refused("invalid", "; ".join(f"{error.path}: {error.message}" for error in errors))


def _words(errors: tuple[Problem, ...]) -> str:
    return "; ".join(error.message for error in errors)


def _is_checkout(cart_id: str) -> bool:
    """A global id of a checkout: 'Q2hlY2tvdXQ6' is 'Checkout:' in base64."""
    return cart_id.startswith("Q2hlY2tvdXQ6")
