"""Every kind of order there can be: all that the domain's functions make of a new one, whatever comes back to them.

Two orders are of one kind when nothing that the domain asks tells them apart; so the search ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, Contact, DeliveryChoice, ShippingAddress
from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.incident import lost_orders
from fallback.domain.order import transitions
from fallback.domain.order.amended import as_amended
from fallback.domain.order.cart import DeliveryOption
from fallback.domain.order.grants import GrantDecision, Refund, RefundState, to_make
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP, is_outgrown
from fallback.domain.order.next_step import Step, next_step
from fallback.domain.order.order import Call, Change, Decline, Order, PaymentState, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.payment import cards, payment, sent_back
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement import amendments, changes, late_arrivals, placement
from fallback.domain.retries import POISON_AFTER
from tests.builders import BOOK, NOW, a_payment, a_primary_order, an_order

DESK = "the desk"
SOON = NOW + timedelta(seconds=2)
TOTAL = 3093
COURIER = DeliveryOption("courier", "Courier", 790)
ELSEWHERE = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB"))
REACHED = ChangeOrder(contact=Contact("Iris Murdoch", "murdoch@example.org"))
CHEAPER = ChangeOrder(quantities=(1,))
DEARER = ChangeOrder(delivery=DeliveryChoice("courier"))
Move = Callable[[Order], Change | None]
Row = tuple[object, object]


def every_order() -> tuple[Order, ...]:
    """One order of each kind, found from a new one with a card and from a new one to be paid later."""
    return _every_way()[0]


def rows_used() -> tuple[set[Row], set[Row]]:
    """The rows of the tables of payment and placement by which these orders came to be as they are."""
    return _every_way()[1]


@cache
def _every_way() -> tuple[tuple[Order, ...], tuple[set[Row], set[Row]]]:
    payments, placements = Recording(transitions.PAYMENT), Recording(transitions.PLACEMENT)
    with patch.object(transitions, "PAYMENT", payments), patch.object(transitions, "PLACEMENT", placements):
        return _found(), (payments.used, placements.used)


class Recording(dict[Row, object]):
    """A table that remembers which of its rows were used."""

    def __init__(self, table: Mapping[Any, object]) -> None:
        super().__init__(table)
        self.used: set[Row] = set()

    def __getitem__(self, row: Row) -> object:
        after = super().__getitem__(row)
        self.used.add(row)
        return after


def _found() -> tuple[Order, ...]:
    start = [
        an_order(payment=a_payment(state), options=(COURIER,)) for state in (PaymentState.NONE, PaymentState.PENDING)
    ]
    found = {_kind(order): order for order in start}
    front = start
    while front:
        reached = {_kind(after): after for order in front for after in reached_from(order)}
        front = [order for kind, order in reached.items() if kind not in found]
        found = reached | found
    return tuple(found.values())


def _kind(order: Order) -> tuple[object, ...]:
    paid, placed, asked = order.payment, order.placement, order.amendment
    return (
        paid.state,
        placed.state,
        paid.intent is None,
        paid.token is None,
        paid.attempt and paid.attempt.call,
        paid.due_at is None,
        placed.state is not PlacementState.UNKNOWN and placed.attempt and placed.attempt.call,
        bool(paid.authorized),
        bool(paid.captured),
        bool(paid.refunded),
        paid.decline,
        paid.next_action_url,
        frozenset((hold.code, hold.code is HoldCode.POISON and hold.detail) for hold in order.holds),
        order.cancel_asked,
        order.released,
        is_outgrown(order),
        asked and (asked.wants_something, asked.contact, bool(asked.lines), asked.impossible),
        frozenset((grant.kind, grant.state) for grant in order.grants),
        bool(paid.undecided),
        paid.gone_back > paid.refunded,
        placed.late_since is None,
    )


def reached_from(order: Order) -> Iterator[Order]:
    """What can become of it in one step."""
    for move in _moves(order):
        change = move(order)
        if change:
            yield replace(change.order, notices=())


def _moves(order: Order) -> Iterator[Move]:
    """What people do at any time, and what may come back to the step that is due."""
    yield from _by_people(order)
    steps = {next_step(order, queue) for queue in Queue}
    if Step.AUTHORIZE in steps and not order.payment.attempt:
        yield _begin(Call.CONFIRM if order.payment.intent else Call.CREATE)
    if Step.VOID in steps and not order.payment.attempt:
        if order.payment.intent is None:
            yield lambda order: payment.voided(order, NOW)
        else:
            yield _begin(Call.REFUND if order.payment.state is PaymentState.CAPTURED else Call.VOID)
    if Step.FOLLOW in steps or order.payment.attempt:
        yield from _of_stripe(order)
    if Step.RECONCILE in steps:
        yield from _of_reconciling(order)
    if Step.AMEND in steps:
        yield from _of_amending(order)
    if Step.REFUND in steps:
        yield _begin(Call.GRANT)
    if Step.WITHDRAW in steps:
        yield from _of_withdrawing(order)
    if Step.UNDO_LATE in steps:
        yield lambda order: late_arrivals.undone(order, "100042", for_good=True, now=NOW)
        yield lambda order: put_on_hold(order, HoldCode.BY_HAND, NOW, DESK)


def _by_people(order: Order) -> Iterator[Move]:
    if not (order.holds or order.amendment or order.grants or order.cancel_asked):
        yield lambda order: lost_orders.lost_by_shop(order, NOW, DESK)
    if lost_orders.is_known(order):
        rest = tuple(hold for hold in order.holds if hold.code is not HoldCode.PRIMARY_REGRESSED)
        yield lambda order: Change(placement.forgotten(replace(order, holds=rest)), ())
    yield _if_possible(lambda order: placement.ask_to_cancel(order, NOW, "customer"))
    yield lambda order: payment.look_again(order, NOW, PaymentNews.VOIDED, "stripe")
    # One change at a time, of what nothing else is the matter with: else there are more kinds than anybody needs.
    for requested in () if order.holds or order.amendment else (ELSEWHERE, REACHED, CHEAPER, DEARER):
        yield _if_possible(lambda order, requested=requested: changes.change(order, requested, NOW, "customer"))
    yield _if_possible(lambda order: amendments.take_back(order, NOW, "Ann"))
    for answer in GrantDecision:
        yield _if_possible(lambda order, answer=answer: sent_back.answered(order, answer, NOW, "Ann"))
    try:
        given = cards.give(replace(order, payment=replace(order.payment, cards=1)), "pm_card_visa", NOW, "customer")
    except NotAllowedNow:
        return
    yield lambda order: given


def _if_possible(move: Move) -> Move:
    def moved(order: Order) -> Change | None:
        try:
            return move(order)
        except (NotAllowedNow, Invalid):
            return None

    return moved


def _begin(call: Call) -> Move:
    def begin(order: Order) -> Change:
        fresh = replace(order, payment=replace(order.payment, tries=0))
        return payment.begin(fresh, call, NOW, DESK)

    return begin


def _of_stripe(order: Order) -> Iterator[Move]:
    if order.payment.attempt:
        yield lambda order: payment.put_off(order, SOON)
        yield lambda order: payment.lost(order, SOON, NOW, key_spent=False)
        yield lambda order: payment.refused(order, "amount_too_small", NOW, DESK)
    yield lambda order: payment.not_answered(order, SOON, NOW)
    for intent in _answers(order):
        yield lambda order, intent=intent: payment.observe(order, intent, NOW, DESK)


def _answers(order: Order) -> Iterator[Intent | None]:
    """The intents that Stripe can have for an order like this one, people in its dashboard included."""
    at = Intent("pi_1", IntentState.NEEDS_CARD, TOTAL, "EUR")
    if order.payment.intent is None:
        yield None
    if not order.payment.captured and not order.payment.authorized:
        yield at
        yield replace(at, state=IntentState.NEEDS_CONFIRMATION)
        yield replace(at, decline=Decline("generic_decline", "soft"))
        yield replace(at, state=IntentState.NEEDS_CUSTOMER, next_action_url="https://bank.example")
        yield replace(at, state=IntentState.PROCESSING)
    if not order.payment.captured:
        yield replace(at, state=IntentState.VOIDED)
        yield replace(at, state=IntentState.AUTHORIZED, capture_before=NOW + timedelta(days=7))
        yield replace(at, state=IntentState.AUTHORIZED, capture_before=NOW + timedelta(hours=1))
    captured, before = order.payment.captured or order.payment.amount, order.payment.refunds
    at = replace(at, state=IntentState.CAPTURED, captured=captured)
    grant = to_make(order.grants)
    for refunded in (0, 93, BOOK.unit_price, captured):
        more = refunded - order.payment.refunded
        if more == 0:
            yield replace(at, refunded=refunded, refunds=before)
        elif more > 0:
            made = Refund(f"re_{len(before)}", more, RefundState.SUCCEEDED, grant.id if grant else 0)
            yield replace(at, refunded=refunded, refunds=(*before, made))
    if order.payment.refunded:
        yield replace(at, refunds=tuple(replace(each, state=RefundState.FAILED) for each in before))


def _of_reconciling(order: Order) -> Iterator[Move]:
    there = a_primary_order(order)
    match order.placement.state:
        case PlacementState.WAITING:
            yield lambda order: placement.merged(order, replace(there, ref=None), NOW)
            yield lambda order: placement.placed(order, there, NOW)
            yield lambda order: placement.begin_placing(order, NOW, DESK)
            tried = replace(order.placement, tries=POISON_AFTER)
            yield lambda order: placement.begin_placing(replace(order, placement=tried), NOW, DESK)
            yield lambda order: put_on_hold(order, HoldCode.DUPLICATES_UNGUARDED, NOW, DESK)
            yield lambda order: placement.put_off(order, SOON, NOW)
        case PlacementState.PLACING | PlacementState.UNKNOWN:
            yield from _of_asking(order)
            if order.placement.state is PlacementState.PLACING:
                yield lambda order: placement.merged(order, replace(there, ref=None), NOW)
                yield lambda order: placement.turned_away(order, SOON)
                yield lambda order: placement.lost(order, SOON, NOW)
                yield lambda order: placement.not_taken(order, "out_of_stock", "BK-1", NOW, DESK)
        case PlacementState.PLACED:
            yield lambda order: placement.read_back(order, there, NOW, DESK)
            yield lambda order: placement.read_back(order, replace(there, total=1), NOW, DESK)
            yield lambda order: placement.refused(order, "not_found", "", NOW, DESK)
        case PlacementState.VERIFIED:
            yield _begin(Call.CAPTURE)
            yield lambda order: payment.begin(
                replace(order, payment=replace(order.payment, tries=POISON_AFTER)), Call.CAPTURE, NOW, DESK
            )


def _of_amending(order: Order) -> Iterator[Move]:
    """It is sent and read back, or not taken; a lost answer leaves the attempt open, and it is sent again."""
    there = a_primary_order(as_amended(order))
    tried = replace(order.placement, tries=POISON_AFTER)
    anew = replace(order.placement, tries=0, amendments=0)
    yield lambda order: amendments.begin(replace(order, placement=tried), NOW, DESK)
    yield lambda order: amendments.begin(replace(order, placement=anew), NOW, DESK)
    if order.placement.attempt:
        yield lambda order: amendments.put_off(order, SOON)
        if order.amendment and order.amendment.contact:
            yield lambda order: amendments.kept_here(order, NOW)
        yield lambda order: amendments.not_taken(order, "already_shipped", "", NOW, DESK)
        yield lambda order: amendments.read_back(order, there, NOW, DESK, numbered=True)
        yield lambda order: amendments.read_back(order, replace(there, total=1), NOW, DESK, numbered=True)


def _of_asking(order: Order) -> Iterator[Move]:
    """What became of it?"""
    there = a_primary_order(order)
    yield lambda order: placement.placed(order, there, NOW)
    yield lambda order: placement.not_there(order, NOW)
    yield lambda order: placement.not_there(order, NOW + PATIENCE)
    yield lambda order: placement.put_off(order, SOON, NOW)
    yield lambda order: placement.refused(order, "forbidden", "", NOW, DESK)


def _of_withdrawing(order: Order) -> Iterator[Move]:
    if order.placement.state in (PlacementState.PLACING, PlacementState.UNKNOWN):
        yield from _of_asking(order)
    elif order.placement.state not in GIVEN_UP:
        yield lambda order: placement.cancelled(order, NOW)
        yield lambda order: placement.refused(order, "already_shipped", "", NOW, DESK)
        yield lambda order: placement.refused(order, "too_late", "", NOW, DESK)
        yield lambda order: placement.put_off(order, SOON, NOW)
