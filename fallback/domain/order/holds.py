"""Holds: why an order waits for a person. Each has an owner and a time by which the customer gets the next update."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct


class HoldCode(StrEnum):
    PRICE_CHANGED = "price_changed"
    OUT_OF_STOCK = "out_of_stock"
    POSSIBLE_RIVAL = "possible_rival"
    MISMATCH = "mismatch"
    PAYMENT_EXPIRING = "payment_expiring"
    PAYMENT_REFUSED = "payment_refused"
    POISON = "poison"
    PRIMARY_REFUSED = "primary_refused"
    PRIMARY_REGRESSED = "primary_regressed"
    ALREADY_SHIPPED = "already_shipped"
    ASKED_FOR_A_PERSON = "asked_for_a_person"
    DUPLICATES_UNGUARDED = "duplicates_unguarded"
    BY_HAND = "by_hand"
    CAPTURED_LESS = "captured_less"
    PAYMENT_DOUBTED = "payment_doubted"
    MAIL_REFUSED = "mail_refused"
    MAYBE_PAID = "maybe_paid"
    REFUND_FAILED = "refund_failed"
    REFUND_ASKED = "refund_asked"
    PAYMENT_NOT_REPORTED = "payment_not_reported"
    WITHDRAWAL = "withdrawal"


# The customer gets an update within a working day; an expiring authorization or a possible duplicate cannot wait so
# long.
NEXT_WORD_WITHIN = {
    HoldCode.PAYMENT_EXPIRING: timedelta(hours=2),
    HoldCode.POSSIBLE_RIVAL: timedelta(hours=4),
    HoldCode.MAYBE_PAID: timedelta(hours=4),
}
NEXT_WORD_OTHERWISE = timedelta(hours=8)


# The customer knows best: is the other order the same purchase, and, for the same cart, is it paid in the shop?
ASKS_ABOUT_RIVAL = frozenset({HoldCode.POSSIBLE_RIVAL, HoldCode.MAYBE_PAID})

# The order goes on meanwhile: the shop gets it while a question is answered or an address is asked for.
STOPS_NOTHING = frozenset(
    {
        HoldCode.ASKED_FOR_A_PERSON,
        HoldCode.MAIL_REFUSED,
        HoldCode.REFUND_ASKED,
        HoldCode.WITHDRAWAL,
        HoldCode.PAYMENT_NOT_REPORTED,
    }
)


# An agent who looks in the shop may find the purchase there: the shop reports that the cart was ordered, or that
# something is sold out, because this customer bought it; or only a person can look. A mismatch concerns our own order
# there.
BOUGHT_THERE = frozenset({HoldCode.DUPLICATES_UNGUARDED, HoldCode.PRIMARY_REFUSED, HoldCode.OUT_OF_STOCK})


class Hold(Struct, frozen=True, omit_defaults=True):
    """`detail` names what the agent needs to know: SKUs, figures, the queue that a poison order stopped.

    `said`: the id of the customer's question in their own words (domain/order/texts_by_people.py); 0: no question.
    `told`: which owner of the order knows of it (domain/support/owner_mail.py).
    """

    code: HoldCode
    owner: str
    since: datetime
    next_word_by: datetime
    detail: str = ""
    said: int = 0
    told: str = ""

    @property
    def stops(self) -> bool:
        """Whether the order waits for the person."""
        return self.code not in STOPS_NOTHING

    @property
    def keeps_customer_waiting(self) -> bool:
        """After the purchase is over: for an answer, or for money. What the shop's books say is between it and us."""
        return not self.stops and self.code is not HoldCode.PAYMENT_NOT_REPORTED


def new_hold(code: HoldCode, owner: str, now: datetime, detail: str = "") -> Hold:
    return Hold(code, owner, now, now + NEXT_WORD_WITHIN.get(code, NEXT_WORD_OTHERWISE), detail)
