"""Ways to pay that can be authorized first and captured later, and how long each authorization lasts.

The list is that of `payment_method_options[…][capture_method]` in Stripe's API; a test compares it with the library.
Windows and refunds: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method ('Payment method limitations')
and the page of each method, https://docs.stripe.com/payments/<method>. What we found on none of these pages is unknown.
ops/docs/reference/ways-to-pay.md shows this table.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct


class Method(Struct, frozen=True):
    """`days`: how long an authorization lasts, from the charge; None: unknown, or for a card said by the charge itself.

    `until_midnight`: it ends at midnight UTC of that day. `refund_days`: None if unknown. `tried`: in our sandbox.
    """

    name: str
    days: int | None = None
    until_midnight: bool = False
    refund_days: int | None = None
    leaves_the_page: bool = True
    tried: bool = False


METHODS = {
    "card": Method("Cards, Apple Pay, Google Pay", leaves_the_page=False, tried=True),
    "affirm": Method("Affirm", days=30, refund_days=120),
    "afterpay_clearpay": Method("Afterpay, Clearpay", days=13, refund_days=120),
    "alma": Method("Alma", refund_days=180),
    "amazon_pay": Method("Amazon Pay", refund_days=90),
    "billie": Method("Billie"),
    "cashapp": Method("Cash App Pay", days=7),
    "kakao_pay": Method("Kakao Pay"),
    "klarna": Method("Klarna", days=28, until_midnight=True, refund_days=180, tried=True),
    "kr_card": Method("Korean cards"),
    "link": Method("Link", leaves_the_page=False),
    "mobilepay": Method("MobilePay"),
    "naver_pay": Method("Naver Pay"),
    "payco": Method("PAYCO"),
    # Stripe tries to extend it to 20 days, which nothing tells us, and the settlement preference may shorten it.
    "paypal": Method("PayPal", days=10, refund_days=180),
    "revolut_pay": Method("Revolut Pay", refund_days=180),
    "samsung_pay": Method("Samsung Pay"),
    "satispay": Method("Satispay"),
    "scalapay": Method("Scalapay"),
    "sequra": Method("seQura"),
    "sunbit": Method("Sunbit"),
}


def capture_before(method: str, charged_at: datetime) -> datetime | None:
    """When an authorization of this method ends; None if that is unknown, or the charge says it (cards)."""
    known = METHODS.get(method)
    if known is None or known.days is None:
        return None
    ends = charged_at.astimezone(UTC) + timedelta(days=known.days)
    return ends.replace(hour=0, minute=0, second=0, microsecond=0) if known.until_midnight else ends
