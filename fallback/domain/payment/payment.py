"""What happens to the payment of an order: each function answers the Change that the ledger then commits.

Keys of the calls to the provider come from our own ref: `<ref>:create`, `<ref>:confirm:<n>`, `<ref>:capture`,
`<ref>:grant:<id>`. They stay the same however often a call is repeated, and change only when the old key is useless:
`Payment.round` (ops/decisions/keys-and-rounds.md).
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

# Ahead of capture_before we look again and ask a person: a card authorization is kept for 7 days as a rule.
AHEAD_OF_DEADLINE = timedelta(hours=24)
# What the provider does in its own time (a bank that thinks, an authorization that lapses) is looked at this often.
LOOK_AGAIN = timedelta(seconds=10)


def card_given(order: Order, token: str, card: CardGiven, now: datetime, who: str) -> Change:
    """Another card shall be tried: `cards.give` says whether it may be. Raises NotAllowedNow."""
    cards, given = order.payment.cards + 1, (*order.payment.given, card)
    order = move(
        order, PaymentEvent.CARD_GIVEN, token=token, cards=cards, given=given, decline=None, next_action_url=None
    )
    if order.placement.state is PlacementState.WAITING:  # the days in which it may be paid begin anew
        order = with_payment(order, pay_by=None)
    return told(with_payment(order, due_at=now, tries=0), now, "card_given", who, card=cards)


def look_again(order: Order, now: datetime, what: str, who: str) -> Change:
    """Somebody says that the payment changed at the provider: a shift shall look at the intent itself."""
    return told(with_payment(order, due_at=now), now, what, who)


def begin(order: Order, call: Call, now: datetime, owner: str) -> Change:
    """Record that a call begins, before it is made; or put the order on hold when too many ended in nothing."""
    payment = order.payment
    if retries.is_poison(payment.tries):
        return put_on_hold(order, HoldCode.POISON, now, owner, Queue.PAYMENT)
    attempt = Attempt(call, _key(order, call), now)
    asked_at = (payment.asked_at or now) if call is Call.CREATE else payment.asked_at
    return Change(with_payment(order, attempt=attempt, asked_at=asked_at, tries=payment.tries + 1), ())


def put_off(order: Order, until: datetime) -> Change:
    """The call did not happen, which is not the order's doing: it is made at `until`."""
    attempt = order.payment.attempt
    order = with_payment(order, attempt=None, tries=0)
    if attempt and attempt.call is Call.CAPTURE:  # which is the placement's last step
        return Change(structs.replace(order, placement=structs.replace(order.placement, due_at=until)), ())
    return Change(with_payment(order, due_at=until), ())


def not_answered(order: Order, until: datetime, now: datetime) -> Change:
    """The question what became of a call was not answered: it stays unknown, and is asked again at `until`."""
    if order.payment.attempt:
        return lost(order, until, now, key_spent=False)
    return Change(with_payment(order, due_at=until), ())


def lost(order: Order, until: datetime, now: datetime, key_spent: bool) -> Change:
    """The call was made and its answer never came."""
    round_, search = order.payment.round + key_spent, NEWEST if key_spent else order.payment.search_after
    order = move(order, PaymentEvent.LOST, attempt=None, round=round_, search_after=search, due_at=until)
    return told(order, now, "payment_unknown", "worker")


def refused(order: Order, code: str, now: datetime, owner: str) -> Change:
    """The provider will never take this call, for a reason that is not the card's: a person has to look.

    It keeps the refusal under the key, so the same call has a new one once that person has seen to the reason.
    """
    round_ = order.payment.round + bool(order.payment.attempt)
    order = with_payment(order, attempt=None, round=round_)
    return put_on_hold(order, HoldCode.PAYMENT_REFUSED, now, owner, code)


def observe(order: Order, intent: Intent | None, now: datetime, owner: str) -> Change:
    """What the intent, as the provider has it now, says of the order; None: it has none. Safe to say twice."""
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
            return Change(move(order, PaymentEvent.LOST, attempt=None, due_at=now + LOOK_AGAIN), ())
        case _:
            return _not_taken(order, now)


def news(order: Order, intent: Intent) -> Intent:
    """What an intent that was looked at says for certain.

    Its decline may be that of the card before the one whose outcome is not known. So that card is confirmed again under
    its key: the provider repeats what it said, or hears of it for the first time.
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
    # It was known before: then an attempt to capture or void it has changed nothing.
    events = () if before.authorized else (Event(now, "authorized", PROVIDER, {"amount": intent.amount}),)
    if intent.capture_before is None or order.placement.state in GIVEN_UP or is_outgrown(order):
        return Change(order, events)
    ahead = intent.capture_before - AHEAD_OF_DEADLINE
    if now < ahead:
        return Change(with_payment(order, due_at=ahead), events)
    order = with_payment(order, due_at=max(intent.capture_before, now + LOOK_AGAIN))
    held = put_on_hold(order, HoldCode.PAYMENT_EXPIRING, now, owner, f"{intent.capture_before:%Y-%m-%dT%H:%MZ}")
    return Change(held.order, (*events, *held.events))


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
    """What was captured by another's hand may be less than agreed, which a person sees to."""
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
    """Nothing is owed and nothing is held any more; the customer is told why by the placement's end."""
    order = move(
        order, PaymentEvent.VOIDED, attempt=None, token=None, due_at=None, capture_before=None, next_action_url=None
    )
    kind = NoticeKind.MERGED if order.placement.state is PlacementState.MERGED else NoticeKind.CANCELLED
    return told(queue_notice(order, kind, now, order.last_word), now, "voided", "worker")


def _bank_asks(order: Order, intent: Intent, now: datetime) -> Change:
    before = order.payment
    asked_before = before.state is PaymentState.ACTION_REQUIRED and before.next_action_url == intent.next_action_url
    # Before it ends as unpaid, it is looked at: nobody may have told us what the bank decided.
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
    # Both counters only grow, so their sum names each pair of card and round once.
    number = payment.cards + payment.round if call is Call.CONFIRM else payment.round
    return f"{order.ref}:{call}:{number}" if number else f"{order.ref}:{call}"
