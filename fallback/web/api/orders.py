"""/v1/orders and /v1/purchases: place an order, look at it, pay, change, cancel it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request
from msgspec import structs

from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import CHANGE_ORDER, CardPayment, PlaceOrder
from fallback.domain.errors import Conflict, NotAllowedNow
from fallback.domain.order.exposure import waits_for_stock
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, Hold
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.order import Customer, Event, Order, PaymentState, PlacementState, Queue
from fallback.domain.order.withdrawal import Withdrawal
from fallback.domain.payment.cards import was_given
from fallback.domain.placement.rivals import question_of
from fallback.domain.placement.unpaid import ends_by
from fallback.domain.support.late import Late
from fallback.usecases.order.cancel_order import cancel_order
from fallback.usecases.order.change_order import change_order
from fallback.usecases.payment.give_card import give_card
from fallback.web.http.answers import (
    First,
    HoldInFull,
    OrderBrief,
    OrderInFull,
    PaymentBrief,
    PaymentInFull,
    PlacementBrief,
    PlacementInFull,
    Purchase,
    Receipt,
    Total,
    WithdrawalInFull,
    WithdrawnInFull,
    respond,
)
from fallback.web.http.auth import Rule, allow, container, has_order_link
from fallback.web.http.idempotency import idempotency_key
from fallback.web.http.limits import limited
from fallback.web.http.pages import unchanged
from fallback.web.http.problems import Problem, answer, or_its_error
from fallback.web.http.strict_json import read_json
from fallback.web.http.voice import Voice
from fallback.web.purchase.bodies import GIVE_CARD, PLACE_ORDER
from fallback.web.purchase.intake import fingerprint, take_order
from fallback.web.purchase.who_was_first import last, what

REPLAYED = ("Idempotency-Replayed", "true")

blueprint = Blueprint("orders_api", __name__, url_prefix="/v1")


@blueprint.post("/orders")
@limited(lambda config: config.fallback_orders_per_minute)
@allow(Rule.PUBLIC)
def place() -> Response:
    key = idempotency_key()
    requested = read_json(PLACE_ORDER)
    order, outcome = take_order(requested, key, fingerprint(request.get_data()))
    match outcome:
        case Accepted():
            response = respond(receipt(container(), order, requested, outcome), 202)
            response.headers.extend([REPLAYED] if outcome.replayed else [])
            return response
        case KeyReused():
            detail = "This Idempotency-Key was already used with another body. Use a new key for a new order."
            raise Problem(422, "idempotency_key_reused", detail)
        case CartTaken(ref):
            raise taken_as(ref)


def taken_as(ref: str) -> Problem:
    """The cart has an order, with this ref."""
    detail, url = f"This cart was already ordered as {ref}.", container().links.order(ref)
    return Problem(409, "cart_already_captured", detail, ref=ref, status_url=url)


@blueprint.get("/orders/<ref>")
@limited(lambda _: 600)
@allow(Rule.PUBLIC)
def show(ref: str) -> Response:
    """The status for anyone who knows the ref; the contents for anyone who has the order's link."""
    order = container().ledger.load(ref)
    full = has_order_link(order.ref)
    return unchanged(_tag(order, full)) or shown(order, full)


@blueprint.patch("/orders/<ref>")
@limited(lambda _: 30)
@allow(Rule.ORDER_LINK)
def change(ref: str) -> Response:
    """If the shop already has the order, it is changed there first: until then `asked_for` lists the change."""
    version, requested = _version_to_change(ref), read_json(CHANGE_ORDER)
    seen = len(container().ledger.timeline(ref))
    try:
        order = change_order(container(), ref, requested, "customer", seen, version=version)
    except (Conflict, Late):
        raise _changed(ref) from None
    container().bells.ring(Queue.PLACEMENT)
    return shown(order, full=True)


@blueprint.post("/orders/<ref>/payment")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def pay(ref: str) -> Response:
    """The same card again, with the same key or none, gets the same response: the order as it is now."""
    key, requested = idempotency_key(needed=False), read_json(GIVE_CARD)
    token = requested.payment.confirmation_token
    replayed = was_given(container().ledger.load(ref).payment, token)
    order = give_card(container(), ref, token, "customer", key)
    container().bells.ring(Queue.PAYMENT)
    response = shown(order, full=True, status=202)
    if replayed:
        response.headers.extend([REPLAYED])
    return response


@blueprint.post("/orders/<ref>/cancellation")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def cancel(ref: str) -> Response:
    order = cancel_order(container(), ref, "customer")
    for queue in (Queue.PAYMENT, Queue.PLACEMENT):
        container().bells.ring(queue)
    return shown(order, full=True, status=202)


@blueprint.get("/purchases/<path:cart_id>")
@allow(Rule.SHOP)
def purchase(cart_id: str) -> Response:
    """Whether we have an order for a cart. The shop asks before it accepts an order for the same cart."""
    ref = container().ledger.ref_of_cart(cart_id)
    if ref is None:
        raise Problem(404, "not_captured", "We have no order for this cart.", cart_id=cart_id, captured=False)
    order = container().ledger.load(ref)
    return respond(Purchase(cart_id, ref, headline(order), container().links.order(ref)))


def _version_to_change(ref: str) -> int:
    """The order's version, once If-Match names it (RFC 9110, 13.1.1). Raises Problem 428 or 412."""
    if "If-Match" not in request.headers:
        raise Problem(428, "if_match_missing", "Send the ETag of the order that you read as If-Match.")
    version = container().ledger.load(ref).version
    if str(version) not in request.if_match:
        raise _changed(ref)
    return version


def _changed(ref: str) -> Problem:
    return too_late(ref, 412, "precondition_failed", "The order has changed since you read it.")


def too_late(ref: str, status: int, code: str, detail: str) -> Problem:
    """A problem that names the last event, who caused it, and the current order, for a client with its link."""
    if not has_order_link(ref):
        return Problem(status, code, detail)
    ledger, voice = container().ledger, Voice("en")
    event, order = last(ledger.timeline(ref)), ledger.load(ref)
    more: dict[str, Any] = {"order": _in_full(order)}
    if event:
        more["first"] = First(event.who, what(event, voice).unescape(), event.at)
        detail = f"{detail} Last event: {more['first'].what} ({event.who})."
    return Problem(status, code, detail, {"ETag": f'"{order.version}"'}, **more)


def register(blueprint: Blueprint) -> None:
    """Each conflict about an order names who acted first and how."""

    def refused(error: NotAllowedNow) -> Response:
        return answer(too_late(_ref(), 409, error.code, str(error)))

    def overtaken(_: Conflict) -> Response:
        return answer(too_late(_ref(), 409, "changed_meanwhile", "Another request changed the order at the same time."))

    blueprint.register_error_handler(NotAllowedNow, or_its_error(refused))
    blueprint.register_error_handler(Conflict, or_its_error(overtaken))


def _ref() -> str:
    ref: str = (request.view_args or {}).get("ref", "")
    return ref


def receipt(built: Container, order: Order, requested: PlaceOrder, accepted: Accepted) -> Receipt:
    by_card = isinstance(requested.payment, CardPayment) and order.total.amount > 0
    return Receipt(
        ref=accepted.ref,
        payment=PaymentBrief(PaymentState.PENDING if by_card else PaymentState.NONE),
        placement=PlacementBrief(PlacementState.WAITING),
        total=Total(order.total.amount, order.total.currency),
        status_url=built.links.order(accepted.ref),
        received_at=accepted.received_at,
    )


def shown(order: Order, full: bool, status: int = 200, timeline: Sequence[Event] | None = None) -> Response:
    """`timeline`: that of an order which the ledger does not have."""
    response = respond(_in_full(order, timeline) if full else _in_brief(order), status)
    response.headers["ETag"] = f'"{_tag(order, full)}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _tag(order: Order, full: bool) -> str:
    """The brief and the full representation have different tags (RFC 9110, 8.8.3)."""
    return str(order.version) if full else f"{order.version}-brief"


def _in_brief(order: Order) -> OrderBrief:
    return OrderBrief(
        ref=order.ref,
        status=headline(order),
        payment=PaymentBrief(order.payment.state),
        placement=PlacementBrief(order.placement.state),
        total=Total(order.total.amount, order.total.currency),
        received_at=order.received_at,
    )


def _in_full(order: Order, timeline: Sequence[Event] | None = None) -> OrderInFull:
    payment, placement = order.payment, order.placement
    happened = container().ledger.timeline(order.ref) if timeline is None else timeline
    return OrderInFull(
        ref=order.ref,
        status=headline(order),
        payment=PaymentInFull(
            state=payment.state,
            authorized=payment.authorized,
            captured=payment.captured,
            refunded=payment.refunded,
            decline=payment.decline,
            pay_by=ends_by(order, happened, container().unpaid_for),
            next_action_url=payment.next_action_url,
        ),
        placement=PlacementInFull(placement.state, placement.number),
        total=Total(order.total.amount, order.total.currency),
        received_at=order.received_at,
        status_url=container().links.order(order.ref),
        holds=tuple(HoldInFull(hold.code, hold.next_word_by, _about(hold)) for hold in order.holds),
        lines=order.lines,
        delivery=order.delivery,
        customer=_without_said(order.customer),
        late=waits_for_stock(order),
        asked_for=order.amendment.what if order.amendment else None,
        withdrawal=_withdrawal(order.withdrawal),
    )


def _about(hold: Hold) -> str | None:
    return question_of(hold) if hold.code in ASKS_ABOUT_RIVAL else None


def _withdrawal(withdrawal: Withdrawal | None) -> WithdrawalInFull | None:
    if withdrawal is None:
        return None
    statements = tuple(WithdrawnInFull(each.at, each.lines) for each in withdrawal.statements)
    return WithdrawalInFull(withdrawal.state, statements)


def _without_said(customer: Customer | None) -> Customer | None:
    """Removes texts that agents wrote to each other."""
    return structs.replace(customer, said=()) if customer else None


register(blueprint)
