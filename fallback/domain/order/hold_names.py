"""Short names of holds for agents: in lists, and in mails to the order's owner."""

from __future__ import annotations

from fallback.domain.order.holds import HoldCode
from fallback.domain.texts import N_

# Shorter than what the customer reads: to choose from a list.
HOLD_NAMES = {
    HoldCode.PRICE_CHANGED: N_("Price changed"),
    HoldCode.OUT_OF_STOCK: N_("Out of stock"),
    HoldCode.POSSIBLE_RIVAL: N_("Possible duplicate purchase"),
    HoldCode.MISMATCH: N_("Differs from the shop's order"),
    HoldCode.PAYMENT_EXPIRING: N_("Authorization expires soon"),
    HoldCode.PAYMENT_REFUSED: N_("Payment refused"),
    HoldCode.POISON: N_("Repeated technical failure"),
    HoldCode.PRIMARY_REFUSED: N_("Refused by the shop"),
    HoldCode.PRIMARY_REGRESSED: N_("Lost by the shop"),
    HoldCode.ALREADY_SHIPPED: N_("Already shipped"),
    HoldCode.ASKED_FOR_A_PERSON: N_("Customer question"),
    HoldCode.DUPLICATES_UNGUARDED: N_("Hand over manually"),
    HoldCode.BY_HAND: N_("Manual work in the shop"),
    HoldCode.MAYBE_PAID: N_("Possibly paid in the shop"),
    HoldCode.PAYMENT_DOUBTED: N_("Payment disputed or under review"),
    HoldCode.MAIL_REFUSED: N_("Mail refused"),
    HoldCode.REFUND_ASKED: N_("Refund to approve"),
    HoldCode.REFUND_FAILED: N_("Refund failed"),
    HoldCode.PAYMENT_NOT_REPORTED: N_("Shop not told of the payment"),
    HoldCode.WITHDRAWAL: N_("Withdrawal from contract"),
    HoldCode.CAPTURED_LESS: N_("Less captured than agreed"),
}
