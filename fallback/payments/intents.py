"""Stripe's PaymentIntent, read into ours: only the fields that we use, checked as they are read.

Fields: https://docs.stripe.com/api/payment_intents/object and https://docs.stripe.com/api/charges/object.
"""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct, ValidationError, convert, json

from fallback.domain.order import Decline
from fallback.domain.ports import Intent, IntentState
from fallback.payments.currencies import from_stripe
from fallback.payments.declines import GENERIC, advise

# What we need of a charge comes only with the intent when it is asked for.
EXPAND = "latest_charge"

_STATES = {
    "requires_payment_method": IntentState.NEEDS_CARD,
    "requires_confirmation": IntentState.NEEDS_CONFIRMATION,
    "requires_action": IntentState.NEEDS_CUSTOMER,
    "processing": IntentState.PROCESSING,
    "requires_capture": IntentState.AUTHORIZED,
    "succeeded": IntentState.CAPTURED,
    "canceled": IntentState.VOIDED,
}
# Stripe cancelled it by itself; the other reasons are given by whoever cancels.
_LAPSED = frozenset({"automatic", "expired"})


class Card(Struct, frozen=True):
    brand: str | None = None
    capture_before: int | None = None


class Method(Struct, frozen=True):
    """A PaymentMethod or a charge's payment_method_details."""

    card: Card | None = None


class Charge(Struct, frozen=True):
    amount: int
    amount_captured: int
    amount_refunded: int
    payment_method_details: Method | None = None


class Redirect(Struct, frozen=True):
    url: str | None = None


class NextAction(Struct, frozen=True):
    redirect_to_url: Redirect | None = None


class LastError(Struct, frozen=True):
    code: str | None = None
    decline_code: str | None = None
    advice_code: str | None = None
    network_advice_code: str | None = None
    network_decline_code: str | None = None
    payment_method: Method | None = None


class StripeIntent(Struct, frozen=True):
    id: str
    status: str
    amount: int
    currency: str
    amount_received: int = 0
    cancellation_reason: str | None = None
    last_payment_error: LastError | None = None
    latest_charge: Charge | str | None = None
    metadata: dict[str, str] = {}
    next_action: NextAction | None = None


class IntentPage(Struct, frozen=True):
    data: list[StripeIntent]
    has_more: bool


class StripeRefund(Struct, frozen=True):
    payment_intent: StripeIntent


# A decoder that is made at import prepares the types for `convert`, too: two threads that meet one for the first time
# crash the process (msgspec 0.22).
PREPARED = (json.Decoder(IntentPage), json.Decoder(StripeRefund))


def read_intent(fields: object) -> Intent:
    """Raises msgspec.ValidationError when it is not what Stripe documents."""
    return to_intent(convert(fields, StripeIntent))


def read_refund(fields: object) -> Intent:
    """The intent of a refund that was answered with it."""
    return to_intent(convert(fields, StripeRefund).payment_intent)


def to_intent(found: StripeIntent) -> Intent:
    charge = found.latest_charge if isinstance(found.latest_charge, Charge) else None
    return Intent(
        id=found.id,
        state=_state(found.status),
        amount=from_stripe(found.amount, found.currency).amount,
        currency=found.currency.upper(),
        captured=from_stripe(found.amount_received, found.currency).amount,
        refunded=from_stripe(_refunded(charge), found.currency).amount if charge else 0,
        capture_before=_capture_before(charge) if found.status == "requires_capture" else None,
        next_action_url=_next_action_url(found.next_action),
        decline=_decline(found.last_payment_error),
        lapsed=found.status == "canceled" and found.cancellation_reason in _LAPSED,
    )


def _state(status: str) -> IntentState:
    try:
        return _STATES[status]
    except KeyError:
        raise ValidationError(f"no such status is documented: {status}") from None


def _refunded(charge: Charge) -> int:
    """Without what was only held: Stripe shows the part of an authorization that it let go as refunded, too."""
    return max(0, charge.amount_refunded - (charge.amount - charge.amount_captured))


def _capture_before(charge: Charge | None) -> datetime | None:
    card = charge and charge.payment_method_details and charge.payment_method_details.card
    return datetime.fromtimestamp(card.capture_before, UTC) if card and card.capture_before else None


def _next_action_url(action: NextAction | None) -> str | None:
    return action.redirect_to_url.url if action and action.redirect_to_url else None


def _decline(error: LastError | None) -> Decline | None:
    if error is None:
        return None
    card = error.payment_method and error.payment_method.card
    code = error.decline_code or error.code or GENERIC
    advice = advise(
        code,
        error.advice_code,
        brand=card.brand if card else None,
        network_advice_code=error.network_advice_code,
        network_decline_code=error.network_decline_code,
    )
    return Decline(code, advice)
