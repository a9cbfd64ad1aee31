"""The timeline of an order as agents read it: every event, newest first, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fallback.domain.order import texts_by_people
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.grants import GrantKind
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, NoticeKind, Order
from fallback.domain.payment.news import PaymentNews
from fallback.domain.support import owner_mail
from fallback.payments.webhooks import NEWS
from fallback.web.console.order.rows import name_of
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import event_words, order_words, policy_words
from fallback.web.purchase.order_timeline import costs_now

# Events that the customer does not see, since a mail or the event before it tells them.
FOR_COLLEAGUES = {
    "dispute_open": N_("The customer's bank disputes the payment"),
    "dispute_cleared": N_("The dispute was resolved: the payment stands"),
    "dispute_upheld": N_("The dispute was lost: the money went back to the customer's bank"),
    "review_open": N_("The payment is under review at Stripe"),
    "review_cleared": N_("The review at Stripe approved the payment"),
    "review_upheld": N_("The review at Stripe ended without an approval"),
    "fraud_warning_open": N_("The card network warns that the payment may be fraudulent"),
    "fraud_warning_cleared": N_("The fraud warning was cleared"),
    "cart_expired": N_("The cart had expired. It was accepted because it was valid when the incident began"),
    "from_journal": N_("The order was in the journal of a web server until now, because Redis was away"),
    "ordered_twice": N_("The customer ordered the same basket again while Redis was away. That order was not taken"),
    "notice_sent": N_("A mail was sent"),
    "notice_unknown": N_("A mail was sent, but the mail server's reply was lost"),
    "notice_failed": N_("A mail could not be delivered"),
    "notice_returned": N_("A mail was returned: it did not arrive"),
    "notice_delayed": N_("A mail server reports that a mail is late"),
    "sms_sent": N_("A text message was sent"),
    "sms_unknown": N_("A text message was sent, but the gateway's answer was lost"),
    "sms_failed": N_("The gateway refused a text message"),
    "sms_dropped": N_("A text message was dropped because it no longer applied"),
    "notice_dropped": N_("A mail was dropped because it no longer applied"),
    "links_renewed": N_("New order links were sent to the customer"),
    PaymentNews.BANK_ASKS: N_("Stripe: the bank asks for confirmation"),
    PaymentNews.DECLINED: N_("Stripe: payment declined"),
    PaymentNews.AUTHORIZED: N_("Stripe: payment authorized"),
    PaymentNews.CAPTURED: N_("Stripe: payment captured"),
    PaymentNews.VOIDED: N_("Stripe: authorization voided"),
    PaymentNews.REFUNDED: N_("Stripe: payment refunded"),
    PaymentNews.REFUND_CHANGED: N_("Stripe: refund updated"),
    PaymentNews.LAPSED: N_("Stripe: authorization expired"),
}
SENTENCES = event_words.EVENTS | FOR_COLLEAGUES

# Details of an event: its reason, subject or kind.
WORDS: dict[str, str] = {
    **order_words.DECLINES,
    **{code: order_words.HOLD_REASONS[code] for code in HoldCode},
    **{kind: policy_words.KINDS[kind] for kind in GrantKind},
    NoticeKind.RECEIVED: N_("Order received"),
    NoticeKind.PAYMENT_NEEDED: N_("Payment needed"),
    NoticeKind.PLACED: N_("The shop has the order"),
    NoticeKind.MERGED: N_("The shop already had the order"),
    NoticeKind.CANCELLED: N_("Cancelled"),
    NoticeKind.REFUNDED: N_("Refunded"),
    NoticeKind.MONEY_BACK: N_("Refund"),
    NoticeKind.ANSWER: N_("Our answer"),
    NoticeKind.POSSIBLE_RIVAL: N_("Do you want both orders?"),
    NoticeKind.LINKS: N_("New links"),
    NoticeKind.NEXT_WORD: N_("Delay"),
    NoticeKind.CHANGED: N_("Change made"),
    NoticeKind.REFUND_FAILED: N_("A refund failed"),
    NoticeKind.ADDRESS_LEFT: N_("E-mail address changed"),
    NoticeKind.NOT_CHANGED: N_("Change not possible"),
    NoticeKind.OWNER: N_("To the owner"),
    NoticeKind.WITHDRAWAL: N_("Receipt of the withdrawal"),
    NoticeKind.ORDERED_TWICE: N_("Ordered twice"),
    **owner_mail.REASONS,
    **event_words.CHANGED,
    "help": N_("Support"),
    "product": N_("Product"),
    "policy": N_("Policy"),
}
GOOD, NOT_GOOD = N_("good"), N_("not good")
# Shown in a panel, or as a text by a person (domain/order/texts_by_people.py).
NOT_SHOWN = frozenset({"said", "phone", "when", "grant", "reason", "incident", "card"})


@dataclass(frozen=True)
class EventRow:
    """`detail`: the figures and reasons of the event; `said`: a text by a person; `theirs`: by the customer."""

    moment: str
    text: str
    who: str
    detail: str
    said: str
    theirs: bool


def event_rows(order: Order, timeline: Sequence[Event], voice: Voice) -> list[EventRow]:
    return [
        EventRow(
            moment=voice.moment(event.at),
            text=sentence(event, voice),
            who=name_of(event.who, voice),
            detail=" · ".join(_details(event, order, voice)),
            said=texts_by_people.read(order, int(event.data["said"])) if "said" in event.data else "",
            theirs=event.who == CUSTOMER,
        )
        for event in reversed(timeline)
    ]


def sentence(event: Event, voice: Voice) -> str:
    """A newer release may write events that this one has no words for; an older one wrote Stripe's event names."""
    what = NEWS.get(event.what, event.what)
    return voice.say(SENTENCES[what], **event.data) if what in SENTENCES else what


def _details(event: Event, order: Order, voice: Voice) -> Iterator[str]:
    for name, value in event.data.items():
        if value == "" or name in NOT_SHOWN or f"%({name})s" in SENTENCES.get(event.what, ""):
            continue
        if name == "before":
            yield costs_now(event, order, voice)
        elif name == "amount" and "before" in event.data:
            continue
        elif name == "amount":
            yield voice.money(int(value), order.currency)
        elif name == "good":
            yield voice.say(GOOD if value else NOT_GOOD)
        elif name == "what":
            yield ", ".join(_worded(word, voice) for word in str(value).split())
        else:
            yield _worded(str(value), voice)


def _worded(word: str, voice: Voice) -> str:
    return voice.say(WORDS[word]) if word in WORDS else word
