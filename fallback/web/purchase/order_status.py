"""The state of an order in sentences: what is, what comes next, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fallback.domain.order.holds import ASKS_ABOUT_RIVAL
from fallback.domain.order.lifecycle import (
    ENDED,
    GIVEN_UP,
    Headline,
    headline,
    is_free,
    is_only_ours,
    needs_customer,
)
from fallback.domain.order.order import Decline, Order, PaymentState, PlacementState
from fallback.domain.order.refused_mail import is_unreachable
from fallback.domain.payment import refunds
from fallback.domain.payment.reserved import was_reserved
from fallback.domain.payment.set_aside import SetAside, set_aside
from fallback.domain.placement.rivals import is_about_payment, open_rival
from fallback.web.http.voice import Voice
from fallback.web.purchase import money_back, order_words, undone_words
from fallback.web.purchase.order_words import Tone, Words

H = Headline
# These statuses already say why the customer is asked.
SAY_WHY = (order_words.POSSIBLE_RIVAL, order_words.MAYBE_PAID, order_words.COSTS_MORE)


@dataclass(frozen=True)
class OrderStatus:
    """`sentences`: status and next step. `by`: a deadline. `busy`: it may change any second."""

    tone: Tone
    title: str
    sentences: list[str]
    by: str | None
    busy: bool


def status(order: Order, voice: Voice, pay_by: datetime | None) -> OrderStatus:
    """`pay_by`: when the order is cancelled unless it is paid (unpaid.ends_by)."""
    words, now = _words(order), headline(order)
    values = _values(order, voice)
    reasons = [] if words in SAY_WHY else _reasons(order)
    sentences = [*_now(order, words), *reasons, *_money_on_hold(order), *_set_aside(order), *_next(order, words)]
    return OrderStatus(
        tone=words.tone,
        title=voice.say(words.title),
        sentences=[voice.say(sentence, **values) for sentence in sentences],
        by=_deadline(order, voice, pay_by),
        busy=now in (H.RECEIVED, H.CHECKING, H.PLACING, H.UNDOING),
    )


def _words(order: Order) -> Words:
    now = headline(order)
    if now is H.PAYMENT_NEEDED:
        return _words_about_payment(order)
    if now is H.CHECKING:
        lost = order.payment.state is PaymentState.UNKNOWN
        return order_words.PAYMENT_UNKNOWN if lost else order_words.PLACEMENT_UNKNOWN
    if now is H.ON_HOLD and _only_customer_is_asked(order):
        return order_words.MAYBE_PAID if is_about_payment(order) else order_words.POSSIBLE_RIVAL
    if now is H.PLACING and order.amendment:
        return order_words.AMENDING
    if now is H.PLACING and order.payment.state is PaymentState.PENDING:  # another card, for an order that the shop has
        return order_words.RECEIVED
    if now in (H.WAITING, H.PLACING) and order.payment.captured:
        return order_words.WAITING_PAID if now is H.WAITING else order_words.PLACING_PAID
    if now is H.REFUNDED and order.placement.state is PlacementState.MERGED:
        return undone_words.MERGED_CHARGED
    if now in (H.UNDOING, H.MERGED, H.CANCELLED):
        return _words_of_undone(order)
    if now in (H.WAITING, H.SETTLED) and is_free(order):
        return order_words.WAITING_FREE if now is H.WAITING else order_words.SETTLED_FREE
    if now is H.REFUNDED and order.placement.state not in GIVEN_UP:
        return order_words.MONEY_BACK
    return _BY_HEADLINE[now]


def _words_of_undone(order: Order) -> Words:
    merged, reserved = order.placement.state is PlacementState.MERGED, was_reserved(order.payment)
    if headline(order) is not H.UNDOING:
        return (undone_words.MERGED if merged else undone_words.CANCELLED)[reserved]
    if money_back.is_back(order):
        return undone_words.MERGED_CHARGED if merged else undone_words.GIVEN_BACK
    if order.payment.captured:
        return undone_words.MERGING_CHARGED if merged else undone_words.GIVING_BACK
    return (undone_words.MERGING if merged else undone_words.UNDOING)[reserved]


def _only_customer_is_asked(order: Order) -> bool:
    return all(hold.code in ASKS_ABOUT_RIVAL for hold in order.holds if hold.stops) and not order.cancel_asked


def _words_about_payment(order: Order) -> Words:
    decline = order.payment.decline
    if decline and decline.code == "amount_raised":
        return order_words.COSTS_MORE
    if decline and decline.code in order_words.NOT_DECLINED:
        return order_words.CARD_AGAIN if is_only_ours(order) else order_words.CARD_AGAIN_AT_ONCE
    if decline:
        return order_words.NOT_COMPLETED if decline.code in order_words.AT_A_SERVICE else order_words.DECLINED
    return order_words.BANK_ASKS if order.payment.next_action_url else order_words.NOT_PAID


_BY_HEADLINE = {
    H.RECEIVED: order_words.RECEIVED,
    H.WAITING: order_words.WAITING,
    H.PLACING: order_words.PLACING,
    H.ON_HOLD: order_words.ON_HOLD,
    H.SETTLED: order_words.SETTLED,
    H.REFUNDED: order_words.REFUNDED,
}


def _reasons(order: Order) -> list[str]:
    """Why an agent has to decide, and why the bank declined."""
    stopped = headline(order) is H.ON_HOLD
    told = [hold.code for hold in order.holds if stopped and hold.stops]
    reasons = [order_words.HOLD_REASONS[code] for code in told]
    if is_unreachable(order):
        reasons.append(order_words.UNREACHABLE)
    decline = order.payment.decline
    if decline and needs_customer(order):
        reasons.append(order_words.DECLINES.get(decline.code, order_words.DECLINED_WITHOUT_REASON))
    return reasons


def _money_on_hold(order: Order) -> list[str]:
    """That nothing is charged while a hold is open, said once; or what was charged or refunded by hand before."""
    if headline(order) is not H.ON_HOLD:
        return []
    told = {order_words.NOT_CHARGED[hold.code] for hold in order.holds if hold.code in order_words.NOT_CHARGED}
    if told and order.payment.state is PaymentState.REFUNDED:
        return money_back.where_it_went(order)
    if told and order.payment.captured:
        return [order_words.WAITING_PAID.now]
    if len(told) > 1 or (told and order.cancel_asked):  # whoever cancels is asked no more questions
        return [order_words.NOT_CHARGED_MEANWHILE]
    return list(told)


def _set_aside(order: Order) -> list[str]:
    """The reserved amount after a change, and how much of it is charged and released."""
    sums = set_aside(order)
    if sums is None or order.cancel_asked or order.placement.state in GIVEN_UP:
        return []
    return [order_words.PART_IS_TAKEN if sums.to_take else order_words.ALL_IS_RELEASED]


def _now(order: Order, words: Words) -> list[str]:
    tells_of_refund = words in (order_words.REFUNDED, order_words.MONEY_BACK, undone_words.GIVEN_BACK)
    return money_back.where_it_went(order) if tells_of_refund else [words.now]


def _next(order: Order, words: Words) -> list[str]:
    if words is undone_words.MERGED_CHARGED:
        return money_back.where_it_went(order)
    if words is order_words.SETTLED and refunds.difference(order):
        return [order_words.PART_COMES_BACK, words.next]
    if words is order_words.SETTLED and order.payment.refunded:
        return [order_words.PART_BACK, words.next]
    return [_advice(order.payment.decline) if words is order_words.DECLINED else words.next]


def _advice(decline: Decline | None) -> str:
    return order_words.ADVICE.get(decline.advice if decline else "", order_words.DECLINED.next)


def _values(order: Order, voice: Voice) -> dict[str, str]:
    """For the placeholders of order_words."""
    sums = set_aside(order) or SetAside(0, 0, 0)
    deadlines = [hold.next_word_by for hold in order.holds]
    return {
        "email": order.customer.email if order.customer else "",
        "rival": rival.detail if (rival := open_rival(order)) else "",
        "number": order.placement.number or "",
        "amount": voice.money(_amount(order), order.currency),
        "reserved": voice.money(order.payment.authorized, order.currency),
        "total": voice.money(order.payment.amount, order.currency),
        "aside": voice.money(sums.aside, order.currency),
        "rest": voice.money(sums.released, order.currency),
        "coming": voice.money(refunds.difference(order), order.currency),
        "outgrown": voice.money(order.payment.outgrown, order.currency),
        "when": voice.moment(min(deadlines)) if deadlines else "",
    } | money_back.values(order, voice)


def _amount(order: Order) -> int:
    """What was refunded in the end, what is being refunded, or what was charged."""
    undoing = headline(order) is H.UNDOING
    if order.payment.state is PaymentState.REFUNDED or (undoing and money_back.is_back(order)):
        return order.payment.refunded
    return refunds.left(order) if undoing else order.payment.captured


def _deadline(order: Order, voice: Voice, pay_by: datetime | None) -> str | None:
    payment = order.payment
    if headline(order) is H.WAITING and payment.capture_before:
        return voice.say(order_words.KEPT_ASIDE, when=voice.moment(payment.capture_before))
    return voice.say(order_words.PAY_BY, when=voice.moment(pay_by)) if pay_by else None


def ahead(order: Order, voice: Voice) -> list[str]:
    """The remaining steps, if all goes well."""
    payment, placement = order.payment, order.placement
    if headline(order) in ENDED:
        return []
    if placement.state in GIVEN_UP or order.cancel_asked:
        if money_back.is_back(order):
            return []
        step = undone_words.AHEAD_REFUND if payment.captured else undone_words.AHEAD.get(was_reserved(payment))
        return [voice.say(step)] if step else []
    steps, free = [], is_free(order)
    if not payment.authorized and not payment.captured and not free:
        steps.append(order_words.AHEAD_PAYMENT)
    if placement.number is None:
        steps.append(order_words.AHEAD_PLACEMENT)
    if not payment.captured and not free:
        steps.append(order_words.AHEAD_CAPTURE)
    return [voice.say(step) for step in steps]
