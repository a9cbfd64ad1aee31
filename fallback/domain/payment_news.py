"""What the payment processor tells us unasked, in our words; the adapter translates its own (payments/webhooks.py).

News says only that something happened, and may be late, doubled or out of order: a shift looks at the payment itself.
"""

from __future__ import annotations

from enum import StrEnum

from fallback.domain.order import Order
from fallback.domain.order import PaymentState as P


class PaymentNews(StrEnum):
    """Each is the word of its event in the timeline."""

    BANK_ASKS = "heard_bank_asks"
    DECLINED = "heard_declined"
    AUTHORIZED = "heard_authorized"
    CAPTURED = "heard_captured"
    VOIDED = "heard_voided"
    REFUNDED = "heard_refunded"
    LAPSED = "heard_lapsed"


# The states that know already what the news says.
KNOWN_IN = {
    PaymentNews.BANK_ASKS: {P.ACTION_REQUIRED, P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    PaymentNews.DECLINED: {P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    PaymentNews.AUTHORIZED: {P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    PaymentNews.CAPTURED: {P.CAPTURED, P.REFUNDED},
    PaymentNews.VOIDED: {P.VOIDED, P.REFUNDED},
    PaymentNews.REFUNDED: {P.REFUNDED},
    PaymentNews.LAPSED: {P.VOIDED, P.REFUNDED},
}


def is_known(order: Order, news: PaymentNews) -> bool:
    return order.payment.state in KNOWN_IN[news]
