"""Classify a failed try: may it have had an effect, and should the same request be sent again?

Sources: https://docs.stripe.com/error-low-level (which errors are stored with an idempotency key, and which occur
before the key is read; `Stripe-Should-Retry`), https://docs.stripe.com/api/errors,
https://docs.stripe.com/api/idempotent_requests.
"""

from __future__ import annotations

from enum import StrEnum

import requests
import stripe
import urllib3
from msgspec import Struct

from fallback.domain.errors import FallbackError, OutcomeUnknown, RateLimited, Refused, TryAgain
from fallback.runtime.rate_limit import seconds_of


class Meaning(StrEnum):
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class Failure(Struct, frozen=True):
    """One failed try.

    `again`: another try with the same key may succeed. `down`: Stripe or the network does not work. `key_spent`: the
    error is stored with the key, so every try with this key fails. `limited`: Stripe works, and turned the call away
    because we make too many. `after`: seconds that it asked us to wait.
    """

    meaning: Meaning
    again: bool
    down: bool = False
    key_spent: bool = False
    limited: bool = False
    after: float | None = None


class Rejection(Refused):
    """Stripe rejected the request. `declined`: it declined the card. `param`: the rejected parameter."""

    def __init__(self, error: stripe.StripeError) -> None:
        said = error.error
        code = error.code or (said and (said.code or said.type))
        self.declined = isinstance(error, stripe.CardError)
        self.param: str | None = getattr(error, "param", None)
        self.message = error.user_message or ""
        super().__init__(code or f"http_{error.http_status}", " ".join(filter(None, (self.param, error.request_id))))


# A wrong or restricted API key is no order's fault: all orders wait until it is corrected, and none is put on hold.
NOT_OURS_TO_SAY = (401, 403)
CONFLICT = 409
DEPENDENCY_FAILED = 424
RATE_LIMITED = 429
# Stripe returns these before it reads the idempotency key, so they say nothing about an earlier try with the same key.
BEFORE_THE_KEY = (401, 403, RATE_LIMITED)
# A 429 about a lock on one object, not about our request rate: https://docs.stripe.com/rate-limits#object-lock-timeouts
LOCK_TIMEOUT = "lock_timeout"

_NEVER_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)


def failure_of(error: stripe.StripeError) -> Failure:
    if isinstance(error, stripe.APIConnectionError):
        return Failure(Meaning.NOT_DONE if _never_sent(error) else Meaning.UNKNOWN, again=True, down=True)
    told = {"true": True, "false": False}.get(_header(error, "stripe-should-retry"))
    status = error.http_status
    if isinstance(error, stripe.RateLimitError):
        busy = error.error is None or error.error.code != LOCK_TIMEOUT
        return Failure(
            Meaning.NOT_DONE, again=told is not False, limited=busy, after=seconds_of(_header(error, "retry-after"))
        )
    if status == CONFLICT:  # another request with this key is in progress, perhaps our own that timed out
        return Failure(Meaning.UNKNOWN, again=told is not False)
    if status is None or status < 400 or status >= 500 or status == DEPENDENCY_FAILED:
        replayed = _header(error, "idempotent-replayed") == "true"
        spent = replayed or told is False
        return Failure(Meaning.UNKNOWN, again=not spent, down=not replayed, key_spent=spent)
    if status in NOT_OURS_TO_SAY:
        return Failure(Meaning.NOT_DONE, again=False, down=True)
    return Failure(Meaning.NOT_DONE, again=True) if told else Failure(Meaning.REFUSED, again=False)


def _never_sent(error: stripe.APIConnectionError) -> bool:
    """True if no connection was made, so no request was sent (refused, no route, unknown host, handshake timeout)."""
    cause = error.__cause__
    reason = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    return isinstance(getattr(reason, "reason", reason), _NEVER_SENT)


def _header(error: stripe.StripeError, name: str) -> str:
    return error.headers.get(name, "") if error.headers else ""


def verdict(error: stripe.StripeError, *, write: bool, lost_before: bool) -> FallbackError:
    """The error of the whole call after its last try. `lost_before`: an earlier try may have had an effect."""
    failure = failure_of(error)
    reason = " ".join(str(part) for part in (type(error).__name__, error.http_status, error.request_id) if part)
    unanswered = failure.meaning is Meaning.NOT_DONE or error.http_status in BEFORE_THE_KEY
    limit = RateLimited(reason, failure.after) if failure.limited else None
    if write and (failure.meaning is Meaning.UNKNOWN or (lost_before and unanswered)):
        return OutcomeUnknown(reason, failure.key_spent, limit.after if limit else None)
    if failure.meaning is Meaning.REFUSED:
        return Rejection(error)
    return limit or TryAgain(reason, failure.after)
