"""An intent whose id was lost with an answer: the call that makes it is sent again, or the intent is looked for.

As long as the provider knows the idempotency key, the same call has the same answer, by one question. After that the
intents since then are gone through, which is long where many are made: from where the last look ended.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fallback.domain import retries
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Change, Order, PaymentState, Queue
from fallback.domain.payment.moves import with_payment

# The provider may forget a key after 24 hours.
KEY_LIFE = timedelta(hours=23)
# Where the search begins, if it has to begin.
NEWEST = ""
# The first time that an answer is lost says nothing of the next.
SLOW_AFTER = 2


def may_send_again(order: Order, now: datetime) -> bool:
    """Whether the call whose answer was lost may be made once more, under its key."""
    payment = order.payment
    lost = payment.intent is None and payment.search_after is None
    return lost and payment.asked_at is not None and now - payment.asked_at < KEY_LIFE


def is_slow(order: Order, now: datetime) -> bool:
    """Whether it may take a worker's time for long: then not all of them are to do that at once."""
    payment = order.payment
    if payment.intent or not (payment.attempt or payment.state is PaymentState.UNKNOWN):
        return False
    return payment.tries >= SLOW_AFTER or not may_send_again(order, now)


def not_through(order: Order, at: str, until: datetime, now: datetime, owner: str) -> Change:
    """All down to the intent `at` are others'. It goes on there at `until`, unless that was tried often enough."""
    order = with_payment(order, search_after=at, tries=order.payment.tries + 1, due_at=until)
    if retries.is_poison(order.payment.tries):
        return put_on_hold(order, HoldCode.POISON, now, owner, Queue.PAYMENT)
    return Change(order, ())
