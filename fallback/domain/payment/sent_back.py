"""The outcome of refunds at the provider: each succeeds or fails, at once or days later.

A failed refund waits for a person, who sends it again or pays in another way. Nothing is refunded automatically a
second time, because a person may be about to pay already.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import structs

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.actors import PROVIDER
from fallback.domain.order.grants import Grant, GrantDecision, GrantState, Refund, to_make
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP, headline
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order, Payment, PaymentState, PlacementState
from fallback.domain.order.transitions import PaymentEvent, after_payment
from fallback.domain.payment.moves import with_payment
from fallback.domain.payment.refunds import give_again, give_difference, left, with_grant, without_request

# Refunds take days, and news of one may be lost.
READ_BACK, AT_LEAST_EVERY = timedelta(days=1), timedelta(days=7)
# For this long a bank may return a refund that succeeded (ops/decisions/changed-sums.md).
MAY_FAIL_FOR = timedelta(days=30)


def seen(order: Order, now_there: tuple[Refund, ...], now: datetime) -> Order:
    """The order with its refunds as the provider has them."""
    refunds = known(order.payment.refunds, now_there)
    return with_payment(order, refunds=refunds, read_back_at=_read_back_at(refunds, now))


def _read_back_at(refunds: tuple[Refund, ...], now: datetime) -> datetime | None:
    """Once a day while one is pending; then ever more seldom, after 1, 2, 4, 8 days and each week, until none fails."""
    if any(each.under_way for each in refunds):
        return now + READ_BACK
    ages = [now - each.made_at for each in refunds if each.made_at and not each.came_back]
    youngest = min(ages, default=MAY_FAIL_FOR)
    return now + min(max(READ_BACK, youngest), AT_LEAST_EVERY) if youngest < MAY_FAIL_FOR else None


def known(before: tuple[Refund, ...], now: tuple[Refund, ...]) -> tuple[Refund, ...]:
    """The refunds as they are now, with what people decided about them; a refund once seen is never dropped."""
    seen = {each.id: each for each in before}
    seen |= {each.id: structs.replace(each, answer=seen[each.id].answer if each.id in seen else None) for each in now}
    return tuple(seen.values())


def followed(order: Order, before: Payment, now: datetime, owner: str) -> Change:
    """Apply new states of refunds to the order; `before`: its payment as it was known.

    The customer is notified of what was refunded and what failed, by a grant or by hand. Once everything is refunded,
    no grant is left to make.
    """
    payment, was = order.payment, {each.id: each for each in before.refunds}
    failed = [each for each in payment.refunds if each.came_back and not (each.id in was and was[each.id].came_back)]
    sent = payment.refunded - before.refunded + sum(each.amount for each in failed if each.id in was)
    order, word = _made(order)
    events: list[Event] = []
    if sent > 0:
        everything = left(order) <= 0
        kind = NoticeKind.REFUNDED if everything else NoticeKind.MONEY_BACK
        order = structs.replace(order, payment=structs.replace(payment, tries=0))
        order = queue_notice(order, kind, now, said=word or (order.last_word if everything else 0))
        events.append(Event(now, "refunded", "worker", {"amount": sent}))
    if failed:
        held = _failed(order, failed, now, owner)
        order, events = held.order, [*events, *held.events]
    return Change(order, tuple(events))


def _made(order: Order) -> tuple[Order, int]:
    """Mark the grants that were refunded; returns the sentence id of the last one, too."""
    word, each = 0, to_make(order.grants)
    while each and _went(each, order.payment):
        order, word = with_grant(order, structs.replace(each, state=GrantState.MADE, reaches=0)), each.said
        each = to_make(order.grants)
    return order, word


def _went(grant: Grant, payment: Payment) -> bool:
    if payment.gone_back >= payment.captured or 0 < grant.reaches <= payment.refunded:
        return True
    return any(each.grant == grant.id and not each.came_back for each in payment.refunds)


def _failed(order: Order, failed: list[Refund], now: datetime, owner: str) -> Change:
    """The next call gets a new key: under the old one the provider would repeat its old result."""
    payment = structs.replace(order.payment, round=order.payment.round + 1, tries=0)
    order = structs.replace(order, payment=payment)
    ids = {each.grant for each in failed}
    for grant in order.grants:
        if grant.id in ids and grant.state in (GrantState.GRANTED, GrantState.MADE):
            order = with_grant(order, structs.replace(grant, state=GrantState.FAILED))
    amount = sum(each.amount for each in failed)
    held = put_on_hold(order, HoldCode.REFUND_FAILED, now, owner, ", ".join(each.id for each in failed))
    order = queue_notice(held.order, NoticeKind.REFUND_FAILED, now)
    return Change(order, (Event(now, "refund_failed", PROVIDER, {"amount": amount}), *held.events))


def ended(order: Order) -> Order:
    """Once everything is refunded the payment is over, and so is an order that the shop does not have.

    What the customer's bank took back ends only an order that is given up: the others stay as they are.
    """
    payment, given_up = order.payment, order.placement.state in GIVEN_UP
    still_here = left(order) if given_up else payment.captured - payment.gone_back
    if payment.state is not PaymentState.CAPTURED or not payment.captured or still_here > 0:
        return order
    order = _decided(order, GrantDecision.AGAIN, GrantState.MADE)  # what came back before went after all
    state = after_payment(payment.state, PaymentEvent.REFUNDED)
    payment = structs.replace(order.payment, state=state, ask_again_at=None)
    over = order.placement.state in (PlacementState.VERIFIED, *GIVEN_UP) or payment.amount == 0
    return without_request(structs.replace(order, payment=payment, cancel_asked=order.cancel_asked or not over))


def taken_back(order: Order, now: datetime) -> Change:
    """The order is given up, and the customer's bank took the money back: nothing is left to refund."""
    return Change(queue_notice(ended(order), NoticeKind.CANCELLED, now, order.last_word), ())


def answered(order: Order, answer: GrantDecision, now: datetime, who: str) -> Change:
    """A person decided about a failed refund: send it again, or it was paid in another way. Raises NotAllowedNow."""
    if not any(hold.code is HoldCode.REFUND_FAILED for hold in order.holds):
        raise NotAllowedNow(headline(order), "refund")
    amount, again = order.payment.undecided, answer is GrantDecision.AGAIN
    of_nobody = amount - sum(grant.amount for grant in order.grants if grant.state is GrantState.FAILED)
    order = ended(_decided(order, answer, GrantState.GRANTED if again else GrantState.MADE))
    if again:
        order = give_again(order, of_nobody, who, now)
    owed = give_difference(order, who, now)
    what = "refund_sent_again" if again else "refund_paid_otherwise"
    return Change(owed.order, (Event(now, what, who, {"amount": amount}), *owed.events))


def _decided(order: Order, answer: GrantDecision, state: GrantState) -> Order:
    """Mark all failed refunds as decided; `state`: of the grants that they belong to."""
    refunds = tuple(
        structs.replace(each, answer=answer) if each.came_back and each.answer is None else each
        for each in order.payment.refunds
    )
    payment = structs.replace(order.payment, refunds=refunds, tries=0)
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.REFUND_FAILED)
    order = structs.replace(order, holds=holds, payment=payment)
    for grant in order.grants:
        if grant.state is GrantState.FAILED:
            order = with_grant(order, structs.replace(grant, state=state))
    return order
