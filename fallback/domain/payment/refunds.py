"""Grants of an order: requested, approved or declined, refunded by a shift; never more than was captured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.money import Money
from fallback.domain.order import texts_by_people
from fallback.domain.order.concern import in_dispute, lost
from fallback.domain.order.grants import (
    GIVEN,
    NO_INCIDENT,
    OPEN,
    Booked,
    Grant,
    GrantKind,
    GrantRequest,
    GrantState,
    given,
    to_make,
)
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP, GONE, headline
from fallback.domain.order.order import Call, Change, Event, Order
from fallback.domain.payment.moves import with_payment
from fallback.domain.payment.policy import GrantVerdict, Policy
from fallback.domain.support.accounts import Role
from fallback.domain.support.promises import was_late

GRANTED, ASKED, DECLINED, APPROVED = "refund_granted", "refund_asked", "refund_declined", "refund_approved"
DIFFERENCE = "difference_granted"


def possible(order: Order) -> bool:
    """Money was captured, and is not being refunded as a whole.

    Before the capture, the order can be changed or cancelled.
    """
    undone = order.cancel_asked or order.placement.state in GIVEN_UP
    return order.payment.captured > 0 and order.payment.state not in GONE and not undone


def may_refund(order: Order) -> bool:
    """Refunds are possible, and the customer's bank neither took the money back nor is deciding about it."""
    return possible(order) and not in_dispute(order.concerns) and not taken_back(order)


def taken_back(order: Order) -> bool:
    """The customer's bank took back all that was left of the payment."""
    return lost(order.concerns) > 0 and left(order) <= 0


def left(order: Order) -> int:
    """What was captured, minus what was refunded or taken back by the customer's bank."""
    return order.payment.captured - order.payment.gone_back - lost(order.concerns)


def there(order: Order) -> int:
    """What is left, minus what was granted. Requests that wait for approval are not subtracted."""
    granted = sum(grant.amount for grant in order.grants if grant.state is GrantState.GRANTED)
    return left(order) - order.payment.undecided - granted


def is_given_back(order: Order) -> bool:
    """Money was captured, and the shop keeps none of it: all went back, or is owed to the customer.

    An order that costs nothing since it was changed is kept.
    """
    return order.payment.captured > 0 and order.payment.amount > 0 and there(order) <= 0


def refundable(order: Order) -> int:
    """What can still be granted: what is there, minus requests that wait for approval."""
    return _not_asked_for(order) if may_refund(order) else 0


def _not_asked_for(order: Order) -> int:
    asked_for = sum(grant.amount for grant in order.grants if grant.state is GrantState.ASKED)
    return max(0, there(order) - asked_for)


def costs(order: Order) -> int:
    """What the order costs the customer now: the agreed total, minus the goodwill granted on it.

    So goodwill lowers the cost by the same sum whether it is granted before a change of the order or after it
    (ops/decisions/changed-sums.md).
    """
    return max(0, order.payment.amount - given(order.grants, GrantKind.GOODWILL))


def owed(order: Order) -> int:
    """What was captured, minus what the order costs now, minus what went back or is on its way; nothing else."""
    return max(0, there(order) - costs(order)) if may_refund(order) else 0


def check(order: Order, requested: GrantRequest) -> None:
    """Check that the amount is there and equals what the agent saw. Raises NotAllowedNow, Invalid."""
    if not may_refund(order):
        raise NotAllowedNow(headline(order), "refund")
    most = refundable(order)
    if requested.refundable != most:
        raise Invalid("amount", "refundable_changed", f"{most} can be refunded now, not {requested.refundable}.")
    if requested.amount <= 0:
        raise Invalid("amount", "not_positive", "Enter an amount above zero.")
    if requested.amount > most:
        raise Invalid("amount", "too_much", f"At most {most} can be refunded.")


def grant(order: Order, requested: GrantRequest, who: str, incident: str, now: datetime, desk: str = "") -> Change:
    """Grant at once by `who`; with a `desk`, only request it and hold it for a person who may approve.

    Raises Invalid if the sentence is not valid.
    """
    at_once = not desk
    order, word = texts_by_people.say_if_any(order, "sentence", requested.sentence)
    new = Grant(
        id=len(order.grants) + 1,
        kind=requested.kind,
        amount=requested.amount,
        reason=requested.reason,
        who=who,
        at=now,
        incident=incident,
        state=GrantState.GRANTED if at_once else GrantState.ASKED,
        said=word,
    )
    order = structs.replace(order, grants=(*order.grants, new))
    event = _told(new, GRANTED if at_once else ASKED, who, now)
    if at_once:
        return Change(order, (event,))
    # The present owner cannot approve this: a lead is assigned.
    held = put_on_hold(structs.replace(order, owner=""), HoldCode.REFUND_ASKED, now, desk)
    return Change(held.order, (event, *held.events))


def difference(order: Order) -> int:
    """The sum that is being refunded because the order was changed."""
    return sum(
        grant.amount
        for grant in order.grants
        if grant.kind is GrantKind.DIFFERENCE and grant.state is GrantState.GRANTED
    )


def give_difference(order: Order, who: str, now: datetime) -> Change:
    """Refund what is owed, whatever the cause; `who` caused it."""
    amount = owed(order)
    if not amount:
        return Change(order, ())
    order, new = _with_new(order, GrantKind.DIFFERENCE, amount, who, now)
    return Change(order, (Event(now, DIFFERENCE, "worker", {"grant": new.id, "amount": amount}),))


def give_again(order: Order, amount: int, who: str, now: datetime) -> Order:
    """Send a failed refund again as a grant if it belonged to none, such as a refund by hand.

    If the order was given up, everything left is refunded without a grant. During a dispute the provider refuses it,
    and it is tried again afterwards, as any other grant.
    """
    again = min(amount, _not_asked_for(order)) if possible(order) else 0
    return _with_new(order, GrantKind.REFUND, again, who, now)[0] if again > 0 else order


def _with_new(order: Order, kind: GrantKind, amount: int, who: str, now: datetime) -> tuple[Order, Grant]:
    new = Grant(
        id=len(order.grants) + 1,
        kind=kind,
        amount=amount,
        reason="change" if kind is GrantKind.DIFFERENCE else "",
        who=who,
        at=now,
        incident=NO_INCIDENT,
        state=GrantState.GRANTED,
    )
    return structs.replace(order, grants=(*order.grants, new)), new


def own_goodwill(order: Order, timeline: Sequence[Event], booked: Booked, policy: Policy, now: datetime) -> int:
    """The goodwill a customer may take now, in minor units: once, if we missed a promise and nobody granted any."""
    had = any(each.kind is GrantKind.GOODWILL and each.state in OPEN | GIVEN for each in order.grants)
    if had or not was_late(timeline, now):
        return 0
    return min(policy.own_goodwill(order.currency, _in_incident(booked)), refundable(order))


def verdict(order: Order, amount: int, booked: Booked, role: Role, policy: Policy) -> GrantVerdict:
    """Whether this role may add it to the earlier grants of the order and of the incident."""
    before = given(order.grants, booked.kind), _in_incident(booked)
    return policy.may(role, booked.kind, Money(amount, order.currency), *before)


def _in_incident(booked: Booked) -> int:
    """Standby is not an incident and lasts for years: grants booked to it count towards no limit."""
    return 0 if booked.incident == NO_INCIDENT else booked.amount


def asked(order: Order, grant_id: int) -> Grant:
    """The grant that waits for a second person. Raises NotAllowedNow if it does not wait any more, or never did."""
    for each in order.grants:
        if each.id == grant_id and each.state is GrantState.ASKED:
            return each
    raise NotAllowedNow(headline(order), "approve")


def decide(order: Order, grant_id: int, who: str, agreed: bool, now: datetime) -> Change:
    """A second person approves or declines it. Raises NotAllowedNow; Invalid if the money is no longer there."""
    each = asked(order, grant_id)
    if agreed and not may_refund(order):
        raise NotAllowedNow(headline(order), "approve")
    most = there(order)
    if agreed and each.amount > most:
        raise Invalid("amount", "too_much", f"At most {max(0, most)} can be refunded.")
    decided = structs.replace(each, state=GrantState.GRANTED if agreed else GrantState.DECLINED, decided_by=who)
    order = without_request(with_grant(order, decided))
    return Change(order, (_told(decided, APPROVED if agreed else DECLINED, who, now),))


def without_request(order: Order) -> Order:
    """Lift the approval hold once all requests are decided, or nothing is left to decide."""
    if possible(order) and any(grant.state is GrantState.ASKED for grant in order.grants):
        return order
    return structs.replace(order, holds=tuple(hold for hold in order.holds if hold.code is not HoldCode.REFUND_ASKED))


def amount_now(order: Order) -> int:
    """What the shift refunds for the next grant; less than granted only if less is left."""
    each = to_make(order.grants)
    return min(each.amount, left(order)) if each else 0


def after_dispute(order: Order, now: datetime) -> Order:
    """The bank decided. What it took is not granted any more; what the provider refused meanwhile is tried again."""
    open_ones = [each for each in order.grants if each.state in OPEN]
    if lost(order.concerns) and left(order) < sum(each.amount for each in open_ones):
        for each in open_ones:
            order = with_grant(order, structs.replace(each, state=GrantState.DECLINED))
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.PAYMENT_REFUSED)
    return with_payment(without_request(structs.replace(order, holds=holds)), due_at=now)


def key(order: Order) -> str:
    """The idempotency key of the call for the next grant: a new one only if the old one is useless."""
    each, round_ = to_make(order.grants), order.payment.round
    return f"{order.ref}:{Call.GRANT}:{each.id if each else ''}" + (f":{round_}" if round_ else "")


def with_grant(order: Order, changed: Grant) -> Order:
    grants = tuple(changed if each.id == changed.id else each for each in order.grants)
    return structs.replace(order, grants=grants)


def _told(each: Grant, what: str, who: str, now: datetime) -> Event:
    data: dict[str, str | int] = {
        "grant": each.id,
        "kind": each.kind,
        "amount": each.amount,
        "reason": each.reason,
        "incident": each.incident,
    }
    return Event(now, what, who, data | ({"said": each.said} if each.said else {}))
