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
    N_("We are asking your bank to reserve the amount. This takes a few seconds."),
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
    N_("Please confirm the payment"),
    N_("Your bank or payment service asks you to confirm it on its own page. Nothing is charged before that."),
    N_("After that you return to this page."),
)
DECLINED = Words(
    Tone.NEEDS_YOU,
    N_("Your bank did not accept the payment"),
    N_("Nothing was charged, and we keep your order."),
    N_("You can enter another card below."),
)
# At a payment service (Klarna, PayPal): the customer left its page, or it did not accept the payment.
NOT_COMPLETED = Words(
    Tone.NEEDS_YOU,
    N_("The payment was not completed"),
    DECLINED.now,
    N_("You can try again or pay in another way below."),
)
COSTS_MORE = Words(
    Tone.NEEDS_YOU,
    N_("Please enter your card again"),
    N_(
        "Your order was changed and now costs %(total)s. We have released the %(outgrown)s that was "
        "reserved on your card, and nothing was charged."
    ),
    N_("The shop gets your order once your bank has reserved the amount."),
)
# Not a decline: the reservation or the card details expired.
CARD_AGAIN = Words(
    Tone.NEEDS_YOU,
    COSTS_MORE.title,
    DECLINED.now,
    COSTS_MORE.next,
)
CARD_AGAIN_AT_ONCE = Words(
    Tone.NEEDS_YOU,
    COSTS_MORE.title,
    N_("The shop already has your order, and nothing was charged yet."),
    N_("The shop delivers it once your bank has reserved the amount again."),
)
PAYMENT_UNKNOWN = Words(
    Tone.MOVING,
    N_("We are asking your bank whether the payment went through"),
    N_("We did not receive your bank's response, so we do not know yet. We keep asking until we know."),
    N_("Please do not order again. We have this order, and you will not be charged twice. We will email you."),
)
PLACEMENT_UNKNOWN = Words(
    Tone.MOVING,
    N_("We are asking the shop whether it has your order"),
    N_(
        "We sent your order to the shop but did not receive a response, so we do not know yet. "
        "We keep asking until we know."
    ),
    N_("Please do not order again. The shop will not get this order twice. We will email you."),
)
WAITING = Words(
    Tone.GOOD,
    N_("We have your order and keep it safe"),
    N_("The amount is reserved. It is charged only once the shop has your order."),
    N_("The shop gets your order as soon as its own system is back, and we email you. You do not need to do anything."),
)
# Nothing is reserved for an order that costs nothing.
WAITING_FREE = Words(WAITING.tone, WAITING.title, N_("Your order costs nothing."), WAITING.next)
PLACING = Words(
    Tone.MOVING,
    N_("The shop is getting your order"),
    N_("We send your order to the shop and check it line by line. You are charged only if everything is correct."),
    N_("This usually takes a few seconds. We email you the shop's order number."),
)
ON_HOLD = Words(
    Tone.MOVING,
    N_("An agent is reviewing your order"),
    N_("Your order needs a decision by an agent."),
    N_("We will write to you by %(when)s."),
)
# Somebody charged it by hand, at the payment provider, before the shop had the order.
WAITING_PAID = Words(WAITING.tone, WAITING.title, N_("Your payment of %(amount)s was successful."), WAITING.next)
PLACING_PAID = Words(PLACING.tone, PLACING.title, WAITING_PAID.now, PLACING.next)
POSSIBLE_RIVAL = Words(
    Tone.NEEDS_YOU,
    N_("Did you already buy this?"),
    N_("You have another order for nearly the same items: %(rival)s."),
    N_("One click below is enough. If you do not answer, an agent reviews your order by %(when)s."),
)
MAYBE_PAID = Words(
    Tone.NEEDS_YOU,
    N_("Have you paid for this in the shop?"),
    N_("The shop has an order for the same basket, number %(rival)s, and does not tell us whether it is paid."),
    POSSIBLE_RIVAL.next,
)
AMENDING = Words(
    Tone.MOVING,
    N_("We have sent your change to the shop"),
    N_("Your order stays unchanged until the shop has made the change and we have checked it."),
    N_("You do not need to do anything. This page shows when it is done."),
)
SETTLED = Words(
    Tone.GOOD,
    N_("The shop has your order"),
    N_("The shop's order number is %(number)s. You were charged %(amount)s."),
    N_("The shop delivers it as ordered."),
)
SETTLED_FREE = Words(
    SETTLED.tone, SETTLED.title, N_("The shop's order number is %(number)s. Your order costs nothing."), SETTLED.next
)
# After a change, the reserved amount differs from the total.
PART_IS_TAKEN = N_(
    "%(aside)s is reserved on your card. The order now costs %(total)s: we charge only that, and "
    "your bank releases the other %(rest)s."
)
ALL_IS_RELEASED = N_("%(aside)s was reserved on your card before your order was changed. We are releasing it.")
# The refund after a change to a lower total.
PART_COMES_BACK = N_("Your order costs less now, so we are refunding %(coming)s to your card.")
# A partial refund.
PART_BACK = N_("We have refunded %(refunded)s of that to your card.")
REFUNDED_TO_CARD = N_("We have refunded %(amount)s to the card that you paid with.")
# If a refund to the card failed.
REFUNDED_OTHERWISE = N_("We have refunded %(otherwise)s to you in another way.")
# After a dispute that the customer's bank decided for them.
RETURNED_BY_BANK = N_("Your bank has returned %(returned)s to you.")
REFUNDED = Words(
    Tone.OVER,
    N_("Your order is cancelled and refunded"),
    REFUNDED_TO_CARD,
    N_("Banks take up to 10 working days to show refunds. You can order the same basket again at any time."),
)
MONEY_BACK = Words(
    Tone.OVER,
    N_("Your order is refunded"),
    REFUNDED_TO_CARD,
    N_("Banks take up to 10 working days to show refunds."),
)

UNREACHABLE = N_("Our emails to %(email)s do not arrive. Please enter another address.")

# Why an agent decides, by the code of the hold.
HOLD_REASONS = {
    HoldCode.PRICE_CHANGED: N_("A price has changed in the shop."),
    HoldCode.OUT_OF_STOCK: N_("An item that you ordered is out of stock."),
    HoldCode.POSSIBLE_RIVAL: N_("The shop may already have this order. We make sure that you do not buy it twice."),
    HoldCode.MISMATCH: N_(
        "The order in the shop differs from what you ordered. We are correcting that before anything else happens."
    ),
    HoldCode.PAYMENT_EXPIRING: N_("Your bank will soon release the amount reserved on your card."),
    HoldCode.PAYMENT_REFUSED: N_("The payment failed because of a problem on our side, not because of your card."),
    HoldCode.POISON: N_("A technical error on our side keeps us from processing your order."),
    HoldCode.PRIMARY_REFUSED: N_("The shop did not accept this order."),
    HoldCode.PRIMARY_REGRESSED: N_("The shop had this order but does not show it any more."),
    HoldCode.ALREADY_SHIPPED: N_("The goods were shipped before the order could be cancelled."),
    HoldCode.ASKED_FOR_A_PERSON: N_("You asked for help."),
    HoldCode.DUPLICATES_UNGUARDED: N_(
        "An agent enters this order in the shop, so that the shop does not get it twice."
    ),
    HoldCode.BY_HAND: N_("An agent makes this change in the shop's own system."),
    HoldCode.MAYBE_PAID: N_("The shop has an order for the same basket, and does not tell us whether it is paid."),
    HoldCode.PAYMENT_DOUBTED: N_("The payment is being reviewed."),
    HoldCode.MAIL_REFUSED: N_(
        "Our emails do not reach you because your mail server rejects them. Please enter another address."
    ),
    HoldCode.REFUND_ASKED: N_("An agent requested a refund, which a second agent has to approve."),
    HoldCode.REFUND_FAILED: N_("Our refund to your card failed. An agent will contact you to find another way."),
    HoldCode.PAYMENT_NOT_REPORTED: N_("The shop could not be told about your payment. An agent tells the shop."),
    HoldCode.WITHDRAWAL: N_("You withdrew from the contract. An agent tells the shop."),
    HoldCode.CAPTURED_LESS: N_("You were charged less than the order costs. An agent is checking this."),
}

# What does not happen until the hold is released, unless somebody charged the order by hand.
NOT_CHARGED = {
    HoldCode.POSSIBLE_RIVAL: N_("Nothing is charged until you answer."),
    HoldCode.MAYBE_PAID: N_("Nothing is charged until you answer."),
    HoldCode.PRICE_CHANGED: N_("Nothing is charged unless you agree to the new price."),
    HoldCode.OUT_OF_STOCK: N_("Nothing is charged in the meantime."),
    HoldCode.PAYMENT_DOUBTED: N_("Nothing is charged or shipped in the meantime."),
}
# True of each of them.
NOT_CHARGED_MEANWHILE = NOT_CHARGED[HoldCode.OUT_OF_STOCK]

# Why a card was declined, where the bank gave a reason that helps; Stripe's words (payments/declines.py) and ours.
DECLINES = {
    "insufficient_funds": N_("The bank reports that the card does not have enough funds or limit for this amount."),
    "expired_card": N_("The card has expired."),
    "incorrect_cvc": N_("The security code is not correct."),
    "invalid_cvc": N_("The security code is not correct."),
    "incorrect_number": N_("The card number is not correct."),
    "invalid_number": N_("The card number is not correct."),
    "invalid_expiry_month": N_("The expiry date is not correct."),
    "invalid_expiry_year": N_("The expiry date is not correct."),
    "payment_method_customer_decline": N_("You did not confirm the payment."),
    "payment_method_provider_decline": N_("The payment service did not accept it."),
    "payment_intent_payment_attempt_expired": N_("The payment was not confirmed in time."),
    "authentication_required": N_("The payment was not confirmed with your bank."),
    "payment_intent_authentication_failure": N_("The payment was not confirmed with your bank."),
    "processing_error": N_("Your bank could not process the payment."),
    "issuer_not_available": N_("Your bank could not process the payment."),
    "authorization_expired": N_("Your bank released the amount because we took too long."),
    "authorization_cancelled": N_("The amount was released before it was charged. You did nothing wrong."),
    "amount_raised": N_("The order costs more than the amount that was reserved, so we released that amount."),
    "card_token_expired": N_("The card details that you entered expired because we took too long."),
}
DECLINED_WITHOUT_REASON = N_("The bank did not give a reason.")

# The reasons above that no bank gave.
NOT_DECLINED = frozenset({"authorization_expired", "authorization_cancelled", "card_token_expired"})

# The reasons above that a payment service gave.
AT_A_SERVICE = frozenset(
    {
        "payment_method_customer_decline",
        "payment_method_provider_decline",
        "payment_intent_payment_attempt_expired",
    }
)

# The advice after a decline.
ADVICE = {
    "never": N_("This card cannot be used here. Please enter another card."),
    "customer": N_("Please enter another card, or check the details of this one."),
    "soft": N_("Please try again later, or enter another card."),
}

# The shortest name of each headline, for lists.
NAMES = {
    Headline.RECEIVED: N_("Received"),
    Headline.PAYMENT_NEEDED: N_("Payment needed"),
    Headline.CHECKING: N_("Checking"),
    Headline.WAITING: N_("Waiting for the shop"),
    Headline.PLACING: N_("Being placed"),
    Headline.ON_HOLD: N_("On hold"),
    Headline.UNDOING: N_("Being cancelled"),
    Headline.SETTLED: N_("Settled"),
    Headline.MERGED: N_("Merged"),
    Headline.CANCELLED: N_("Cancelled"),
    Headline.REFUNDED: N_("Refunded"),
}

KEPT_ASIDE = N_("The amount is reserved until %(when)s. If we need more time, we ask you first.")
KEPT_UNTIL = N_("We keep your name, addresses and messages until %(when)s. Then we erase them.")
PAY_BY = N_("We keep your order until %(when)s. If it is not paid by then, it is cancelled, and nothing is charged.")

# The next steps of an order if all goes well.
AHEAD_PAYMENT = N_("The amount is reserved")
AHEAD_PLACEMENT = N_("The shop receives your order and gives it a number")
AHEAD_CAPTURE = N_("You are charged")
