"""What people read about what happened to an order: a sentence for each event of the timeline. Data only."""

from __future__ import annotations

from enum import StrEnum

from fallback.web.http.voice import N_


class Mark(StrEnum):
    """How a line of the timeline looks: a step was done, something went wrong, or the order waits or ends."""

    DONE = "done"
    WRONG = "went-wrong"
    NOTED = "noted"


WENT_WRONG = frozenset(
    {
        "declined",
        "payment_unknown",
        "authorization_lapsed",
        "authorization_cancelled",
        "payment_cancelled",
        "placement_unknown",
        "captured_in_part",
        "unpaid",
        "payment_not_reported",
        "refund_failed",
        "refund_declined",
    }
)
# No step forward, and nobody's fault.
NOTED = frozenset(
    {
        "may_be_late",
        "change_asked",
        "change_taken_back",
        "contact_kept_here",
        "bank_asks",
        "on_hold",
        "merged",
        "contract_withdrawn",
        "cancel_asked",
        "cancelled",
        "late_found",
        "refund_asked",
        "taken_over",
        "asked_for_a_person",
        "rival_asked",
        "rival_paid_asked",
        "rated",
        "owner_given",
        "escalated",
        "next_word",
        "asked_again",
        "noted",
        "call_arranged",
        "erased",
        "handed_over",
        "handover_returned",
    }
)


def mark(what: str) -> Mark:
    return Mark.WRONG if what in WENT_WRONG else Mark.NOTED if what in NOTED else Mark.DONE


# The changed parts of an order, and its new total.
CHANGED = {
    "contact": N_("Contact"),
    "shipping_address": N_("Address"),
    "note": N_("Note"),
    "delivery": N_("Delivery"),
    "lines": N_("Items"),
}
COSTS_NOW = N_("The new total is %(amount)s instead of %(before)s")

# Lines of the timeline by event. Events that are not listed are shown in the console only.
EVENTS = {
    "received": N_("We have your order"),
    "may_be_late": N_("The shop may not have enough of an item, so it may be delivered later"),
    "changed": N_("Your details were changed"),
    "change_asked": N_("A change was requested"),
    "change_taken_back": N_("The change was withdrawn"),
    "contact_there": N_("The shop has the new contact details"),
    "contact_kept_here": N_("Our emails use the new contact details. The shop may still use the previous ones"),
    "amended": N_("The shop made the change, and we checked that it is correct"),
    "released": N_("The total changed, so the amount reserved before was released"),
    "card_given": N_("Payment details were entered"),
    "authorized": N_("The amount was reserved"),
    "declined": N_("The payment was not accepted"),
    "bank_asks": N_("The payment needed a confirmation"),
    "back_from_bank": N_("You came back from the payment page"),
    "payment_unknown": N_("The bank did not respond, and we asked again"),
    "authorization_lapsed": N_("The bank released the reserved amount because the reservation expired"),
    "authorization_cancelled": N_("The reserved amount was released before it was charged"),
    "payment_cancelled": N_("The payment was cancelled before it was complete"),
    "placed": N_("The shop received the order as number %(number)s"),
    "placement_unknown": N_("The shop did not respond, and we asked again"),
    "verified": N_("We checked that the order in the shop is correct"),
    "prices_honoured": N_("The shop placed the order at the prices that were agreed, although they changed since"),
    "captured": N_("The card was charged"),
    "captured_in_part": N_("The card was charged for a part of the amount only"),
    "on_hold": N_("The order was passed to an agent for review"),
    "merged": N_("The shop already had this order as number %(number)s"),
    "unpaid": N_("The order was not paid in time and is being cancelled"),
    "payment_reported": N_("The shop was told about the payment"),
    "payment_not_reported": N_("The shop could not be told about the payment"),
    "contract_withdrawn": N_("A withdrawal from the contract was received. Pieces: %(pieces)s"),
    "withdrawal_reported": N_("The shop was told about the withdrawal from the contract"),
    "cancel_asked": N_("Cancellation was requested"),
    "cancelled": N_("The order was cancelled"),
    "late_found": N_("The shop still has this order as number %(number)s. We are cancelling it there"),
    "late_undone": N_("The order reached the shop late, as number %(number)s, and was cancelled there"),
    "voided": N_("The amount reserved on the card was released"),
    "refunded": N_("An amount was refunded to the card"),
    "refund_failed": N_("A refund to the card failed"),
    "refund_sent_again": N_("The refund was sent to the card again"),
    "refund_paid_otherwise": N_("The refund was paid in another way"),
    "refund_asked": N_("A second agent was asked to approve a refund"),
    "refund_approved": N_("The refund was approved"),
    "refund_declined": N_("The refund was declined"),
    "refund_granted": N_("A refund was granted"),
    "difference_granted": N_("The order costs less since it was changed, so the difference is refunded to the card"),
    "taken_over": N_("Another agent now handles the order"),
    "asked_for_a_person": N_("A question was asked"),
    "answered": N_("The question was answered"),
    "rival_asked": N_("There is another order for nearly the same items: %(rival)s. We asked whether both are wanted"),
    "rival_paid_asked": N_("The shop has order %(rival)s for the same basket. We asked whether it is paid there"),
    "rival_unpaid": N_("%(rival)s is not paid in the shop, so this order continues"),
    "rival_cancelled": N_("The unpaid order %(number)s was cancelled in the shop"),
    "rival_apart": N_("Both orders are wanted, this one and %(rival)s"),
    "rated": N_("You rated our service"),
    "rival_same": N_("%(rival)s is the same purchase, so this order is cancelled"),
    "owner_given": N_("%(owner)s handles the order"),
    "escalated": N_("The order was escalated: %(owner)s now handles it"),
    "next_word": N_("This takes longer than expected. We sent an email that names the next deadline"),
    "asked_again": N_("We sent a reminder that the order is not paid yet"),
    "noted": N_("A note was added"),
    "payment_link_sent": N_("A payment link was sent"),
    "hold_released": N_("An agent reviewed the order and released it"),
    "call_arranged": N_("A call was arranged"),
    "erased": N_("The name, address and other personal data were erased"),
    "sms_agreed": N_("Text messages were agreed to"),
    "sms_withdrawn": N_("Text messages were stopped"),
    "called": N_("The call was made"),
    "handed_over": N_("The order is being handed over to %(to)s"),
    "handover_accepted": N_("%(owner)s has taken over the order"),
    "handover_returned": N_("%(to)s did not accept the handover, so %(owner)s continues to handle the order"),
}
