"""How the customer got money back: on the card, in another way, or because their bank took it back from the shop."""

from __future__ import annotations

from fallback.domain.order.concern import lost
from fallback.domain.order.order import Order
from fallback.domain.payment import refunds
from fallback.web.http.voice import Voice
from fallback.web.purchase import order_words


def is_back(order: Order) -> bool:
    """It was charged, and the shop has nothing left of it: nothing more is refunded."""
    return order.payment.captured > 0 and refunds.left(order) <= 0


def where_it_went(order: Order) -> list[str]:
    """What was refunded did not all go to the card: a refund that failed was paid in another way, and what the bank
    took back was never refunded."""
    elsewhere = {order_words.REFUNDED_OTHERWISE: _otherwise(order), order_words.RETURNED_BY_BANK: lost(order.concerns)}
    told = [words for words, amount in elsewhere.items() if amount]
    return [*([order_words.REFUNDED_TO_CARD] if order.payment.refunded or not told else []), *told]


def said(order: Order, voice: Voice) -> list[str]:
    """The same in the reader's language, while the order may still stand in the shop."""
    sums = values(order, voice)
    return [voice.say(sentence, **sums, amount=sums["refunded"]) for sentence in where_it_went(order)]


def values(order: Order, voice: Voice) -> dict[str, str]:
    """For the placeholders of these sentences."""
    sums = {"otherwise": _otherwise(order), "refunded": order.payment.refunded, "returned": lost(order.concerns)}
    return {name: voice.money(amount, order.currency) for name, amount in sums.items()}


def _otherwise(order: Order) -> int:
    return order.payment.gone_back - order.payment.refunded
