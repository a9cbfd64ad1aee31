"""Stripe in memory: it keeps its keys and its states, declines Stripe's test cards, and fails when told to."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import RLock
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from fallback.domain.call_deadline import may_leave
from fallback.domain.clock import Clock
from fallback.domain.errors import FallbackError, OutcomeUnknown, Refused
from fallback.domain.money import Money
from fallback.domain.order.grants import Refund, RefundState
from fallback.domain.order.order import Decline
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.payments.declines import CARD_TOKEN_EXPIRED, advise

T = TypeVar("T")

VISA = "pm_card_visa"
THREE_D_SECURE = "pm_card_threeDSecure2Required"
# Stripe's test cards (https://docs.stripe.com/testing#declined-payments) with their codes and Stripe's advice.
DECLINED = {
    "pm_card_visa_chargeDeclined": ("generic_decline", "try_again_later"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("insufficient_funds", "try_again_later"),
    "pm_card_visa_chargeDeclinedLostCard": ("lost_card", "do_not_try_again"),
    "pm_card_visa_chargeDeclinedStolenCard": ("stolen_card", "do_not_try_again"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", "confirm_card_data"),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", "confirm_card_data"),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", "try_again_later"),
    "pm_card_radarBlock": ("fraudulent", None),
}
NOT_AUTHENTICATED = "payment_intent_authentication_failure"
AUTHORIZATION_LIFE = timedelta(days=7)
OPEN = (IntentState.NEEDS_CARD, IntentState.NEEDS_CONFIRMATION, IntentState.NEEDS_CUSTOMER)


class Fault(NamedTuple):
    error: FallbackError
    after_effect: bool


class FakeGateway:
    """The port PaymentGateway, and the side of Stripe that tests look at and pull.

    `captures` counts what was really captured, by ref; `calls` what was asked, by the port's words.
    """

    def __init__(self, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self.available = True
        self.lasts: timedelta | None = AUTHORIZATION_LIFE  # None: nobody knows how long an authorization lasts
        self.intents: dict[str, Intent] = {}
        self.refs: dict[str, str] = {}
        self.captures: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._clock = clock
        self._ids = count(1)
        self._created_at: dict[str, datetime] = {}
        self._tokens: dict[str, str] = {}
        self._saved: dict[str, tuple[tuple[Any, ...], Intent | FallbackError]] = {}
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._lock = RLock()

    # --- what a test does

    def token(self, card: str = VISA) -> str:
        """A confirmation token for one of Stripe's test cards, as the Payment Element makes it. It can be used once."""
        token = f"ctoken_{next(self._ids)}"
        self._tokens[token] = card
        return token

    def expire(self, token: str) -> None:
        del self._tokens[token]

    def fail_next(self, call: str, error: FallbackError, after_effect: bool = False, times: int = 1) -> None:
        """The next `times` calls of this name raise `error`, before or after what they do was done."""
        self._faults[call].extend([Fault(error, after_effect)] * times)

    def authenticate(self, intent_id: str, passed: bool = True) -> None:
        """The customer answers their bank."""
        intent = self.intents[intent_id]
        if passed:
            self._put(self._authorized(intent))
        else:
            self._put(self._declined(intent, NOT_AUTHENTICATED))

    def lapse(self, intent_id: str) -> None:
        """The authorization was not captured in time."""
        intent = self.intents[intent_id]
        self._put(replace(intent, state=IntentState.VOIDED, lapsed=True, capture_before=None))

    def cancel_in_dashboard(self, intent_id: str) -> None:
        """The merchant lets go of the payment by hand."""
        self._put(replace(self.intents[intent_id], state=IntentState.VOIDED, capture_before=None))

    def change_refund(self, intent_id: str, state: RefundState, which: int = -1) -> None:
        """A refund that was made is pending still, or the bank sends it back, which takes it from the sum."""
        intent = self.intents[intent_id]
        refunds = list(intent.refunds)
        refunds[which] = replace(refunds[which], state=state)
        gone = sum(refund.amount for refund in refunds if not refund.came_back)
        self._put(replace(intent, refunds=tuple(refunds), refunded=gone))

    # --- the port

    def create(self, ref: str, total: Money, key: str) -> Intent:
        def effect() -> Intent:
            intent = Intent(f"pi_{next(self._ids)}", IntentState.NEEDS_CARD, total.amount, total.currency)
            self.refs[intent.id] = ref
            self._created_at[intent.id] = self._clock()
            return self._put(intent)

        return self._keyed("create", key, (ref, total), effect)

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        return self._keyed(
            "confirm", key, (intent_id, token, return_url), lambda: self._confirmed(intent_id, token, return_url)
        )

    def retrieve(self, intent_id: str) -> Intent:
        return self._called("retrieve", lambda: self._known(intent_id))

    def find(self, ref: str, since: datetime, after: str = "") -> Intent | None:
        def look() -> Intent | None:
            ids = [id for id, other in self.refs.items() if other == ref and self._created_at[id] >= since]
            if after:
                ids = [id for id in ids if self._created_at[id] <= self._created_at[after] and id != after]
            newest_first = [self.intents[id] for id in reversed(ids)]
            usable = (intent for intent in newest_first if intent.state is not IntentState.VOIDED)
            return next(usable, newest_first[0] if newest_first else None)

        return self._called("find", look)

    def listed(self, since: datetime) -> list[tuple[str, Intent]]:
        def look() -> list[tuple[str, Intent]]:
            ids = [id for id in self.refs if self._created_at[id] >= since]
            return [(self.refs[id], self.intents[id]) for id in reversed(ids)]

        return self._called("listed", look)

    def capture(self, intent_id: str, amount: Money, key: str) -> Intent:
        def effect() -> Intent:
            intent = self._known(intent_id)
            if intent.state is not IntentState.AUTHORIZED:
                return intent
            if amount.amount > intent.amount:
                raise Refused("amount_too_large")
            self.captures[self.refs[intent_id]] += 1
            return self._put(replace(intent, state=IntentState.CAPTURED, captured=amount.amount, capture_before=None))

        return self._keyed("capture", key, (intent_id, amount), effect)

    def void(self, intent_id: str, key: str) -> Intent:
        def effect() -> Intent:
            intent = self._known(intent_id)
            if intent.state not in (*OPEN, IntentState.AUTHORIZED):
                return intent
            return self._put(replace(intent, state=IntentState.VOIDED, capture_before=None, next_action_url=None))

        return self._keyed("void", key, (intent_id,), effect)

    def refund(self, intent_id: str, amount: Money, key: str, grant: int = 0) -> Intent:
        def effect() -> Intent:
            intent = self._known(intent_id)
            if intent.captured and intent.refunded == intent.captured:
                return intent
            if amount.amount > intent.captured - intent.refunded:
                raise Refused("invalid_request_error")
            made = Refund(f"re_{next(self._ids)}", amount.amount, RefundState.SUCCEEDED, grant, made_at=self._clock())
            return self._put(replace(intent, refunded=intent.refunded + amount.amount, refunds=(*intent.refunds, made)))

        return self._keyed("refund", key, (intent_id, amount, grant), effect)

    # --- how it works

    def _keyed(self, call: str, key: str, request: tuple[Any, ...], effect: Callable[[], Intent]) -> Intent:
        """The first answer under a key stands, also a refusal; another request under it is an error."""

        def answer() -> Intent:
            if key not in self._saved:
                self._saved[key] = ((call, *request), _outcome(effect))
            saved_request, outcome = self._saved[key]
            if saved_request != (call, *request):
                raise Refused("idempotency_error")
            if isinstance(outcome, FallbackError):
                raise outcome
            return outcome

        may_leave()
        try:
            return self._called(call, answer)
        except OutcomeUnknown as error:
            if error.key_spent:
                self._saved[key] = ((call, *request), error)
            raise

    def _called(self, call: str, answer: Callable[[], T]) -> T:
        with self._lock:
            self.calls[call] += 1
            fault = self._faults[call].popleft() if self._faults[call] else None
            if fault and not fault.after_effect:
                raise fault.error
            result = answer()
            if fault:
                raise fault.error
            return result

    def _confirmed(self, intent_id: str, token: str, return_url: str) -> Intent:
        intent = self._known(intent_id)
        if intent.state not in OPEN:
            return intent
        card = self._tokens.pop(token, None) if token.startswith("ctoken_") else token
        if card is None:
            return self._declined(intent, CARD_TOKEN_EXPIRED)
        if card == THREE_D_SECURE:
            bank = f"https://bank.example/{intent_id}?return_url={return_url}"
            return self._put(replace(intent, state=IntentState.NEEDS_CUSTOMER, next_action_url=bank, decline=None))
        if card in DECLINED:
            return self._put(self._declined(intent, *DECLINED[card]))
        return self._put(self._authorized(intent))

    def _authorized(self, intent: Intent) -> Intent:
        deadline = self._clock() + self.lasts if self.lasts else None
        return replace(
            intent, state=IntentState.AUTHORIZED, capture_before=deadline, next_action_url=None, decline=None
        )

    def _declined(self, intent: Intent, code: str, advice_code: str | None = None) -> Intent:
        decline = Decline(code, advise(code, advice_code))
        return replace(intent, state=IntentState.NEEDS_CARD, next_action_url=None, decline=decline)

    def _known(self, intent_id: str) -> Intent:
        if intent_id not in self.intents:
            raise Refused("resource_missing")
        return self.intents[intent_id]

    def _put(self, intent: Intent) -> Intent:
        self.intents[intent.id] = intent
        return intent


def _outcome(effect: Callable[[], Intent]) -> Intent | FallbackError:
    try:
        return effect()
    except Refused as refusal:
        return refusal
