"""What people read about an order that is given up, by what is known of the money. Data only.

The keys: whether an amount was reserved on the card; None: not known (domain/payment/reserved.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fallback.web.http.voice import N_
from fallback.web.purchase.order_words import REFUNDED_TO_CARD, Tone, Words

ByReservation = Mapping[bool | None, Words]

_UNDOING = Words(
    Tone.MOVING,
    N_("We are cancelling your order"),
    N_("We release any amount reserved on your card and refund any amount charged."),
    N_("You do not need to do anything. We will email you when it is done."),
)
UNDOING: ByReservation = {
    None: _UNDOING,
    True: replace(_UNDOING, now=N_("Nothing was charged. We are releasing the %(reserved)s reserved on your card.")),
    False: replace(_UNDOING, now=N_("Nothing was charged, and nothing is reserved on your card.")),
}
GIVING_BACK = replace(_UNDOING, now=N_("%(amount)s will be refunded to the card."))
# The shop still has the order, and the customer has all of the money back.
GIVEN_BACK = replace(_UNDOING, now=REFUNDED_TO_CARD)

_MERGING = Words(
    Tone.MOVING,
    N_("The shop already had your order"),
    N_("Your first order did reach the shop, as number %(number)s. We have not ordered a second time."),
    N_("We release any amount reserved on your card for the second order. We will email you when it is done."),
)
MERGING: ByReservation = {
    None: _MERGING,
    True: replace(
        _MERGING,
        next=N_(
            "We are releasing the %(reserved)s reserved on your card for the second order. We will email you when it "
            "is done."
        ),
    ),
    False: replace(_MERGING, next=N_("Nothing is charged for the second order.")),
}

# Somebody charged it by hand, at the payment provider.
MERGING_CHARGED = replace(_MERGING, next=GIVING_BACK.now)
MERGED_CHARGED = replace(_MERGING, tone=Tone.GOOD, next=REFUNDED_TO_CARD)

_MERGED = replace(
    _MERGING,
    tone=Tone.GOOD,
    next=N_(
        "You pay only for the shop's order. Any amount reserved for the second one is released. Some banks take a few "
        "days to show this."
    ),
)
MERGED: ByReservation = {
    None: _MERGED,
    True: replace(
        _MERGED,
        next=N_(
            "You pay only for the shop's order. The %(reserved)s reserved for the second one is released. Some banks "
            "take a few days to show this."
        ),
    ),
    False: replace(_MERGED, next=N_("You pay only for the shop's order.")),
}

_CANCELLED = Words(
    Tone.OVER,
    N_("Your order is cancelled"),
    N_("Nothing was charged. Any amount reserved on your card is released."),
    N_("Some banks take a few days to show this. You can order the same basket again at any time."),
)
CANCELLED: ByReservation = {
    None: _CANCELLED,
    True: replace(_CANCELLED, now=N_("Nothing was charged. The %(reserved)s reserved on your card is released.")),
    False: replace(_CANCELLED, now=UNDOING[False].now, next=N_("You can order the same basket again at any time.")),
}

# The remaining step of an order that is given up.
AHEAD_REFUND = N_("The amount charged is refunded to your card")
AHEAD: Mapping[bool | None, str] = {
    None: N_("Any amount reserved on your card is released"),
    True: N_("The amount reserved on your card is released"),
}
# Before an order is cancelled.
REFUNDED_UNLESS_SHIPPED = N_(
    "We refund %(amount)s to your card, unless the goods have already been shipped. In that case, an agent will "
    "write to you."
)
BEFORE_CANCELLING: Mapping[bool | None, str] = {
    None: N_("Your card is not charged, and any amount reserved on it is released."),
    True: N_("Your card is not charged, and the %(reserved)s reserved on it is released."),
    False: N_("Your card is not charged."),
}
