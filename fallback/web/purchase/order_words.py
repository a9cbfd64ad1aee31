"""What people read about an order: plain sentences for what is, what comes next and what may be done. Data only.

Placeholders are filled by the presenters: number (the shop's), amount, when, owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.web.http.voice import N_


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
    N_("You can close this page. We will email you."),
)
NOT_PAID = Words(
    Tone.NEEDS_YOU,
    N_("We have your order, but it is not paid yet"),
    N_("Nothing was charged. The shop gets your order once your payment is approved."),
    N_("Enter a card below, now or later. You can return to this page with the link in our email."),
)
BANK_ASKS = Words(
    Tone.NEEDS_YOU,
    N_("Please confirm the payment with your bank"),
    N_("Your bank needs to verify your identity. Nothing is charged before that."),
    N_("After you confirm, your bank returns you to this page."),
)
DECLINED = Words(
    Tone.NEEDS_YOU,
    N_("Your bank did not accept the payment"),
    N_("Nothing was charged, and we keep your order."),
    N_("You can enter another card below."),
)
COSTS_MORE = Words(
    Tone.NEEDS_YOU,
    N_("Please enter your card again"),
    N_(
        "Your order was changed and now costs %(total)s. %(outgrown)s had been set aside on your card before: that has "
        "been released, and nothing was taken."
    ),
    N_("The shop gets your order once the amount is set aside."),
)
# Nothing was declined: what was set aside, or the card's details, did not last until it was needed.
CARD_AGAIN = Words(
    Tone.NEEDS_YOU,
    COSTS_MORE.title,
    DECLINED.now,
    COSTS_MORE.next,
)
CARD_AGAIN_AT_ONCE = Words(
    Tone.NEEDS_YOU,
    COSTS_MORE.title,
    N_("The shop has your order already, and nothing was taken for it yet."),
    N_("You get it once the amount is set aside again."),
)
PAYMENT_UNKNOWN = Words(
    Tone.MOVING,
    N_("We are asking your bank whether the payment went through"),
    N_("We did not receive your bank's response, so we do not know yet. We keep asking until we know."),
    N_("Please do not order again. We have this order, and you pay for it once at most. We will email you."),
)
PLACEMENT_UNKNOWN = Words(
    Tone.MOVING,
    N_("We are asking the shop whether it has your order"),
    N_(
        "We sent your order to the shop but did not receive a response, so we do not know yet. "
        "We keep asking until we know."
    ),
    N_("Please do not order again. The shop gets this order once at most. We will email you."),
)
WAITING = Words(
    Tone.GOOD,
    N_("We have your order and keep it safe"),
    N_("The amount is set aside on your card. It is charged only once the shop has your order."),
    N_("The shop gets your order as soon as its own system is back, and we email you. You do not need to do anything."),
)
PLACING = Words(
    Tone.MOVING,
    N_("The shop is getting your order"),
    N_("We send your order to the shop and check it line by line. Your card is charged only if everything is correct."),
    N_("This usually takes a few seconds. We email you the shop's order number."),
)
ON_HOLD = Words(
    Tone.MOVING,
    N_("An agent is reviewing your order"),
    N_("Your order needs a decision by an agent."),
    N_("We will write to you by %(when)s."),
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
    N_("We have sent your change to the shop"),
    N_("Your order stays unchanged until the shop has made the change and we have checked it."),
    N_("You do not need to do anything. This page shows when it is done."),
)
UNDOING = Words(
    Tone.MOVING,
    N_("We are cancelling your order"),
    N_("We are releasing any amount set aside on your card, and refund any amount charged."),
    N_("You do not need to do anything. We will email you when it is done."),
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
    N_("The shop delivers it as agreed."),
)
# Since it was changed, another sum is set aside than it costs.
PART_IS_TAKEN = N_(
    "%(aside)s is set aside on your card. It costs %(total)s now: that is taken, and %(rest)s is released then."
)
ALL_IS_RELEASED = N_("%(aside)s was set aside on your card before it was changed. That is being released.")
# What goes back, of what was taken, since it costs less.
PART_COMES_BACK = N_("It costs less now, so %(coming)s of that is on its way back to your card.")
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
    HoldCode.POISON: N_("A technical error on our side keeps us from processing your order."),
    HoldCode.PRIMARY_REFUSED: N_("The shop cannot take the order as it is."),
    HoldCode.PRIMARY_REGRESSED: N_("The shop does not show the order any more, though it had it."),
    HoldCode.ALREADY_SHIPPED: N_("The goods had left before the order could be cancelled."),
    HoldCode.ASKED_FOR_A_PERSON: N_("You asked for help."),
    HoldCode.DUPLICATES_UNGUARDED: N_("A person hands it over to the shop, so that it gets there once only."),
    HoldCode.BY_HAND: N_("A person makes this change in the shop's own system, because only that can do it."),
    HoldCode.MAYBE_PAID: N_("The shop has an order for the same basket, and does not tell us whether it is paid."),
    HoldCode.PAYMENT_DOUBTED: N_("The payment is being looked at. Nothing is taken and nothing is sent meanwhile."),
    HoldCode.MAIL_REFUSED: N_("Our mail does not reach you: your mail server refuses it. Please give another address."),
    HoldCode.REFUND_ASKED: N_("A refund was asked for. A person who may agree to it decides."),
    HoldCode.REFUND_FAILED: N_("Money that we sent to your card came back to us. A person finds another way with you."),
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
    "authorization_cancelled": N_("The amount was released before it was taken. That was not your doing."),
    "amount_raised": N_("The order costs more than was set aside, so that was released."),
    "card_token_expired": N_("The card details that you gave have run out, because it took us too long."),
}
DECLINED_WITHOUT_REASON = N_("The bank did not say why.")

# Of these, those that no bank said.
NOT_DECLINED = frozenset({"authorization_expired", "authorization_cancelled", "card_token_expired"})

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

KEPT_ASIDE = N_("Your bank keeps the amount aside until %(when)s. If that is not enough, we ask you first.")
PAY_BY = N_("If it is not paid by %(when)s, the order is cancelled, and nothing is charged.")

# What is still to come on the way of an order that goes well.
AHEAD_PAYMENT = N_("The amount is set aside on your card")
AHEAD_PLACEMENT = N_("The shop gets your order, and you get its number")
AHEAD_CAPTURE = N_("The amount is taken, once")
AHEAD_RELEASE = N_("Nothing is set aside on your card any more")
