"""Convert Stripe's PaymentIntent into an Intent. Only the fields that we use are read and validated.

Fields: https://docs.stripe.com/api/payment_intents/object and https://docs.stripe.com/api/charges/object.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, ValidationError, convert, json

from fallback.domain.order.grants import Refund, RefundState
from fallback.domain.order.order import Decline
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.payments.currencies import from_stripe
from fallback.payments.declines import GENERIC, advise
from fallback.payments.methods import capture_before

# Key in a refund's metadata: the id of the grant that it pays.
GRANT = "grant"
# Charges and refunds are included only if the request expands them.
CHARGE = "latest_charge"
REFUNDS = f"{CHARGE}.refunds"

_STATES = {
    "requires_payment_method": IntentState.NEEDS_CARD,
    "requires_confirmation": IntentState.NEEDS_CONFIRMATION,
    "requires_action": IntentState.NEEDS_CUSTOMER,
    "processing": IntentState.PROCESSING,
    "requires_capture": IntentState.AUTHORIZED,
    "succeeded": IntentState.CAPTURED,
    "canceled": IntentState.VOIDED,
}
# Reasons for a cancellation by Stripe itself. All others come from the caller that cancels.
_LAPSED = frozenset({"automatic", "expired"})


class Card(Struct, frozen=True):
    brand: str | None = None
    capture_before: int | None = None


class Method(Struct, frozen=True):
    """A PaymentMethod or a charge's payment_method_details."""

    card: Card | None = None
    type: str = ""


class StripeRefund(Struct, frozen=True):
    """https://docs.stripe.com/api/refunds/object. `payment_intent`: its id, or an object if expanded."""

    id: str
    amount: int
    created: int | None = None
    status: RefundState | None = None
    metadata: dict[str, str] | None = None
    payment_intent: StripeIntent | str | None = None


class RefundPage(Struct, frozen=True):
    data: list[StripeRefund]
    has_more: bool = False


class Charge(Struct, frozen=True):
    amount: int
    amount_captured: int
    amount_refunded: int
    created: int | None = None
    refunds: RefundPage | None = None
    payment_method_details: Method | None = None


# https://docs.stripe.com/api/payment_intents/object#payment_intent_object-next_action: `type`, and under its name what
# is to be done, with one of these addresses of a page for the customer, for some kinds within their QR code.
PAGES = ("url", "hosted_instructions_url", "hosted_voucher_url", "hosted_verification_url")
NextAction = dict[str, Any]


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


# Creating decoders at import also prepares the types for `convert`. Two threads that use an unprepared type at the same
# time crash the process (msgspec 0.22).
PREPARED = (json.Decoder(IntentPage), json.Decoder(StripeRefund), json.Decoder(RefundPage))


def has_more_refunds(found: StripeIntent) -> bool:
    """True if the charge has more than the ten refunds that Stripe includes."""
    charge = found.latest_charge
    return isinstance(charge, Charge) and charge.refunds is not None and charge.refunds.has_more


def read_intent(fields: object) -> Intent:
    """Raises msgspec.ValidationError if the fields are not as Stripe documents them."""
    return to_intent(convert(fields, StripeIntent))


def read_refund(fields: object) -> Intent:
    """Reads the expanded intent from the response to a refund."""
    intent = convert(fields, StripeRefund).payment_intent
    if not isinstance(intent, StripeIntent):
        raise ValidationError("the refund does not contain its intent, although the request expands it")
    return to_intent(intent)


def to_intent(found: StripeIntent, all_refunds: Sequence[StripeRefund] | None = None) -> Intent:
    """`all_refunds`: newest first; needed if the intent does not contain all of them."""
    charge = found.latest_charge if isinstance(found.latest_charge, Charge) else None
    listed = all_refunds or (charge.refunds.data if charge and charge.refunds else [])
    refunds = tuple(_refund(each, found.currency) for each in reversed(listed))
    complete = all_refunds is not None or not has_more_refunds(found)
    return Intent(
        id=found.id,
        state=_state(found.status),
        amount=from_stripe(found.amount, found.currency).amount,
        currency=found.currency.upper(),
        captured=from_stripe(found.amount_received, found.currency).amount,
        refunded=_refunded(charge, refunds if complete else (), found.currency) if charge else 0,
        refunds=refunds,
        capture_before=_capture_before(charge) if found.status == "requires_capture" else None,
        next_action_url=_next_action_url(found.next_action),
        decline=_decline(found.last_payment_error),
        lapsed=found.status == "canceled" and found.cancellation_reason in _LAPSED,
    )


def _state(status: str) -> IntentState:
    try:
        return _STATES[status]
    except KeyError:
        raise ValidationError(f"unknown status: {status}") from None


def _refunded(charge: Charge, refunds: Sequence[Refund], currency: str) -> int:
    """The amount that customers got back, without released parts of an authorization, which Stripe also calls refunded.

    Failed refunds do not count, whether or not Stripe has already subtracted them from the charge's sum.
    """
    by_charge = max(0, charge.amount_refunded - (charge.amount - charge.amount_captured))
    refunded = from_stripe(by_charge, currency).amount
    return min(refunded, sum(each.amount for each in refunds if not each.came_back)) if refunds else refunded


def _refund(found: StripeRefund, currency: str) -> Refund:
    grant = (found.metadata or {}).get(GRANT, "")
    return Refund(
        id=found.id,
        amount=from_stripe(found.amount, currency).amount,
        state=found.status or RefundState.PENDING,
        grant=int(grant) if grant.isascii() and grant.isdigit() else 0,
        made_at=datetime.fromtimestamp(found.created, UTC) if found.created else None,
    )


def _capture_before(charge: Charge | None) -> datetime | None:
    """Only the charge of a card names it; for other methods Stripe's pages do, counted from the time of the charge."""
    method = charge.payment_method_details if charge else None
    if charge is None or method is None:
        return None
    if method.card and method.card.capture_before:
        return datetime.fromtimestamp(method.card.capture_before, UTC)
    return capture_before(method.type, datetime.fromtimestamp(charge.created, UTC)) if charge.created else None


def _next_action_url(action: NextAction | None) -> str | None:
    """None for what only Stripe's script in the browser can do (`use_stripe_sdk`), and for pages of apps."""
    details = action.get(action.get("type", "")) if action else None
    if not isinstance(details, dict):
        return None
    code = details.get("qr_code")
    places = (details, code if isinstance(code, dict) else {})
    found = (place.get(name) for place in places for name in PAGES)
    return next((url for url in found if isinstance(url, str)), None)


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
