"""What the bank has reserved, how much of it will be captured, and how much is released."""

from __future__ import annotations

import pytest

from fallback.domain.order.order import Payment, PaymentState
from fallback.domain.payment.set_aside import SetAside, set_aside
from tests.builders import a_payment, an_order

P = PaymentState


@pytest.mark.parametrize(
    ("payment", "said"),
    [
        (a_payment(P.AUTHORIZED), None),
        (a_payment(P.AUTHORIZED, amount=3000), SetAside(3093, 3000, 93)),
        (a_payment(P.AUTHORIZED, amount=3100), SetAside(3093, 0, 3093)),
        (a_payment(P.AUTHORIZED, amount=0), SetAside(3093, 0, 3093)),
        (a_payment(P.CAPTURED, amount=3000), None),
        (a_payment(P.PENDING), None),
    ],
)
def test_the_reserved_amount_is_shown_only_if_it_differs_from_the_price(
    payment: Payment, said: SetAside | None
) -> None:
    assert set_aside(an_order(payment=payment)) == said
