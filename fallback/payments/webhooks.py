"""Stripe's webhooks: who sent one, and what it is about.

The signature is checked by the steps of https://docs.stripe.com/webhooks#verify-manually, not by Stripe's library:
no web process needs that otherwise (8 MB and 0.12 s more in each, measured), and it takes timestamps from the future.
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

# The events that we follow, by their names at Stripe; others are let pass.
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

# What is said against a payment: https://docs.stripe.com/api/disputes/object, /reviews/object,
# /radar/early_fraud_warnings/object. Other events about them say nothing that these do not.
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
    """Not from Stripe, or not fresh. The answer is 400; Stripe shows it in its dashboard and sends the event again."""

    def __init__(self, detail: str) -> None:
        super().__init__(HEADER, "bad_signature", detail)


class Stale(BadSignature):
    """It is Stripe's, and its time is so many seconds behind ours: a clock is wrong, or somebody sends it again."""

    def __init__(self, behind: int) -> None:
        super().__init__("The signature is too old, or from the future.")
        self.behind = behind


class StripeEvent(Struct, frozen=True):
    """What a webhook is about. The intent is then asked for at Stripe: the event's own copy of it may be old.

    `news` is None when we do not follow it; `intent_id` and `ref` when it is not about a payment, or not about one of
    ours. `concern`: what it says against the payment.
    """

    id: str
    news: PaymentNews | None
    intent_id: str | None = None
    ref: str | None = None
    concern: Concern | None = None


class _Thing(Struct):
    """The object that an event carries: a payment intent, or something that belongs to one."""

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
    """A dispute, a review or an early fraud warning: each has some of these."""

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
    """Check and read a webhook. `body`: the bytes as they came. `secrets`: more than one while they are rotated.

    Raises BadSignature, or Invalid for a body that Stripe signed but that is not an event as documented.
    """
    _verify(body, header or "", secrets, now)
    try:
        event = _EVENT.decode(body)
        concern = _concern(_DOUBT.decode(body).data.object, now) if event.type in CONCERNS else None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("body", "malformed", f"This is not an event as Stripe documents it: {error}") from error
    if event.account:  # of another account that is connected to ours (https://docs.stripe.com/connect/webhooks)
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
    """Their states go one way, so the event's own copy says enough, also when it is late."""
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
    if not any(hmac.compare_digest(sign(body, stamp, secret), given) for secret in secrets for given in signatures):
        raise BadSignature("The signature is not one of ours.")
    behind = now.timestamp() - stamp
    if abs(behind) > TOLERANCE.total_seconds():
        raise Stale(round(behind))


def _parts(header: str) -> tuple[int, list[str]]:
    """`t=1790000000,v1=…,v1=…,v0=…`: the time and the signatures of the scheme that is in force."""
    pairs = [part.strip().partition("=")[::2] for part in header.split(",")]
    stamps = [value for name, value in pairs if name == "t" and STAMP.fullmatch(value)]
    signatures = [value for name, value in pairs if name == SCHEME and value.isascii()]
    if len(stamps) != 1 or not signatures:
        raise BadSignature("There is no signature that we can read.")
    return int(stamps[0]), signatures


def sign(body: bytes, stamp: int, secret: str) -> str:
    return hmac.digest(secret.encode(), b"%d.%s" % (stamp, body), "sha256").hex()
