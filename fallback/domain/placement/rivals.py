"""Is another order of the same person the same purchase? The customer is asked, and nothing is captured meanwhile.

For the same cart no question is needed if the primary reports whether the rival is paid (same_purchase.standing).
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
from fallback.domain.payment.refunds import is_given_back
from fallback.domain.placement.matching import CANCELLED, PrimaryLine, PrimaryOrder
from fallback.domain.placement.placement import ask_to_cancel

# The share of the larger order, by value, that both must have in common.
SHARE = Fraction(4, 5)
# The customer came to us after their own attempt in the shop, or tried again with a new cart, within a day.
WITHIN = timedelta(days=1)

Lines = Sequence[Line | PrimaryLine]


def nearly_same(one: Lines, other: Lines) -> bool:
    """Whether the common part is SHARE of the larger. A SKU counts at its higher price: a discount hides nothing."""
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
    """Whether both have the same e-mail address or phone number, in any spelling."""
    one, two = order.customer, other.customer
    if one is None or two is None:
        return False
    reached = one.phone and two.phone and phones.same(one.phone, one.address.country, two.phone)
    return bool(reached) or one.email.lower() == two.email.lower()


def rival_here(order: Order, others: Iterable[Order]) -> str | None:
    """The ref of an earlier, still wanted order of the same person with us: the later order asks."""
    refs = (other.ref for other in others if _came_before(other, order) and _is_wanted(other))
    return next((ref for ref in refs if ref not in order.apart), None)


def _came_before(other: Order, order: Order) -> bool:
    earlier = (other.received_at, other.ref) < (order.received_at, order.ref)
    recent = order.received_at - other.received_at <= WITHIN
    return earlier and recent and other.currency == order.currency and nearly_same(order.lines, other.lines)


def _is_wanted(other: Order) -> bool:
    kept = holds_cart(other) and not is_given_back(other)
    return kept and not other.cancel_asked and other.placement.state not in GIVEN_UP


def rival_there(order: Order, found: Iterable[PrimaryOrder]) -> str | None:
    """The number of an order of this person that the shop took itself. We know the orders that we placed there."""
    numbers = (other.number for other in found if _is_like(other, order) and other.number not in order.apart)
    return next(numbers, None)


def _is_like(other: PrimaryOrder, order: Order) -> bool:
    of_the_shop = other.ref is None and other.cart_id != order.cart_id
    bought = other.status != CANCELLED and other.paid is not False
    return of_the_shop and bought and other.currency == order.currency and nearly_same(order.lines, other.lines)


def ask_them(order: Order, rival: str, now: datetime) -> Change:
    """Stop and ask: 'Did you already buy this?' `rival`: the other order's ref here, or its number in the shop."""
    return _ask(order, HoldCode.POSSIBLE_RIVAL, Event(now, "rival_asked", "worker", {"rival": rival}))


def ask_whether_paid(order: Order, rival: PrimaryOrder, now: datetime) -> Change:
    """The primary has an order for the same cart and does not report whether it is paid: ask the customer."""
    return _ask(order, HoldCode.MAYBE_PAID, Event(now, "rival_paid_asked", "worker", {"rival": rival.number}))


def _ask(order: Order, code: HoldCode, asked: Event) -> Change:
    if open_rival(order):
        return Change(order, ())
    hold = new_hold(code, CUSTOMER, asked.at, str(asked.data["rival"]))
    order = structs.replace(order, holds=(*order.holds, hold))
    return Change(queue_notice(order, NoticeKind.POSSIBLE_RIVAL, asked.at), (asked,))


def cancelled_there(order: Order, other: PrimaryOrder, now: datetime) -> Change:
    """The order that blocked this one in the primary is cancelled there."""
    return Change(order, (Event(now, "rival_cancelled", "worker", {"number": other.number}),))


def keep_both(order: Order, now: datetime, who: str, question: str = "") -> Change:
    """It is a separate purchase, or not paid, so this one goes on. Raises NotAllowedNow as `keep_other`."""
    hold = _answered(order, question)
    order = structs.replace(
        order,
        holds=tuple(other for other in order.holds if other is not hold),
        apart=(*order.apart, hold.detail),
        placement=structs.replace(order.placement, due_at=now),
    )
    answered = "rival_unpaid" if hold.code is HoldCode.MAYBE_PAID else "rival_apart"
    return Change(order, (Event(now, answered, who, {"rival": hold.detail}),))


def keep_other(order: Order, now: datetime, who: str, question: str = "") -> Change:
    """The customer already has the purchase, so this order is cancelled.

    `question`: the one that the customer read, if a page showed it. Raises NotAllowedNow if it is not open.
    """
    hold = _answered(order, question)
    undone = ask_to_cancel(order, now, who)
    assert undone  # an order that was cancelled before has no open question
    return Change(undone.order, (Event(now, "rival_same", who, {"rival": hold.detail}), *undone.events))


def open_rival(order: Order) -> Hold | None:
    """The question that the customer has not answered yet."""
    return next((hold for hold in order.holds if hold.code in ASKS_ABOUT_RIVAL), None)


def is_about_payment(order: Order) -> bool:
    """The question is whether the other order, for the same cart, is paid there; else whether both are wanted."""
    return any(hold.code is HoldCode.MAYBE_PAID for hold in order.holds)


def question_of(hold: Hold) -> str:
    """What tells it from every other question about this order."""
    return f"{hold.code} {hold.detail}"


def _answered(order: Order, question: str) -> Hold:
    hold = open_rival(order)
    if hold is None or question not in ("", question_of(hold)):
        raise NotAllowedNow("answered", "answer")
    if order.cancel_asked or order.placement.state is not PlacementState.WAITING:
        raise NotAllowedNow("answered", "answer")
    return hold
