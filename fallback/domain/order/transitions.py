"""The state machines of an order as tables: state and event -> state.

An event that a table does not list raises NotAllowedNow. Late and repeated webhooks are normal: they only make a shift
read the intent itself, and the result may leave the state unchanged.
"""

from __future__ import annotations

from enum import StrEnum

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.domain.order.withdrawal import WithdrawalState

P = PaymentState
S = PlacementState
W = WithdrawalState


class PaymentEvent(StrEnum):
    CARD_GIVEN = "card_given"
    AUTHORIZED = "authorized"
    BANK_ASKS = "bank_asks"
    DECLINED = "declined"
    LOST = "outcome_lost"
    NOT_TAKEN = "not_taken"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    LAPSED = "authorization_lapsed"


class PlacementEvent(StrEnum):
    BEGUN = "begun"
    LOST = "outcome_lost"
    NOT_THERE = "not_there"
    PLACED = "placed"
    VERIFIED = "verified"
    MERGED = "merged"
    CANCELLED = "cancelled"
    FORGOTTEN = "forgotten"


class WithdrawalEvent(StrEnum):
    """From the contract (domain/order/withdrawal.py)."""

    STATED = "stated"
    UNDONE = "undone"
    STANDS = "purchase_stands"
    NOT_TOLD = "not_told"
    TOLD = "told"


PAYMENT: dict[tuple[PaymentState, PaymentEvent], PaymentState] = {
    (P.NONE, PaymentEvent.CARD_GIVEN): P.PENDING,
    (P.NONE, PaymentEvent.VOIDED): P.VOIDED,
    (P.PENDING, PaymentEvent.AUTHORIZED): P.AUTHORIZED,
    (P.PENDING, PaymentEvent.BANK_ASKS): P.ACTION_REQUIRED,
    (P.PENDING, PaymentEvent.DECLINED): P.ACTION_REQUIRED,
    (P.PENDING, PaymentEvent.LOST): P.UNKNOWN,
    (P.PENDING, PaymentEvent.NOT_TAKEN): P.PENDING,
    (P.PENDING, PaymentEvent.VOIDED): P.VOIDED,
    (P.PENDING, PaymentEvent.LAPSED): P.ACTION_REQUIRED,
    (P.ACTION_REQUIRED, PaymentEvent.CARD_GIVEN): P.PENDING,
    (P.ACTION_REQUIRED, PaymentEvent.AUTHORIZED): P.AUTHORIZED,
    (P.ACTION_REQUIRED, PaymentEvent.BANK_ASKS): P.ACTION_REQUIRED,
    (P.ACTION_REQUIRED, PaymentEvent.DECLINED): P.ACTION_REQUIRED,
    (P.ACTION_REQUIRED, PaymentEvent.VOIDED): P.VOIDED,
    (P.ACTION_REQUIRED, PaymentEvent.LOST): P.UNKNOWN,
    (P.ACTION_REQUIRED, PaymentEvent.LAPSED): P.ACTION_REQUIRED,
    (P.UNKNOWN, PaymentEvent.AUTHORIZED): P.AUTHORIZED,
    (P.UNKNOWN, PaymentEvent.BANK_ASKS): P.ACTION_REQUIRED,
    (P.UNKNOWN, PaymentEvent.DECLINED): P.ACTION_REQUIRED,
    (P.UNKNOWN, PaymentEvent.LOST): P.UNKNOWN,
    (P.UNKNOWN, PaymentEvent.NOT_TAKEN): P.PENDING,
    (P.UNKNOWN, PaymentEvent.CAPTURED): P.CAPTURED,
    (P.UNKNOWN, PaymentEvent.VOIDED): P.VOIDED,
    (P.UNKNOWN, PaymentEvent.LAPSED): P.ACTION_REQUIRED,
    (P.AUTHORIZED, PaymentEvent.AUTHORIZED): P.AUTHORIZED,
    (P.AUTHORIZED, PaymentEvent.LOST): P.UNKNOWN,
    (P.AUTHORIZED, PaymentEvent.CAPTURED): P.CAPTURED,
    (P.AUTHORIZED, PaymentEvent.VOIDED): P.VOIDED,
    (P.AUTHORIZED, PaymentEvent.LAPSED): P.ACTION_REQUIRED,
    (P.CAPTURED, PaymentEvent.CAPTURED): P.CAPTURED,
    (P.CAPTURED, PaymentEvent.LOST): P.UNKNOWN,
    (P.CAPTURED, PaymentEvent.REFUNDED): P.REFUNDED,
    (P.REFUNDED, PaymentEvent.REFUND_FAILED): P.CAPTURED,
}

PLACEMENT: dict[tuple[PlacementState, PlacementEvent], PlacementState] = {
    (S.WAITING, PlacementEvent.BEGUN): S.PLACING,
    (S.WAITING, PlacementEvent.PLACED): S.PLACED,
    (S.WAITING, PlacementEvent.MERGED): S.MERGED,
    (S.WAITING, PlacementEvent.CANCELLED): S.CANCELLED,
    (S.PLACING, PlacementEvent.LOST): S.UNKNOWN,
    (S.PLACING, PlacementEvent.NOT_THERE): S.WAITING,
    (S.PLACING, PlacementEvent.PLACED): S.PLACED,
    (S.PLACING, PlacementEvent.MERGED): S.MERGED,
    (S.UNKNOWN, PlacementEvent.NOT_THERE): S.WAITING,
    (S.UNKNOWN, PlacementEvent.PLACED): S.PLACED,
    (S.PLACED, PlacementEvent.VERIFIED): S.VERIFIED,
    (S.PLACED, PlacementEvent.CANCELLED): S.CANCELLED,
    (S.PLACED, PlacementEvent.FORGOTTEN): S.UNKNOWN,
    (S.VERIFIED, PlacementEvent.CANCELLED): S.CANCELLED,
    (S.VERIFIED, PlacementEvent.FORGOTTEN): S.UNKNOWN,
}

WITHDRAWAL: dict[tuple[WithdrawalState, WithdrawalEvent], WithdrawalState] = {
    (W.ASKED, WithdrawalEvent.STATED): W.ASKED,
    (W.ASKED, WithdrawalEvent.UNDONE): W.UNDONE,
    (W.ASKED, WithdrawalEvent.NOT_TOLD): W.BY_HAND,
    (W.ASKED, WithdrawalEvent.TOLD): W.TOLD,
    (W.UNDONE, WithdrawalEvent.STATED): W.ASKED,
    (W.UNDONE, WithdrawalEvent.STANDS): W.ASKED,
    (W.BY_HAND, WithdrawalEvent.STATED): W.ASKED,
    (W.BY_HAND, WithdrawalEvent.TOLD): W.TOLD,
    (W.TOLD, WithdrawalEvent.STATED): W.ASKED,
}


def after_withdrawal(state: WithdrawalState, event: WithdrawalEvent) -> WithdrawalState:
    try:
        return WITHDRAWAL[state, event]
    except KeyError:
        raise NotAllowedNow(state, event) from None


def after_payment(state: PaymentState, event: PaymentEvent) -> PaymentState:
    try:
        return PAYMENT[state, event]
    except KeyError:
        raise NotAllowedNow(state, event) from None


def after_placement(state: PlacementState, event: PlacementEvent) -> PlacementState:
    try:
        return PLACEMENT[state, event]
    except KeyError:
        raise NotAllowedNow(state, event) from None
