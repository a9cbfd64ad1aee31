"""Is another order of the same person the same purchase? She is asked, and nothing is taken while she is.

A rival for the same cart needs no question where the primary says whether it is paid (same_purchase.standing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from msgspec import structs

from fallback.domain import phones
from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.cart import Line
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, Hold, HoldCode, new_hold
from fallback.domain.order.lifecycle import GIVEN_UP, holds_cart
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order, PlacementState
from fallback.domain.placement.matching import CANCELLED, PrimaryLine, PrimaryOrder
from fallback.domain.placement.placement import ask_to_cancel

# How much of the larger of two orders both must have in common, by value.
SHARE = Fraction(4, 5)
# She came to us after her own try in the shop, or tried again with a new cart, within a day of it.
WITHIN = timedelta(days=1)

Lines = Sequence[Line | PrimaryLine]


def nearly_same(one: Lines, other: Lines) -> bool:
    """Whether what both have makes SHARE of the larger. A SKU counts at its higher price: a discount hides nothing."""
    prices: dict[str, int] = {}
    for line in (*one, *other):
        prices[line.sku] = max(line.unit_price, prices.get(line.sku, 0))
    ours, theirs = _quantities(one), _quantities(other)
    common = ours & theirs

    def worth(quantities: Counter[str]) -> int:
        return sum(quantity * prices[sku] for sku, quantity in quantities.items())

    return bool(common) and worth(common) >= SHARE * max(worth(ours), worth(theirs))


def _quantities(lines: Lines) -> Counter[str]:
    quantities: Counter[str] = Counter()
    for line in lines:
        quantities[line.sku] += line.quantity
    return quantities


def same_person(order: Order, other: Order) -> bool:
    """Whether both have one address or one phone number, in whatever spelling."""
    one, two = order.customer, other.customer
    if one is None or two is None:
        return False
    reached = bool(one.phone and two.phone) and phones.same(one.phone or "", one.address.country, two.phone or "")
    return reached or one.email.lower() == two.email.lower()


def rival_here(order: Order, others: Iterable[Order]) -> str | None:
    """The ref of an order of the same person that came to us before this one and is wanted: the later one asks."""
    refs = (other.ref for other in others if _came_before(other, order) and _is_wanted(other))
    return next((ref for ref in refs if ref not in order.apart), None)


def _came_before(other: Order, order: Order) -> bool:
    earlier = (other.received_at, other.ref) < (order.received_at, order.ref)
    recent = order.received_at - other.received_at <= WITHIN
    return earlier and recent and other.currency == order.currency and nearly_same(order.lines, other.lines)


def _is_wanted(other: Order) -> bool:
    return holds_cart(other) and not other.cancel_asked and other.placement.state not in GIVEN_UP


def rival_there(order: Order, found: Iterable[PrimaryOrder]) -> str | None:
    """The number of an order that the primary took itself, of the same person. What we brought there, we know."""
    numbers = (other.number for other in found if _is_like(other, order) and other.number not in order.apart)
    return next(numbers, None)


def _is_like(other: PrimaryOrder, order: Order) -> bool:
    of_the_shop = other.ref is None and other.cart_id != order.cart_id
    bought = other.status != CANCELLED and other.paid is not False
    return of_the_shop and bought and other.currency == order.currency and nearly_same(order.lines, other.lines)


def ask_them(order: Order, rival: str, now: datetime) -> Change:
    """Stop and ask: 'Did you already buy this?' `rival`: our ref of the other order, or its number in the shop."""
    return _ask(order, HoldCode.POSSIBLE_RIVAL, Event(now, "rival_asked", "worker", {"rival": rival}))


def ask_whether_paid(order: Order, rival: PrimaryOrder, now: datetime) -> Change:
    """The primary has an order for the same cart, and does not say whether it is paid: the customer knows."""
    return _ask(order, HoldCode.MAYBE_PAID, Event(now, "rival_paid_asked", "worker", {"rival": rival.number}))


def _ask(order: Order, code: HoldCode, asked: Event) -> Change:
    if open_rival(order):
        return Change(order, ())
    hold = new_hold(code, CUSTOMER, asked.at, str(asked.data["rival"]))
    order = structs.replace(order, holds=(*order.holds, hold))
    return Change(queue_notice(order, NoticeKind.POSSIBLE_RIVAL, asked.at), (asked,))


def cancelled_there(order: Order, other: PrimaryOrder, now: datetime) -> Change:
    """What stood in the way of this order in the primary does so no more."""
    return Change(order, (Event(now, "rival_cancelled", "worker", {"number": other.number}),))


def keep_both(order: Order, now: datetime, who: str) -> Change:
    """It is another purchase, or not paid, so this one goes on. Raises NotAllowedNow if nothing is asked any more."""
    hold = _answered(order)
    order = structs.replace(
        order,
        holds=tuple(other for other in order.holds if other is not hold),
        apart=(*order.apart, hold.detail),
        placement=structs.replace(order.placement, due_at=now),
    )
    answered = "rival_unpaid" if hold.code is HoldCode.MAYBE_PAID else "rival_apart"
    return Change(order, (Event(now, answered, who, {"rival": hold.detail}),))


def keep_other(order: Order, now: datetime, who: str) -> Change:
    """She has it already, so this one is undone. Raises NotAllowedNow if the question is not open any more."""
    hold = _answered(order)
    undone = ask_to_cancel(order, now, who)
    assert undone  # what was undone before has no open question
    return Change(undone.order, (Event(now, "rival_same", who, {"rival": hold.detail}), *undone.events))


def open_rival(order: Order) -> Hold | None:
    """The question that the customer has not answered yet."""
    return next((hold for hold in order.holds if hold.code in ASKS_ABOUT_RIVAL), None)


def is_about_payment(order: Order) -> bool:
    """The question is whether the other order, for the same cart, is paid there; else whether both are wanted."""
    return any(hold.code is HoldCode.MAYBE_PAID for hold in order.holds)


def _answered(order: Order) -> Hold:
    hold = open_rival(order)
    if hold is None or order.cancel_asked or order.placement.state is not PlacementState.WAITING:
        raise NotAllowedNow("answered", "answer")
    return hold
