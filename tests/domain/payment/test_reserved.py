"""Whether the customer's bank holds an amount for an order that is given up: the page says what they will see there."""

from __future__ import annotations

import pytest

from fallback.domain.order.order import Decline, Payment, PaymentState
from fallback.domain.payment.reserved import was_reserved
from tests.builders import a_payment

P = PaymentState
NOT_KNOWN = None


@pytest.mark.parametrize(
    ("payment", "reserved"),
    [
        (a_payment(P.AUTHORIZED), True),
        (a_payment(P.VOIDED, authorized=3093), True),
        (a_payment(P.NONE), False),
        (a_payment(P.ACTION_REQUIRED), False),
        (a_payment(P.VOIDED, cards=0), False),
        (a_payment(P.VOIDED, decline=Decline("card_declined", "customer")), False),
        (a_payment(P.PENDING), NOT_KNOWN),
        (a_payment(P.UNKNOWN), NOT_KNOWN),
        (a_payment(P.VOIDED), NOT_KNOWN),  # a card was tried, and no bank declined it
        (a_payment(P.ACTION_REQUIRED, next_action_url="https://bank.example"), NOT_KNOWN),  # they may have confirmed it
        (a_payment(P.ACTION_REQUIRED, outgrown=1), NOT_KNOWN),  # the bank may still hold the smaller amount
    ],
)
def test_what_is_said_of_an_amount_at_the_bank(payment: Payment, reserved: bool | None) -> None:
    assert was_reserved(payment) is reserved
