"""Implements the port PaymentGateway with Stripe: authorize first, capture later.

https://docs.stripe.com/payments/place-a-hold-on-a-payment-method (manual capture),
https://docs.stripe.com/payments/build-a-two-step-confirmation (confirmation tokens),
https://docs.stripe.com/api/idempotent_requests.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

import stripe
from msgspec import convert, structs

from fallback.domain.errors import NotThrough, TryAgain
from fallback.domain.money import Money
from fallback.domain.order.order import Decline
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.payments.calls import Calls
from fallback.payments.currencies import to_stripe
from fallback.payments.declines import CARD_TOKEN_EXPIRED, advise
from fallback.payments.failures import Rejection
from fallback.payments.intents import (
    CHARGE,
    GRANT,
    REFUNDS,
    IntentPage,
    RefundPage,
    StripeIntent,
    StripeRefund,
    has_more_refunds,
    read_intent,
    read_refund,
    to_intent,
)
from fallback.payments.transport import BoundedClient

# Telemetry would write an id into the home directory and report the duration of our calls.
stripe.enable_telemetry = False

TIMEOUT = 10.0
# Less than patience.PATIENCE: after that, other workers assume that the caller has its response or is dead.
DEADLINE = 25.0

# Another call came first, or the authorization expired: read the intent to learn its state.
# https://docs.stripe.com/error-codes
OVERTAKEN = frozenset(
    {
        "charge_already_captured",
        "charge_already_refunded",
        "charge_expired_for_capture",
        "payment_intent_unexpected_state",
    }
)
CARD_PARAMS = frozenset({"confirmation_token", "payment_method"})
# Part of Stripe's message, which has no code, for a PaymentMethod that was used for another intent.
USED_ELSEWHERE = "may not be used again"
CARD_AGAIN = Decline(CARD_TOKEN_EXPIRED, advise(CARD_TOKEN_EXPIRED))

# Tolerance for the difference between our clock and Stripe's.
CLOCK_SKEW = timedelta(minutes=5)
PAGE = 100


class StripeGateway:
    """Threads share one instance.

    `available` is false while the circuit breaker is open, after several failures in a row. Calls then raise TryAgain
    at once.
    """

    def __init__(
        self,
        secret_key: str,
        api_base: str | None = None,
        *,
        timeout: float = TIMEOUT,
        deadline: float = DEADLINE,
        random: Random | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base or stripe.DEFAULT_API_BASE},
            max_network_retries=0,
            http_client=BoundedClient(timeout),
        )
        self._intents = client.v1.payment_intents
        self._refunds = client.v1.refunds
        self._calls = Calls(timeout, deadline, random or Random(), sleep, monotonic)  # noqa: S311 - spreads tries

    @property
    def available(self) -> bool:
        return self._calls.available

    def create(self, ref: str, total: Money, key: str) -> Intent:
        params: stripe.params.PaymentIntentCreateParams = {
            "amount": to_stripe(total),
            "currency": total.currency.lower(),
            "capture_method": "manual",
            # Every confirmation names a page to come back to, so methods that redirect are welcome.
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
            "metadata": {"ref": ref},
            "expand": [CHARGE],
        }
        return self._calls.write(
            lambda: read_intent(self._intents.create(params, {"idempotency_key": key}).to_dict()), self._calls.until()
        )

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        """An expired or used card token counts as a decline: the customer enters the card again."""
        until = self._calls.until()
        params: stripe.params.PaymentIntentConfirmParams = {
            "return_url": return_url,
            # The bank's page must also open from a link in a mail, without our page and without JavaScript.
            "use_stripe_sdk": False,
            "expand": [CHARGE],
        }
        params["confirmation_token" if token.startswith("ctoken_") else "payment_method"] = token
        try:
            return self._change(
                intent_id, lambda: self._intents.confirm(intent_id, params, {"idempotency_key": key}), until
            )
        except Rejection as refusal:
            if refusal.param not in CARD_PARAMS and USED_ELSEWHERE not in refusal.message:
                raise
        return _without_card(self._look(intent_id, until))

    def retrieve(self, intent_id: str) -> Intent:
        return self._look(intent_id, self._calls.until())

    def find(self, ref: str, since: datetime, after: str = "") -> Intent | None:
        """Returns the newest usable intent of the order, else the newest. Reads all intents since then, 100 at a time.

        It lists instead of searching: Stripe's search shows new objects after a minute, in an outage after an hour
        (https://docs.stripe.com/search#data-freshness), so we would mistake 'not yet' for 'never'.
        """
        until, at = self._calls.until(), after
        voided: Intent | None = None
        try:
            for found in self._pages(since, lambda: until, after):
                at = found.id
                if found.metadata.get("ref") == ref:
                    intent = to_intent(found)
                    if intent.state is not IntentState.VOIDED:
                        return intent
                    voided = voided or intent
        except TryAgain as error:
            if at == after:
                raise
            raise NotThrough(str(error), at, error.after) from error
        return voided

    def listed(self, since: datetime) -> Iterator[tuple[str, Intent]]:
        for found in self._pages(since, self._calls.until):
            if ref := found.metadata.get("ref"):
                yield ref, to_intent(found)

    def _pages(self, since: datetime, until: Callable[[], float], after: str = "") -> Iterator[StripeIntent]:
        """All intents since then, newest first. `after`: start behind this id. `until()`: deadline of the next page."""
        params: stripe.params.PaymentIntentListParams = {
            "created": {"gte": int((since - CLOCK_SKEW).timestamp())},
            "limit": PAGE,
            "expand": [f"data.{REFUNDS}"],
        }
        if after:
            params["starting_after"] = after
        while True:
            page = self._calls.read(lambda: convert(self._intents.list(params).to_dict(), IntentPage), until())
            yield from page.data
            if not page.has_more:
                return
            params["starting_after"] = page.data[-1].id

    def capture(self, intent_id: str, amount: Money, key: str) -> Intent:
        params: stripe.params.PaymentIntentCaptureParams = {
            "amount_to_capture": to_stripe(amount),
            "expand": [CHARGE],
        }
        return self._change(
            intent_id,
            lambda: self._intents.capture(intent_id, params, {"idempotency_key": key}),
            self._calls.until(),
        )

    def void(self, intent_id: str, key: str) -> Intent:
        return self._change(
            intent_id,
            lambda: self._intents.cancel(intent_id, {"expand": [CHARGE]}, {"idempotency_key": key}),
            self._calls.until(),
        )

    def refund(self, intent_id: str, amount: Money, key: str, grant: int = 0) -> Intent:
        params: stripe.params.RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": to_stripe(amount),
            "expand": [f"payment_intent.{REFUNDS}"],
        }
        if grant:
            params["metadata"] = {GRANT: str(grant)}
        return self._change(
            intent_id,
            lambda: self._refunds.create(params, {"idempotency_key": key}),
            self._calls.until(),
            read=read_refund,
        )

    def _change(
        self,
        intent_id: str,
        call: Callable[[], stripe.StripeObject],
        until: float,
        read: Callable[[object], Intent] = read_intent,
    ) -> Intent:
        """Returns the current intent also after a decline, or if it already had the requested state."""
        try:
            return self._calls.write(lambda: read(call().to_dict()), until)
        except Rejection as refusal:
            if not refusal.declined and refusal.code not in OVERTAKEN:
                raise
        return self._look(intent_id, until)

    def _look(self, intent_id: str, until: float) -> Intent:
        def retrieved() -> tuple[StripeIntent, Intent]:
            found = convert(self._intents.retrieve(intent_id, {"expand": [REFUNDS]}).to_dict(), StripeIntent)
            return found, to_intent(found)

        found, intent = self._calls.read(retrieved, until)
        return to_intent(found, self._all_refunds(intent_id, until)) if has_more_refunds(found) else intent

    def _all_refunds(self, intent_id: str, until: float) -> list[StripeRefund]:
        """Newest first."""
        params: stripe.params.RefundListParams = {"payment_intent": intent_id, "limit": PAGE}
        found: list[StripeRefund] = []
        while True:
            page = self._calls.read(lambda: convert(self._refunds.list(params).to_dict(), RefundPage), until)
            found += page.data
            if not page.has_more:
                return found
            params["starting_after"] = page.data[-1].id


def _without_card(intent: Intent) -> Intent:
    """Marks an intent that still waits for a card as needing a new one. Any other intent stays as it is."""
    if intent.state not in (IntentState.NEEDS_CARD, IntentState.NEEDS_CONFIRMATION):
        return intent
    return structs.replace(intent, state=IntentState.NEEDS_CARD, decline=CARD_AGAIN)
