"""The port Primary over Saleor's GraphQL API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.order.reporting import report_number
from fallback.domain.placement.matching import CANCELLED, SHIPPED, Cancellation, PrimaryOrder
from fallback.domain.placement.primary import NOT_FOUND, OUTDATED, Duplicates, Health, Primary
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.graphql import Documents, Failed, ask, shaped
from fallback.primaries.pages import PAGE_SIZE, Page, all_on, each_on, pages
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
from fallback.primaries.saleor.shapes import BulkAnswer, BulkError, Changed, Problem, SaleorOrder, Variant
from fallback.primaries.transport import Transport

if TYPE_CHECKING:
    from fallback.primaries.saleor import Settings

# `keyed`: the external reference is unique, the cart is not. Lines of an order that is confirmed cannot be changed.
CAN = frozenset({"cancel", "slots", "payments", "honours_prices"})
MOST_VARIANTS = 100
PERMISSIONS = frozenset({"MANAGE_ORDERS", "MANAGE_ORDERS_IMPORT", "HANDLE_PAYMENTS"})
NO_PERMISSION = frozenset({"PermissionDenied", "InvalidTokenError", "ExpiredSignatureError"})


def line_to(settings: Settings, deadline: float) -> Transport:
    url = f"{settings.primary_url.rstrip('/')}/graphql/"
    return Transport(url, {"Authorization": f"Bearer {settings.primary_token}"}, deadline)


class SaleorPrimary(Primary):
    """Threads share one instance. An order is placed by one call, which Saleor carries out in one transaction."""

    def __init__(self, transport: Transport, calls: Calls, settings: Settings) -> None:
        self._transport = transport
        self._calls = calls
        self._shop = Documents(self._ask, calls)
        self._settings = settings

    @property
    def available(self) -> bool:
        return self._calls.available

    def health(self) -> Health:
        answer = self._shop.read(HEALTH, {"channel": self._settings.primary_channel})
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
        there = _with_ref(self._shop, ref)
        return there.as_told() if there else None

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        """All pages within one deadline. Saleor compares e-mail addresses by letter case, and keeps lower case."""
        of_the_cart = [{"metadata": {"key": "fallback_cart", "value": {"eq": cart_id}}}]
        if _is_checkout(cart_id):
            of_the_cart.append({"checkoutId": {"eq": cart_id}})
        of_the_person = [{"userEmail": {"oneOf": sorted({email, email.lower()})}}] if email else []
        until = self._calls.answered_by()
        narrow = {"AND": [{"OR": [*of_the_cart, *of_the_person]}, _placed_after(since)]}
        return all_on(pages(lambda after: self._page(narrow, after, until)))

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        return each_on(pages(lambda after: self._page(_placed_after(since), after), turn))

    def _page(self, where: Mapping[str, Any], after: str | None, until: float | None = None) -> Page:
        answer = self._shop.read(ORDERS, {"where": where, "after": after, "first": PAGE_SIZE}, until)["orders"]
        orders = shaped([edge["node"] for edge in answer["edges"]], tuple[SaleorOrder, ...])
        more = answer["pageInfo"]["hasNextPage"]
        told = [order.as_told() for order in orders if order.status != "DRAFT"]
        return Page(told, answer["pageInfo"]["endCursor"] if more else None)

    def place(self, order: Order) -> PrimaryOrder:
        """Saleor's database says whether an order with this ref is there; then that is the answer."""
        saga = self._saga()
        try:
            there = self._placed(saga, order)
        except Refused:
            arrived = _with_ref(saga, order.ref)
            if arrived is None:
                raise
            there = arrived
        return there.as_told()

    def _variants(self, saga: Documents, order: Order) -> dict[str, str]:
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

    def _named(self, saga: Documents, skus: Sequence[str]) -> tuple[Variant, ...]:
        answer = saga.read(VARIANTS, {"skus": skus, "first": MOST_VARIANTS})["productVariants"]
        return shaped([edge["node"] for edge in answer["edges"]], tuple[Variant, ...])

    def _placed(self, saga: Documents, order: Order) -> SaleorOrder:
        body = order_input(order, self._variants(saga, order), self._settings, datetime.now(UTC))
        bulk = shaped(saga.write(PLACE, {"order": body})["orderBulkCreate"], BulkAnswer)
        made = next((each.order for each in bulk.results if each.order), None)
        if made:
            return made
        errors = [error for each in bulk.results for error in each.errors or ()] or list(bulk.errors)
        if order.customer and order.customer.account and any((error.path or "").startswith("user") for error in errors):
            # The account is no more: its order is that of whoever has the e-mail address, or a guest's.
            return self._placed(saga, replace(order, customer=replace(order.customer, account=None)))
        raise _refusal(errors)

    def cancel(self, ref: str) -> Cancellation:
        """Again: the same. Raises Refused('not_found') for a ref that is not there: Saleor keeps no tombstones."""
        saga = self._saga()
        there = _with_ref(saga, ref)
        if there is None:
            raise Refused(NOT_FOUND, ref)
        if there.as_told().status != CANCELLED:
            answer = shaped(saga.write(CANCEL, {"id": there.id})["orderCancel"], Changed)
            there = self._after(saga, ref, answer)
        return Cancellation(ref, there.as_told().status, there.number)

    def _after(self, saga: Documents, ref: str, answer: Changed) -> SaleorOrder:
        """What is not cancelled may have been, by another call of ours, or has left the house."""
        if not answer.errors and answer.order:
            return answer.order
        there = _with_ref(saga, ref)
        status = there.as_told().status if there else ""
        if there and status == CANCELLED:
            return there
        raise Refused("already_shipped" if status == SHIPPED else "not_cancelled", _words(answer.errors))

    def payment_changed(self, order: Order) -> None:
        """The transaction that was made with the order has the whole state; its number stands beside the order."""
        saga = self._saga()
        there = _with_ref(saga, order.ref)
        if there is None:
            return
        number = report_number(order)
        if number < int(there.report or 0):
            raise Refused(OUTDATED, f"report {there.report} came before")
        for transaction in there.transactions:
            if transaction.psp_reference == order.payment.intent:
                body = {"id": transaction.id, "transaction": transaction_input(order)}
                _succeeded(saga.write(TELL_PAYMENT, body)["transactionUpdate"])
        note = {"id": there.id, "number": str(number)}
        _succeeded(saga.write(NOTE_REPORT, note)["updatePrivateMetadata"])

    def _saga(self) -> Documents:
        return Documents(self._ask, Saga(self._calls))

    def _ask(self, document: str, variables: Mapping[str, Any], within: float | None) -> dict[str, Any]:
        try:
            return ask(self._transport, document, variables, within).fields
        except Failed as failed:
            raise _understood(failed) from failed


def _with_ref(shop: Documents, ref: str) -> SaleorOrder | None:
    found = shop.read(WITH_REF, {"ref": ref})["order"]
    order = shaped(found, SaleorOrder) if found else None
    return order if order and order.cart is not None else None


def _placed_after(since: datetime) -> dict[str, Any]:
    return {"createdAt": {"gte": since.astimezone(UTC).isoformat()}}


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


def _succeeded(answer: Any) -> None:
    errors = shaped(answer["errors"], tuple[Problem, ...])
    if errors:
        raise Refused(errors[0].code.lower(), _words(errors))


def _words(errors: tuple[Problem, ...]) -> str:
    return "; ".join(error.message for error in errors)


def _is_checkout(cart_id: str) -> bool:
    """A global id of a checkout: 'Q2hlY2tvdXQ6' is 'Checkout:' in base64."""
    return cart_id.startswith("Q2hlY2tvdXQ6")
