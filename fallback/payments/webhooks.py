"""Verify and read Stripe's webhooks.

The signature is verified as in https://docs.stripe.com/webhooks#verify-manually, without Stripe's library: web
processes do not need it otherwise (it costs each 8 MB and 0.12 s, measured), and it accepts timestamps from the future.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from fallback.domain.errors import Invalid
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.payment.news import PaymentNews
from fallback.payments.currencies import from_stripe

HEADER = "Stripe-Signature"
SCHEME = "v1"
STAMP = re.compile(r"[0-9]{1,12}")
TOLERANCE = timedelta(seconds=300)

# The events that we handle, by their Stripe names; others are ignored.
# https://docs.stripe.com/payments/paymentintents/lifecycle, https://docs.stripe.com/api/events/types
NEWS = {
    "payment_intent.requires_action": PaymentNews.BANK_ASKS,
    "payment_intent.payment_failed": PaymentNews.DECLINED,
    "payment_intent.amount_capturable_updated": PaymentNews.AUTHORIZED,
    "payment_intent.succeeded": PaymentNews.CAPTURED,
    "payment_intent.canceled": PaymentNews.VOIDED,
    "charge.refunded": PaymentNews.REFUNDED,
    "charge.refund.updated": PaymentNews.REFUND_CHANGED,
    "refund.updated": PaymentNews.REFUND_CHANGED,
    "refund.failed": PaymentNews.REFUND_CHANGED,
    "charge.expired": PaymentNews.LAPSED,
}

# Disputes, reviews and fraud warnings: https://docs.stripe.com/api/disputes/object, /reviews/object,
# /radar/early_fraud_warnings/object. Their other events add nothing that we need.
CONCERNS = frozenset(
    {
        *("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"),
        *("review.opened", "review.closed"),
        *("radar.early_fraud_warning.created", "radar.early_fraud_warning.updated"),
    }
)
KINDS = {"review": ConcernKind.REVIEW, "radar.early_fraud_warning": ConcernKind.FRAUD_WARNING}
WON, LOST = ("won", "warning_closed", "prevented"), ("lost",)


class BadSignature(Invalid):
    """Not signed by Stripe, or too old. After the response 400 Stripe sends the event again and shows it as failed."""

    def __init__(self, detail: str) -> None:
        super().__init__(HEADER, "bad_signature", detail)


class Stale(BadSignature):
    """Signed by Stripe, but `behind` seconds too old: a clock is wrong, or somebody replays the event."""

    def __init__(self, behind: int) -> None:
        super().__init__("The timestamp of the signature is too old, or in the future.")
        self.behind = behind


class StripeEvent(Struct, frozen=True):
    """The part of a webhook that we use. The intent is then read from Stripe: the event's copy may be old.

    `news`: None for events that we ignore. `intent_id` and `ref`: None if the event is not about one of our payments.
    `concern`: the dispute, review or fraud warning, if any.
    """

    id: str
    news: PaymentNews | None
    intent_id: str | None = None
    ref: str | None = None
    concern: Concern | None = None


class _Thing(Struct):
    """The event's object: a payment intent, or an object that belongs to one."""

    id: str | None = None
    object: str = ""
    payment_intent: str | None = None
    metadata: dict[str, str] | None = None


class _Data(Struct):
    object: _Thing


class _Event(Struct):
    id: str
    type: str
    data: _Data
    account: str | None = None


class _Doubt(_Thing):
    """A dispute, a review or an early fraud warning; each has some of these fields."""

    status: str | None = None
    amount: int | None = None
    currency: str | None = None
    reason: str | None = None
    closed_reason: str | None = None
    open: bool | None = None
    fraud_type: str | None = None
    actionable: bool | None = None


class _DoubtData(Struct):
    object: _Doubt


class _DoubtEvent(Struct):
    data: _DoubtData


_EVENT = msgspec.json.Decoder(_Event)
_DOUBT = msgspec.json.Decoder(_DoubtEvent)


def receive(body: bytes, header: str | None, secrets: Sequence[str], now: datetime) -> StripeEvent:
    """Verify and read a webhook. `body`: the unchanged bytes. `secrets`: several during a rotation.

    Raises BadSignature, and Invalid for a signed body that is not a valid Stripe event.
    """
    _verify(body, header or "", secrets, now)
    try:
        event = _EVENT.decode(body)
        concern = _concern(_DOUBT.decode(body).data.object, now) if event.type in CONCERNS else None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("body", "malformed", f"The body is not a valid Stripe event: {error}") from error
    if event.account:  # from a connected account (https://docs.stripe.com/connect/webhooks)
        return StripeEvent(event.id, None)
    thing = event.data.object
    return StripeEvent(
        id=event.id,
        news=NEWS.get(event.type),
        concern=concern,
        intent_id=thing.id if thing.object == "payment_intent" else thing.payment_intent,
        ref=(thing.metadata or {}).get("ref"),
    )


def _concern(thing: _Doubt, now: datetime) -> Concern:
    """Reads it from the event's copy, even if that is late: these states never go back."""
    kind = KINDS.get(thing.object, ConcernKind.DISPUTE)
    if kind is ConcernKind.REVIEW:
        over, good, reason = not thing.open, thing.closed_reason == "approved", thing.closed_reason or thing.reason
    elif kind is ConcernKind.FRAUD_WARNING:
        over, good, reason = not thing.actionable, True, thing.fraud_type
    else:
        over, good, reason = thing.status in (*WON, *LOST), thing.status in WON, thing.reason
    state = (ConcernState.CLEARED if good else ConcernState.UPHELD) if over else ConcernState.OPEN
    asked_back = from_stripe(thing.amount, thing.currency).amount if thing.amount and thing.currency else 0
    return Concern(thing.id or "", kind, state, now, asked_back, reason or "")


def _verify(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    stamp, signatures = _parts(header)
    right = [sign(body, stamp, secret) for secret in secrets]
    if not any(hmac.compare_digest(one, given) for one in right for given in signatures):
        raise BadSignature("The signature does not match any of our secrets.")
    behind = now.timestamp() - stamp
    if abs(behind) > TOLERANCE.total_seconds():
        raise Stale(round(behind))


def _parts(header: str) -> tuple[int, list[str]]:
    """Reads the timestamp and the v1 signatures from `t=1790000000,v1=…,v1=…,v0=…`."""
    pairs = [part.strip().partition("=")[::2] for part in header.split(",")]
    stamps = [value for name, value in pairs if name == "t" and STAMP.fullmatch(value)]
    signatures = [value for name, value in pairs if name == SCHEME and value.isascii()]
    if len(stamps) != 1 or not signatures:
        raise BadSignature("The signature header is missing or malformed.")
    return int(stamps[0]), signatures


def sign(body: bytes, stamp: int, secret: str) -> str:
    return hmac.digest(secret.encode(), b"%d.%s" % (stamp, body), "sha256").hex()
