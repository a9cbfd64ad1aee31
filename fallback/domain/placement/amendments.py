"""A change of an order that the primary has: requested first, done only when the primary reads it back.

Until then the order says what was agreed before, and `Order.amendment` what is requested. The primary is always sent
the whole requested order, so sending may be repeated. An amendment without requested fields is a change that was taken
back: the primary is asked whether it still has what was agreed, and sent that again if the change may still arrive.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec import structs

from fallback.domain import retries
from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.amended import as_amended
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import AMENDABLE, headline, is_outgrown
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Attempt, Call, Change, Customer, Event, NoticeKind, Order, Queue
from fallback.domain.payment import refunds
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryOrder, differences, other_contact
from fallback.domain.placement.placement import REFUSALS, refused

# Proxies and queues drop a request before it is an hour late, so an older request no longer arrives by then.
READ_AGAIN_AFTER = timedelta(hours=2)
# The holds that a primary's answer to a change may cause; they are lifted with the change.
HOLDS_OF_CHANGES = frozenset({*REFUSALS.values(), HoldCode.MISMATCH, HoldCode.PRIMARY_REFUSED, HoldCode.BY_HAND})


def ask(order: Order, after: Order, what: str, now: datetime, who: str, said: int = 0) -> Change:
    """Record the request to make the order `after`. It includes an earlier request that is not done yet."""
    if order.placement.state not in AMENDABLE:
        raise NotAllowedNow(order.placement.state, "change")
    amendment = Amendment(
        who=who,
        since=now,
        what=what,
        lines=after.lines if after.lines != order.lines else None,
        delivery=after.delivery if after.delivery != order.delivery else None,
        address=_address(after) != _address(order),
        said=said or (order.amendment.said if order.amendment else 0),
        contact=bool(order.amendment and order.amendment.contact),
    )
    wanted_address = _address(after) if amendment.address else None
    # A person accepted these differences from what was agreed before.
    order = _placement(order, let_stand=())
    order = _with_wish(order, amendment, wanted_address, now)
    return Change(order, (Event(now, "change_asked", who, {"what": what}),))


def tell_contact(order: Order, now: datetime, who: str) -> Order:
    """Send the primary the new contact details, if it has or may have the order."""
    amendment = order.amendment or Amendment(who=who, since=now, what="contact")
    return _with_wish(
        order, structs.replace(amendment, contact=True), order.customer and order.customer.wanted_address, now
    )


def take_back(order: Order, now: datetime, who: str) -> Change | None:
    """The change is not wanted any more. The primary is read first, to see whether it made the change."""
    amendment = order.amendment
    if amendment is None or not amendment.wants_something:
        return None
    if order.cancel_asked or order.placement.state not in AMENDABLE:
        raise NotAllowedNow(headline(order), "change")
    impossible = any(hold.code in HOLDS_OF_CHANGES and hold.since >= amendment.since for hold in order.holds)
    nothing = Amendment(who=who, since=now, what=amendment.what, impossible=impossible, contact=amendment.contact)
    order = structs.replace(order, holds=tuple(hold for hold in order.holds if hold.code not in HOLDS_OF_CHANGES))
    order = _with_wish(order, nothing, None, now)
    return Change(order, (Event(now, "change_taken_back", who, {"what": amendment.what}),))


def begin(order: Order, now: datetime, owner: str) -> Change:
    """Record that the primary is about to be asked for the change; on hold after too many attempts without an outcome.

    Each attempt has a number of its own, so that a request that arrives late is recognized as older.
    """
    before = order.placement
    if retries.is_poison(before.tries):
        return put_on_hold(_placement(order, attempt=None), HoldCode.POISON, now, owner, Queue.PLACEMENT)
    attempt = Attempt(Call.AMEND, order.ref, now)
    return Change(_placement(order, attempt=attempt, tries=before.tries + 1, amendments=before.amendments + 1), ())


def may_come_late(order: Order, there: PrimaryOrder) -> bool:
    """Whether a request sent before this attempt has not arrived: it was refused, or is still under way."""
    stands = there.status not in (CANCELLED, SHIPPED)
    return stands and (there.amendment or 0) < order.placement.amendments - 1


def put_off(order: Order, until: datetime) -> Change:
    """The primary is unavailable, through no fault of the order."""
    return Change(_placement(order, attempt=None, tries=0, due_at=until), ())


def not_taken(order: Order, code: str, detail: str, now: datetime, owner: str) -> Change:
    """The primary refuses the change; the request stays, and a person decides with the customer."""
    return refused(_placement(order, attempt=None, tries=0), code, detail, now, owner)


def by_hand(order: Order, there: PrimaryOrder, now: datetime, owner: str) -> Change:
    """The primary has no call for the change: a person makes it there and releases the hold."""
    order = _placement(order, attempt=None, tries=0)
    return put_on_hold(order, HoldCode.BY_HAND, now, owner, f"change {there.number}")


def counted_anew(order: Order, there: PrimaryOrder, now: datetime) -> Change:
    """The primary has seen a higher number than ours, which a restored older backup lost; the next one is above it."""
    return Change(_placement(order, attempt=None, amendments=there.amendment or 0, due_at=now), ())


def kept_here(order: Order, now: datetime) -> Change:
    """The primary keeps its contact details; our mails go to the customer's new address all the same."""
    amendment = order.amendment
    assert amendment is not None
    rest = structs.replace(amendment, contact=False)
    left = rest if rest.wants_something or rest.taken_back else None
    order = _placement(structs.replace(order, amendment=left), attempt=None, tries=0, due_at=now)
    return Change(order, (Event(now, "contact_kept_here", "worker"),))


def read_back(order: Order, there: PrimaryOrder, now: datetime, owner: str, numbered: bool) -> Change:
    """Done if the primary reads back exactly what is requested, else on hold.

    Only then the customer is notified and an overpaid sum refunded. A primary whose changes are not `numbered` is read
    once more later: an older request may still overwrite this one.
    """
    amendment = order.amendment
    assert amendment is not None
    read_again_at = None if numbered else now + READ_AGAIN_AFTER
    order = _placement(order, attempt=None, tries=0, due_at=now, read_again_at=read_again_at)
    after = as_amended(order)
    if is_outgrown(after):
        after = structs.replace(after, payment=structs.replace(after.payment, due_at=now))
    different = differences(after, there) + (other_contact(after, there) if amendment.contact else ())
    if different:
        return put_on_hold(order, HoldCode.MISMATCH, now, owner, "; ".join(different))
    if not amendment.wants_something and not amendment.taken_back:
        return Change(after, (Event(now, "contact_there", "primary"),))
    if not amendment.wants_something:
        told = queue_notice(after, NoticeKind.NOT_CHANGED, now) if amendment.impossible else after
        return Change(told, (Event(now, "verified", "primary"),))
    told = queue_notice(after, NoticeKind.CHANGED, now, amendment.said)
    less = refunds.give_difference(told, amendment.who, now)
    data = sums(order, after) | {"what": amendment.what}
    return Change(less.order, (Event(now, "amended", "primary", data), *less.events))


def sums(before: Order, after: Order) -> dict[str, str | int]:
    """The new and the old sum for the timeline, if they differ."""
    if before.payment.amount == after.payment.amount:
        return {}
    return {"amount": after.payment.amount, "before": before.payment.amount}


def costs_less(order: Order, after: Order) -> int:
    """By how much the captured sum exceeds the price of `after`; 0 or less if nothing was captured."""
    return min(order.payment.amount, order.payment.captured) - after.payment.amount


def _with_wish(order: Order, amendment: Amendment, address: Any, now: datetime) -> Order:
    assert order.customer is not None
    customer: Customer = structs.replace(order.customer, wanted_address=address)
    order = structs.replace(order, amendment=amendment, customer=customer)
    # A pending call to the primary gets its time before the outcome is read.
    return _placement(order, due_at=now) if order.placement.state in AMENDABLE else order


def _address(order: Order) -> Any:
    return order.customer and order.customer.address


def _placement(order: Order, **changes: Any) -> Order:
    return structs.replace(order, placement=structs.replace(order.placement, **changes))
