"""What people read about an order: plain sentences for what is, what comes next and what may be done. Data only.

Placeholders are filled by the presenters: number (the shop's), amount, when, owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import Headline
from fallback.web.voice import N_


class Tone(StrEnum):
    """How a page looks: something moves, the customer is needed, all is well, it is over."""

    MOVING = "moving"
    NEEDS_YOU = "needs-you"
    GOOD = "good"
    OVER = "over"


@dataclass(frozen=True)
class Words:
    tone: Tone
    title: str
    now: str
    next: str


RECEIVED = Words(
    Tone.MOVING,
    N_("Thank you, we have your order"),
    N_("We are asking your bank to set the amount aside. This takes a few seconds."),
    N_("You may close this page: we write to you."),
)
NOT_PAID = Words(
    Tone.NEEDS_YOU,
    N_("Your order is in hand, but not paid yet"),
    N_("Nothing was taken. The shop gets your order once the payment is arranged."),
    N_("Give a card below, now or later: the link in our mail leads back to this page."),
)
BANK_ASKS = Words(
    Tone.NEEDS_YOU,
    N_("Please confirm the payment with your bank"),
    N_("Your bank wants to be sure that it is you who pays. Nothing is taken before that."),
    N_("When you have confirmed it, your bank leads you back to this page."),
)
DECLINED = Words(
    Tone.NEEDS_YOU,
    N_("Your bank did not accept the payment"),
    N_("Nothing was taken, and your order stays in hand."),
    N_("You can give another card below."),
)
COSTS_MORE = Words(
    Tone.NEEDS_YOU,
    N_("Please give your card once more"),
    N_(
        "Your order was changed and now costs %(total)s. %(outgrown)s had been set aside on your card before: that has "
        "been released, and nothing was taken."
    ),
    N_("The shop gets your order once the new sum is set aside."),
)
PAYMENT_UNKNOWN = Words(
    Tone.MOVING,
    N_("We are asking your bank whether the payment went through"),
    N_("The answer was lost on its way, so we do not know yet. We keep asking until we do."),
    N_("Please do not order again: this order is in hand, and is paid once at most. We write to you."),
)
PLACEMENT_UNKNOWN = Words(
    Tone.MOVING,
    N_("We are asking the shop whether it has your order"),
    N_("We handed it over, and the answer was lost on its way, so we do not know yet. We keep asking until we do."),
    N_("Please do not order again: the shop gets this order once at most. We write to you."),
)
WAITING = Words(
    Tone.GOOD,
    N_("Your order is in hand"),
    N_("The amount is set aside on your card. It is taken only once the shop has your order."),
    N_("The shop gets your order as soon as its own system is back, and you get a mail. You need to do nothing more."),
)
PLACING = Words(
    Tone.MOVING,
    N_("The shop is getting your order"),
    N_("We hand it over and compare it line by line. The amount is taken only when everything is right."),
    N_("This takes a few seconds as a rule. You get a mail with the shop's number."),
)
ON_HOLD = Words(
    Tone.MOVING,
    N_("A person is looking after your order"),
    N_("Something about it needs a decision."),
    N_("You hear from us by %(when)s."),
)
POSSIBLE_RIVAL = Words(
    Tone.NEEDS_YOU,
    N_("Did you already buy this?"),
    N_("You have another order for nearly the same things: %(rival)s. Nothing is taken until you have answered."),
    N_("One click below is enough. If we do not hear from you, a person looks at it by %(when)s."),
)
MAYBE_PAID = Words(
    Tone.NEEDS_YOU,
    N_("Have you paid for this in the shop?"),
    N_(
        "The shop has an order for the same basket, number %(rival)s, and does not tell us whether it is paid. Nothing "
        "is taken until you have answered."
    ),
    POSSIBLE_RIVAL.next,
)
AMENDING = Words(
    Tone.MOVING,
    N_("The shop is asked for your change"),
    N_("Your order stands as it was until the shop has written the change down and we have compared it."),
    N_("You need to do nothing more: this page says when it is done."),
)
UNDOING = Words(
    Tone.MOVING,
    N_("We are undoing your order"),
    N_("What was set aside on your card is being released; what was taken goes back to it."),
    N_("You need to do nothing more. We write to you when it is done."),
)
MERGING = Words(
    Tone.MOVING,
    N_("The shop already had your order"),
    N_("Your first try had reached the shop after all, as number %(number)s. We have not ordered a second time."),
    N_("What we had set aside on your card is being released. We write to you when it is done."),
)
SETTLED = Words(
    Tone.GOOD,
    N_("The shop has your order"),
    N_("Its number in the shop is %(number)s. %(amount)s was taken from your card, once."),
    N_("The shop sends it to you as agreed."),
)
# A part that went back, of what was taken.
PART_BACK = N_("Of that, %(refunded)s went back to your card.")
MERGED = Words(
    Tone.GOOD,
    N_("The shop already had your order"),
    N_("Your first try had reached the shop after all, as number %(number)s. We have not ordered a second time."),
    N_("You pay once, to the shop. What we had set aside is released; some banks show that after a few days only."),
)
CANCELLED = Words(
    Tone.OVER,
    N_("Your order is cancelled"),
    N_("Nothing was taken. If an amount was set aside on your card, it is released."),
    N_("Some banks show that after a few days only. You can order the same basket again at any time."),
)
REFUNDED = Words(
    Tone.OVER,
    N_("Your order is cancelled, and your money is on its way back"),
    N_("%(amount)s go back to the card that you paid with."),
    N_("Banks take up to ten working days to show it. You can order the same basket again at any time."),
)
MONEY_BACK = Words(
    Tone.OVER,
    N_("Your money is on its way back"),
    REFUNDED.now,
    N_("Banks take up to ten working days to show it."),
)

# Why a person looks after it, by the code of the hold.
HOLDS = {
    HoldCode.PRICE_CHANGED: N_("A price has changed in the shop. Nothing is charged before you have agreed to it."),
    HoldCode.OUT_OF_STOCK: N_("Something that you ordered is no longer in stock. Nothing is charged meanwhile."),
    HoldCode.POSSIBLE_RIVAL: N_("The shop may have this order from your first try. We make sure you buy it once only."),
    HoldCode.MISMATCH: N_("What the shop wrote down is not what you ordered. We have stopped until that is put right."),
    HoldCode.PAYMENT_EXPIRING: N_("Your bank will not keep the amount aside much longer."),
    HoldCode.PAYMENT_REFUSED: N_(
        "The payment could not be made, for a reason that lies with us and not with your card."
    ),
    HoldCode.POISON: N_("Something on our side fails whenever we go on with it."),
    HoldCode.PRIMARY_REFUSED: N_("The shop cannot take the order as it is."),
    HoldCode.PRIMARY_REGRESSED: N_("The shop does not show the order any more, though it had it."),
    HoldCode.ALREADY_SHIPPED: N_("The goods had left before the order could be cancelled."),
    HoldCode.ASKED_FOR_A_PERSON: N_("You asked for a person."),
    HoldCode.DUPLICATES_UNGUARDED: N_("A person hands it over to the shop, so that it gets there once only."),
    HoldCode.BY_HAND: N_("A person makes this change in the shop's own system, because only that can do it."),
    HoldCode.MAYBE_PAID: N_("The shop has an order for the same basket, and does not tell us whether it is paid."),
    HoldCode.CAPTURED_LESS: N_("Less was taken than the order costs. A person checks that before it goes on."),
}

# Why a card was declined, where the bank gave a reason that helps; Stripe's words (payments/declines.py) and ours.
DECLINES = {
    "insufficient_funds": N_("The bank says that the amount is more than the card allows right now."),
    "expired_card": N_("The card has expired."),
    "incorrect_cvc": N_("The security code was not right."),
    "invalid_cvc": N_("The security code was not right."),
    "incorrect_number": N_("The card number was not right."),
    "invalid_number": N_("The card number was not right."),
    "invalid_expiry_month": N_("The expiry date was not right."),
    "invalid_expiry_year": N_("The expiry date was not right."),
    "authentication_required": N_("The payment was not confirmed with your bank."),
    "payment_intent_authentication_failure": N_("The payment was not confirmed with your bank."),
    "processing_error": N_("Your bank could not answer."),
    "issuer_not_available": N_("Your bank could not answer."),
    "authorization_expired": N_("Your bank no longer keeps the amount aside, because it took us too long."),
    "amount_raised": N_("The order costs more than was set aside, so that was released."),
    "card_token_expired": N_("The card details that you gave have run out, because it took us too long."),
}
DECLINED_WITHOUT_REASON = N_("The bank did not say why.")

# What may be done after a decline, by its advice.
ADVICE = {
    "never": N_("This card cannot be used here. Please give another one."),
    "customer": N_("Please give another card, or check the details of this one."),
    "soft": N_("Please try again a little later, or give another card."),
}

# The shortest name of each headline, for lists.
NAMES = {
    Headline.RECEIVED: N_("Received"),
    Headline.PAYMENT_NEEDED: N_("Payment needed"),
    Headline.CHECKING: N_("Checking"),
    Headline.WAITING: N_("Waiting for the shop"),
    Headline.PLACING: N_("Being placed"),
    Headline.ON_HOLD: N_("On hold"),
    Headline.UNDOING: N_("Being undone"),
    Headline.SETTLED: N_("Settled"),
    Headline.MERGED: N_("Merged"),
    Headline.CANCELLED: N_("Cancelled"),
    Headline.REFUNDED: N_("Refunded"),
}

# Lines of the timeline by what happened. What is not named here is for the console only.
EVENTS = {
    "received": N_("We have your order"),
    "changed": N_("Your details were changed"),
    "change_asked": N_("A change was asked for"),
    "change_taken_back": N_("The change is not wanted any more"),
    "contact_there": N_("The shop knows how to reach you now"),
    "contact_kept_here": N_("Our messages go where you want them. The shop's own may still go where they went before"),
    "amended": N_("The shop has written the change down: it was compared, and is as wanted"),
    "released": N_("The sum has changed, so the old one is no longer set aside"),
    "card_given": N_("A card was given"),
    "authorized": N_("The amount was set aside on the card"),
    "declined": N_("The bank did not accept the payment"),
    "bank_asks": N_("The bank asked for a confirmation"),
    "back_from_bank": N_("You came back from the bank"),
    "payment_unknown": N_("The bank's answer was lost, we asked again"),
    "authorization_lapsed": N_("The bank stopped keeping the amount aside"),
    "placed": N_("The shop got the order as number %(number)s"),
    "placement_unknown": N_("The shop's answer was lost, we asked again"),
    "verified": N_("What the shop has was compared with the order: it is the same"),
    "captured": N_("The amount was taken"),
    "captured_in_part": N_("Only a part of the amount was taken"),
    "on_hold": N_("A person was asked to look after it"),
    "merged": N_("The shop already had this order as number %(number)s"),
    "unpaid": N_("It was not paid in time, so it is undone"),
    "cancel_asked": N_("A cancellation was asked for"),
    "cancelled": N_("The order was cancelled"),
    "late_found": N_("It stands in the shop as number %(number)s although it is over: it is undone there"),
    "late_undone": N_("It had reached the shop late, as number %(number)s, and was cancelled there"),
    "voided": N_("Nothing is set aside on the card any more"),
    "refunded": N_("An amount was sent back to the card"),
    "refund_asked": N_("A colleague was asked to agree to a refund"),
    "refund_approved": N_("The refund was agreed to"),
    "refund_declined": N_("The refund was looked at and not agreed to"),
    "refund_granted": N_("A refund was granted"),
    "difference_granted": N_("It costs less since it was changed: the difference goes back to the card"),
    "taken_over": N_("Another person at the shop looks after it now"),
    "asked_for_a_person": N_("A question was asked"),
    "answered": N_("The question was answered"),
    "rival_asked": N_("There is another order for nearly the same: %(rival)s. We asked whether both are wanted"),
    "rival_paid_asked": N_("The shop has order %(rival)s for the same basket. We asked whether it is paid there"),
    "rival_unpaid": N_("%(rival)s is not paid in the shop, so this one goes on"),
    "rival_cancelled": N_("Order %(number)s in the shop, which nobody had paid, was cancelled there"),
    "rival_apart": N_("Both are wanted, this one and %(rival)s"),
    "rated": N_("You told us how it was"),
    "rival_same": N_("%(rival)s is the same purchase, so this one is undone"),
    "owner_given": N_("%(owner)s looks after it"),
    "escalated": N_("It was passed up: %(owner)s looks after it now"),
    "next_word": N_("It takes longer: we wrote when you hear next"),
    "asked_again": N_("We wrote again that the payment is still open"),
    "noted": N_("A note was made"),
    "payment_link_sent": N_("A link to the payment was sent"),
    "hold_released": N_("A person looked at it and let it go on"),
    "call_arranged": N_("A call was promised"),
    "erased": N_("Name, address and all else that is personal were erased here"),
    "called": N_("The call was made"),
    "handed_over": N_("It is on its way to %(to)s, with all that is known"),
    "handover_accepted": N_("%(owner)s has taken it over"),
    "handover_returned": N_("%(to)s could not take it, so %(owner)s goes on with it"),
}

KEPT_ASIDE = N_("Your bank keeps the amount aside until %(when)s. If that is not enough, we ask you first.")
PAY_BY = N_("If it is not paid by %(when)s, the order is cancelled, and nothing is charged.")

# What is still to come on the way of an order that goes well.
AHEAD_PAYMENT = N_("The amount is set aside on your card")
AHEAD_PLACEMENT = N_("The shop gets your order, and you get its number")
AHEAD_CAPTURE = N_("The amount is taken, once")
AHEAD_RELEASE = N_("Nothing is set aside on your card any more")
