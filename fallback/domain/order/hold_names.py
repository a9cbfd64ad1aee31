"""Short names of holds for agents: in lists, and in mails to the order's owner."""

from __future__ import annotations

from fallback.domain.order.holds import HoldCode
from fallback.domain.texts import N_

# Shorter than what the customer reads: to choose from a list.
HOLDS = {
    HoldCode.PRICE_CHANGED: N_("Price changed"),
    HoldCode.OUT_OF_STOCK: N_("Out of stock"),
    HoldCode.POSSIBLE_RIVAL: N_("Perhaps bought before"),
    HoldCode.MISMATCH: N_("The shop has something else"),
    HoldCode.PAYMENT_EXPIRING: N_("Payment about to lapse"),
    HoldCode.PAYMENT_REFUSED: N_("Payment refused"),
    HoldCode.POISON: N_("Fails on our side"),
    HoldCode.PRIMARY_REFUSED: N_("Refused by the shop"),
    HoldCode.PRIMARY_REGRESSED: N_("Lost by the shop"),
    HoldCode.ALREADY_SHIPPED: N_("Already shipped"),
    HoldCode.ASKED_FOR_A_PERSON: N_("Asked for a person"),
    HoldCode.DUPLICATES_UNGUARDED: N_("To be handed over by hand"),
    HoldCode.BY_HAND: N_("To be done in the shop by hand"),
    HoldCode.MAYBE_PAID: N_("Perhaps paid in the shop"),
    HoldCode.PAYMENT_DOUBTED: N_("Payment disputed or under review"),
    HoldCode.MAIL_REFUSED: N_("Mail refused"),
    HoldCode.REFUND_ASKED: N_("A refund to agree to"),
    HoldCode.REFUND_FAILED: N_("A refund came back"),
    HoldCode.CAPTURED_LESS: N_("Less captured than agreed"),
}
