"""Transitions of an order's payment. Each function returns the change to commit.

Keys of the calls to the provider are derived from the ref: `<ref>:create`, `<ref>:confirm:<n>`, `<ref>:capture`,
`<ref>:void`, `<ref>:refund`, `<ref>:grant:<id>`. They stay the same however often a call is repeated, and change only
when the old key is useless: `Payment.round` (ops/decisions/keys-and-rounds.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import structs

from fallback.domain import retries
from fallback.domain.money import Money
from fallback.domain.order.actors import PROVIDER
from fallback.domain.order.card_given import CardGiven
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP, is_outgrown
from fallback.domain.order.notices import ON_THE_PAGE, queue_notice
from fallback.domain.order.order import (
    Attempt,
    Call,
    Change,
    Decline,
    Event,
    NoticeKind,
    Order,
    PaymentState,
    PlacementState,
    Queue,
)
from fallback.domain.order.transitions import PaymentEvent
from fallback.domain.payment import refunds, sent_back
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.domain.payment.letting_go import decided, let_go
from fallback.domain.payment.moves import move, told, with_payment
from fallback.domain.payment.search import NEWEST

# This long before capture_before, read the payment and ask a person: card authorizations usually last 7 days.
AHEAD_OF_DEADLINE = timedelta(hours=24)
# How often, at first and at least, to read what changes at the provider without us: a bank that decides, an
# authorization that lapses.
LOOK_AGAIN = timedelta(seconds=10)
LOOK_WHETHER_IT_LASTS = timedelta(days=1)


def card_given(order: Order, token: str, card: CardGiven, now: datetime, who: str) -> Change:
    """Try another card; `cards.give` decides whether that is allowed. Raises NotAllowedNow."""
    cards, given = order.payment.cards + 1, (*order.payment.given, card)
    order = move(
        order, PaymentEvent.CARD_GIVEN, token=token, cards=cards, given=given, decline=None, next_action_url=None
    )
    if order.placement.state is PlacementState.WAITING:  # the days in which it may be paid start again
        order = with_payment(order, pay_by=None)
    return told(with_payment(order, due_at=now, tries=0), now, "card_given", who, card=cards)


def look_again(order: Order, now: datetime, what: str, who: str) -> Change:
    """The payment is reported to have changed at the provider: a shift is to read the intent itself."""
    return told(with_payment(order, due_at=now), now, what, who)


def begin(order: Order, call: Call, now: datetime, owner: str) -> Change:
    """Record that a call begins, before it is made; put on hold after too many attempts without an outcome."""
    payment = order.payment
    if retries.is_poison(payment.tries):
        return put_on_hold(order, HoldCode.POISON, now, owner, Queue.PAYMENT)
    attempt = Attempt(call, _key(order, call), now)
    asked_at = (payment.asked_at or now) if call is Call.CREATE else payment.asked_at
    return Change(with_payment(order, attempt=attempt, asked_at=asked_at, tries=payment.tries + 1), ())


def put_off(order: Order, until: datetime) -> Change:
    """The call did not happen, through no fault of the order: it is made at `until`."""
    attempt = order.payment.attempt
    order = with_payment(order, attempt=None, tries=0)
    if attempt and attempt.call is Call.CAPTURE:  # the last step of the placement
        return Change(structs.replace(order, placement=structs.replace(order.placement, due_at=until)), ())
    return Change(with_payment(order, due_at=until), ())


def not_answered(order: Order, until: datetime, now: datetime) -> Change:
    """Reading the outcome of a call failed: it stays unknown, and is read again at `until`."""
    if order.payment.attempt:
        return lost(order, until, now, key_spent=False)
    return Change(with_payment(order, due_at=until), ())


def lost(order: Order, until: datetime, now: datetime, key_spent: bool, tries: int | None = None) -> Change:
    """The call was made and its response was lost. `tries`: attempts without an outcome, if not all of them count."""
    if tries is not None:
        order = with_payment(order, tries=tries)
    round_, search = order.payment.round + key_spent, NEWEST if key_spent else order.payment.search_after
    order = move(order, PaymentEvent.LOST, attempt=None, round=round_, search_after=search, due_at=until)
    return told(order, now, "payment_unknown", "worker")


def refused(order: Order, code: str, now: datetime, owner: str) -> Change:
    """The provider will never accept this call, for a reason other than the card: a person has to look.

    The provider keeps the refusal under the key, so the call gets a new key once the person has fixed the reason.
    """
    round_ = order.payment.round + bool(order.payment.attempt)
    order = with_payment(order, attempt=None, round=round_)
    return put_on_hold(order, HoldCode.PAYMENT_REFUSED, now, owner, code)


def observe(order: Order, intent: Intent | None, now: datetime, owner: str) -> Change:
    """Apply the intent, as the provider has it now, to the order; None: there is no intent. Safe to repeat."""
    order = with_payment(order, search_after=None)
    if intent is None:
        order = with_payment(order, asked_at=None)
        return voided(order, now) if order.placement.state in GIVEN_UP else _not_taken(order, now)
    order = with_payment(order, intent=intent.id)
    match intent.state:
        case IntentState.AUTHORIZED:
            return _authorized(order, intent, now, owner)
        case IntentState.CAPTURED:
            return _captured(order, intent, now, owner)
        case IntentState.VOIDED:
            given_up = order.placement.state in GIVEN_UP
            return voided(order, now) if given_up else let_go(order, now, lapsed=intent.lapsed)
        case IntentState.NEEDS_CUSTOMER:
            return _bank_asks(order, intent, now)
        case IntentState.NEEDS_CARD if intent.decline:
            return _declined(order, intent.decline, now)
        case IntentState.PROCESSING:
            since = order.payment.processing_since or now
            due_at = _ever_more_seldom(since, now)
            return Change(move(order, PaymentEvent.LOST, attempt=None, processing_since=since, due_at=due_at), ())
        case _:
            return _not_taken(order, now)


def news(order: Order, intent: Intent) -> Intent:
    """What is certain about an intent that was read.

    Its decline may be that of the previous card, not of the one whose outcome is unknown. That card is therefore
    confirmed again under its key: the provider repeats its result, or receives the card for the first time.
    """
    ambiguous = order.payment.token and order.payment.cards > 1
    return structs.replace(intent, decline=None) if ambiguous else intent


def _authorized(order: Order, intent: Intent, now: datetime, owner: str) -> Change:
    before = order.payment
    order = move(
        order,
        PaymentEvent.AUTHORIZED,
        attempt=None,
        token=None,
        tries=before.tries if before.authorized else 0,
        due_at=None,
        authorized=intent.amount,
        capture_before=intent.capture_before,
        pay_by=None,
        decline=None,
        next_action_url=None,
        outgrown=0,
    )
    # If it was authorized before, an attempt to capture or void it has changed nothing.
    events = () if before.authorized else (Event(now, "authorized", PROVIDER, {"amount": intent.amount}),)
    if order.placement.state in GIVEN_UP or is_outgrown(order):
        return Change(order, events)
    if intent.capture_before is None:
        return Change(with_payment(order, due_at=now + LOOK_WHETHER_IT_LASTS), events)
    ahead = intent.capture_before - AHEAD_OF_DEADLINE
    if now < ahead:
        return Change(with_payment(order, due_at=ahead), events)
    order = with_payment(order, due_at=max(intent.capture_before, _ever_more_seldom(intent.capture_before, now)))
    held = put_on_hold(order, HoldCode.PAYMENT_EXPIRING, now, owner, f"{intent.capture_before:%Y-%m-%dT%H:%MZ}")
    return Change(held.order, (*events, *held.events))


def _ever_more_seldom(since: datetime, now: datetime) -> datetime:
    """When to read again what should have come to an end `since` then: each pause equals the time that went by."""
    return now + min(max(LOOK_AGAIN, now - since), LOOK_WHETHER_IT_LASTS)


def _captured(order: Order, intent: Intent, now: datetime, owner: str) -> Change:
    before = order.payment
    order = with_payment(sent_back.seen(order, intent.refunds, now), due_at=None)
    if before.state is PaymentState.REFUNDED:
        if intent.refunded >= before.refunded:
            return Change(order, ())
        order = move(order, PaymentEvent.REFUND_FAILED)
    if before.state in (PaymentState.PENDING, PaymentState.ACTION_REQUIRED):  # by hand, in the provider's dashboard
        order = move(order, PaymentEvent.AUTHORIZED, authorized=intent.amount)
    order = move(
        decided(order),
        PaymentEvent.CAPTURED,
        attempt=None,
        token=None,
        capture_before=None,
        captured=intent.captured,
        refunded=intent.refunded,
        decline=None,
        next_action_url=None,
    )
    events: list[Event] = []
    if intent.captured > before.captured:
        compared = _compared_with_agreed(order, intent, now, owner)
        order, events = compared.order, list(compared.events)
    back = sent_back.followed(order, before, now, owner)
    owed = refunds.give_difference(back.order, "worker", now)
    events += [*back.events, *owed.events]
    return Change(sent_back.ended(owed.order), tuple(events))


def _compared_with_agreed(order: Order, intent: Intent, now: datetime, owner: str) -> Change:
    """A capture made outside this system may be less than agreed; a person decides then."""
    agreed = order.payment.amount
    taken: dict[str, str | int] = {"amount": intent.captured}
    if order.placement.state not in GIVEN_UP and intent.captured < agreed:
        taken_of = f"{Money(intent.captured, order.currency)} of {Money(agreed, order.currency)}"
        held = put_on_hold(order, HoldCode.CAPTURED_LESS, now, owner, taken_of)
        return Change(held.order, (Event(now, "captured_in_part", "worker", taken), *held.events))
    if order.placement.state is PlacementState.VERIFIED:
        order = queue_notice(order, NoticeKind.PLACED, now)
    return Change(order, (Event(now, "captured", "worker", taken),))


def voided(order: Order, now: datetime) -> Change:
    """Nothing is owed or authorized any more; the notice about the end of the placement tells the customer why."""
    order = move(
        order, PaymentEvent.VOIDED, attempt=None, token=None, due_at=None, capture_before=None, next_action_url=None
    )
    kind = NoticeKind.MERGED if order.placement.state is PlacementState.MERGED else NoticeKind.CANCELLED
    return told(queue_notice(order, kind, now, order.last_word), now, "voided", "worker")


def _bank_asks(order: Order, intent: Intent, now: datetime) -> Change:
    before = order.payment
    asked_before = before.state is PaymentState.ACTION_REQUIRED and before.next_action_url == intent.next_action_url
    # Before the order ends as unpaid, read the payment: news of the bank's decision may have been lost.
    due_at = before.pay_by if before.pay_by and now < before.pay_by else None
    order = move(
        order, PaymentEvent.BANK_ASKS, attempt=None, token=None, due_at=due_at, next_action_url=intent.next_action_url
    )
    if asked_before:
        return Change(order, ())
    return told(queue_notice(order, NoticeKind.PAYMENT_NEEDED, now + ON_THE_PAGE), now, "bank_asks", PROVIDER)


def _declined(order: Order, decline: Decline, now: datetime) -> Change:
    told_before = order.payment.decline == decline
    order = move(
        order, PaymentEvent.DECLINED, attempt=None, token=None, due_at=None, decline=decline, next_action_url=None
    )
    if told_before:
        return Change(order, ())
    order = queue_notice(order, NoticeKind.PAYMENT_NEEDED, now + ON_THE_PAGE)
    return told(order, now, "declined", PROVIDER, code=decline.code)


def _not_taken(order: Order, now: datetime) -> Change:
    if order.payment.state is PaymentState.ACTION_REQUIRED:
        return Change(with_payment(order, attempt=None, due_at=None), ())
    return Change(move(order, PaymentEvent.NOT_TAKEN, attempt=None, due_at=now), ())


def _key(order: Order, call: Call) -> str:
    if call is Call.GRANT:
        return refunds.key(order)
    payment = order.payment
    # Both counters only grow, so their sum is unique for each pair of card and round.
    number = payment.cards + payment.round if call is Call.CONFIRM else payment.round
    return f"{order.ref}:{call}:{number}" if number else f"{order.ref}:{call}"
