"""The cards that a customer gave for one order: each counts once, however often it is sent."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.amended import as_amended
from fallback.domain.order.card_given import CardGiven
from fallback.domain.order.lifecycle import GIVEN_UP, GONE, headline, is_free
from fallback.domain.order.order import Change, Order, Payment, PaymentState
from fallback.domain.order.transitions import PAYMENT, PaymentEvent
from fallback.domain.payment import payment

# More cards than a customer has, fewer than a tester of stolen cards needs.
CARDS_PER_ORDER = 8


def give(order: Order, token: str, now: datetime, who: str, key: str = "") -> Change | None:
    """The customer gave a card: the first one, or another after a decline.

    `token` is the provider's, never a card number.

    `key`: the request's idempotency key, if any. None: this card was given before, whatever its outcome; the response
    may have been lost. Raises NotAllowedNow and Invalid.
    """
    card = given(token, key)
    if card.key and any(before.key == card.key and before.token != card.token for before in order.payment.given):
        raise Invalid("Idempotency-Key", "idempotency_key_reused", "This key was already used with another card.")
    if was_given(order.payment, token):
        return None
    _refuse_what_cannot_be(order)
    return payment.card_given(order, token, card, now, who)


def given(token: str, key: str = "") -> CardGiven:
    """What is kept of a card: enough to recognize it."""
    return CardGiven(_print(token), _print(key) if key else "")


def was_given(before: Payment, token: str) -> bool:
    """An order written by the version before has only the token that is under way."""
    return before.token == token or any(card.token == _print(token) for card in before.given)


def _refuse_what_cannot_be(order: Order) -> None:
    """A code for each reason, because a client reacts differently to each."""
    state = order.payment.state
    if order.cancel_asked or order.placement.state in GIVEN_UP or state in GONE:
        raise _refusal(order, "order_given_up", "This order was cancelled or merged. No payment is needed.")
    if is_free(order) or as_amended(order).payment.amount == 0:
        raise _refusal(order, "nothing_to_pay", "This order costs nothing. No card is needed.")
    if state in (PaymentState.AUTHORIZED, PaymentState.CAPTURED):
        raise _refusal(order, "already_paid", "This order is already paid. No other card is needed.")
    if (state, PaymentEvent.CARD_GIVEN) not in PAYMENT:
        detail = "Another card is being processed. Read the order again in a few seconds before you send a card."
        raise _refusal(order, "card_under_way", detail)
    if order.payment.cards >= CARDS_PER_ORDER:
        raise Invalid("payment", "too_many_cards", "Too many cards were tried. Please choose to pay later.")


def _refusal(order: Order, code: str, detail: str) -> NotAllowedNow:
    return NotAllowedNow(headline(order), PaymentEvent.CARD_GIVEN, code, detail)


def _print(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()[:12]).decode()
