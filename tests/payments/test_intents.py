"""Stripe's PaymentIntent in our words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import ValidationError

from fallback.domain.order.order import Decline
from fallback.domain.payment.gateway import IntentState
from fallback.payments.intents import read_intent
from tests.payments.stripe_replies import a_charge, a_stripe_intent

# https://docs.stripe.com/payments/paymentintents/lifecycle
STATES = {
    "requires_payment_method": IntentState.NEEDS_CARD,
    "requires_confirmation": IntentState.NEEDS_CONFIRMATION,
    "requires_action": IntentState.NEEDS_CUSTOMER,
    "processing": IntentState.PROCESSING,
    "requires_capture": IntentState.AUTHORIZED,
    "succeeded": IntentState.CAPTURED,
    "canceled": IntentState.VOIDED,
}


@pytest.mark.parametrize(("status", "state"), STATES.items())
def test_each_state_of_stripe_has_its_word(status: str, state: IntentState) -> None:
    assert read_intent(a_stripe_intent(status=status)).state is state


def test_an_intent_that_nobody_paid_yet_says_what_it_is_about() -> None:
    intent = read_intent(a_stripe_intent(currency="isk", amount=289300))
    assert (intent.amount, intent.currency, intent.captured, intent.refunded) == (2893, "ISK", 0, 0)


def test_every_word_stands_for_a_state_of_stripe() -> None:
    assert set(STATES.values()) == set(IntentState)


def test_an_undocumented_state_is_not_guessed() -> None:
    with pytest.raises(ValidationError, match=r"^unknown status: on_the_moon$"):
        read_intent(a_stripe_intent(status="on_the_moon"))


def test_the_deadline_of_an_authorization_is_that_of_its_charge() -> None:
    details = {"card": {"brand": "visa", "capture_before": 1795003200}}
    charge = a_charge(payment_method_details=details)

    held = read_intent(a_stripe_intent(status="requires_capture", latest_charge=charge))
    taken = read_intent(a_stripe_intent(status="succeeded", latest_charge=charge))

    assert held.capture_before == datetime.fromtimestamp(1795003200, UTC)
    assert taken.capture_before is None


# The example on Stripe's page of Klarna's deadline.
CHARGED = datetime(2020, 10, 1, 14, tzinfo=UTC)


def held_by(method: str) -> datetime | None:
    charge = a_charge(payment_method_details={"type": method, method: {}}, created=int(CHARGED.timestamp()))
    return read_intent(a_stripe_intent(status="requires_capture", latest_charge=charge)).capture_before


@pytest.mark.parametrize(("method", "days"), [("affirm", 30), ("paypal", 10), ("afterpay_clearpay", 13)])
def test_the_deadline_of_another_method_counts_from_its_charge(method: str, days: int) -> None:
    assert held_by(method) == CHARGED + timedelta(days=days)


def test_klarnas_deadline_is_midnight_of_the_28th_day() -> None:
    assert held_by("klarna") == datetime(2020, 10, 29, tzinfo=UTC)


@pytest.mark.parametrize("method", ["amazon_pay", "sunbit", "on_the_moon"])
def test_a_method_whose_deadline_nobody_told_us_has_none(method: str) -> None:
    assert held_by(method) is None


@pytest.mark.parametrize(
    ("captured", "shown", "refunded"),
    [(0, 2893, 0), (2893, 0, 0), (2893, 500, 500), (2000, 893, 0), (2000, 1393, 500), (2000, 2893, 2000)],
)
def test_a_released_part_of_an_authorization_is_not_counted_as_refunded(
    captured: int, shown: int, refunded: int
) -> None:
    charge = a_charge(amount_captured=captured, amount_refunded=shown)

    intent = read_intent(a_stripe_intent(amount_received=captured, latest_charge=charge))

    assert (intent.captured, intent.refunded) == (captured, refunded)


@pytest.mark.parametrize(
    ("reason", "lapsed"), [("automatic", True), ("expired", True), ("requested_by_customer", False), (None, False)]
)
def test_stripe_itself_cancels_what_lapsed(reason: str | None, lapsed: bool) -> None:
    assert read_intent(a_stripe_intent(status="canceled", cancellation_reason=reason)).lapsed is lapsed


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("redirect_to_url", {"url": "https://bank.example", "return_url": "https://shop.example"}),
        ("alipay_handle_redirect", {"native_url": "alipay://", "url": "https://bank.example"}),
        ("boleto_display_details", {"hosted_voucher_url": "https://bank.example", "number": "1"}),
        ("oxxo_display_details", {"hosted_voucher_url": "https://bank.example"}),
        ("multibanco_display_details", {"hosted_voucher_url": "https://bank.example"}),
        ("paynow_display_qr_code", {"hosted_instructions_url": "https://bank.example", "image_url_png": "https://png"}),
        ("promptpay_display_qr_code", {"hosted_instructions_url": "https://bank.example"}),
        ("pix_display_qr_code", {"hosted_instructions_url": "https://bank.example"}),
        ("wechat_pay_display_qr_code", {"hosted_instructions_url": "https://bank.example", "image_data_url": "data:"}),
        ("display_bank_transfer_instructions", {"hosted_instructions_url": "https://bank.example"}),
        ("verify_with_microdeposits", {"hosted_verification_url": "https://bank.example"}),
        (
            "cashapp_handle_redirect_or_display_qr_code",
            {"hosted_instructions_url": "https://bank.example", "qr_code": {"image_url_png": "https://png"}},
        ),
        (
            "swish_handle_redirect_or_display_qr_code",
            {"qr_code": {"data": "1", "hosted_instructions_url": "https://bank.example"}},
        ),
    ],
)
def test_each_way_to_go_on_leads_to_its_page(kind: str, details: dict[str, object]) -> None:
    intent = a_stripe_intent(next_action={"type": kind, kind: details})

    assert read_intent(intent).next_action_url == "https://bank.example"


@pytest.mark.parametrize(
    "action",
    [
        {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}},
        {"type": "wechat_pay_redirect_to_ios_app", "wechat_pay_redirect_to_ios_app": {"native_url": "weixin://"}},
        {"type": "on_the_moon"},
        {},
    ],
)
def test_what_only_the_browser_or_an_app_can_do_has_no_page(action: dict[str, object]) -> None:
    assert read_intent(a_stripe_intent(next_action=action)).next_action_url is None


@pytest.mark.parametrize(
    ("error", "decline"),
    [
        ({"code": "card_declined", "decline_code": "lost_card"}, Decline("lost_card", "never")),
        ({"code": "expired_card"}, Decline("expired_card", "customer")),
        ({"code": "card_declined", "decline_code": "do_not_honor"}, Decline("do_not_honor", "customer")),
        (
            {
                "decline_code": "do_not_honor",
                "network_advice_code": "03",
                "payment_method": {"card": {"brand": "mastercard"}},
            },
            Decline("do_not_honor", "never"),
        ),
        ({"decline_code": "do_not_honor", "advice_code": "try_again_later"}, Decline("do_not_honor", "soft")),
        (
            {
                "decline_code": "generic_decline",
                "network_decline_code": "R0",
                "payment_method": {"card": {"brand": "visa"}},
            },
            Decline("generic_decline", "never"),
        ),
        ({"type": "card_error"}, Decline("generic_decline", "customer")),
    ],
)
def test_a_decline_has_a_code_and_an_advice(error: dict[str, object], decline: Decline) -> None:
    assert read_intent(a_stripe_intent(last_payment_error=error)).decline == decline


def a_refund(number: int, amount: int, status: str, **metadata: str) -> dict[str, Any]:
    return {"id": f"re_{number}", "object": "refund", "amount": amount, "status": status, "metadata": metadata}


@pytest.mark.parametrize("shown", [1_500, 500], ids=["the charge has it still", "the charge has it no more"])
@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_what_came_back_of_a_refund_is_not_refunded(shown: int, status: str) -> None:
    page = {"data": [a_refund(2, 1_000, status, grant="7"), a_refund(1, 500, "pending")], "has_more": False}
    charge = a_charge(amount_captured=2893, amount_refunded=shown, refunds=page)
    intent = read_intent(a_stripe_intent(status="succeeded", amount_received=2893, latest_charge=charge))
    assert intent.refunded == 500
    assert [(each.id, each.grant, each.came_back) for each in intent.refunds] == [("re_1", 0, False), ("re_2", 7, True)]


def test_a_refund_was_made_when_stripe_says_so() -> None:
    page = {"data": [{**a_refund(1, 500, "succeeded"), "created": 1_764_412_200}, a_refund(0, 1, "succeeded")]}
    intent = read_intent(a_stripe_intent(status="succeeded", latest_charge=a_charge(refunds=page)))
    assert [each.made_at for each in intent.refunds] == [None, datetime(2025, 11, 29, 10, 30, tzinfo=UTC)]


def test_the_charge_has_the_refunded_sum_if_not_all_refunds_are_included() -> None:
    page = {"data": [a_refund(12, 100, "succeeded")], "has_more": True}
    charge = a_charge(amount_captured=2893, amount_refunded=1_200, refunds=page)
    intent = read_intent(a_stripe_intent(status="succeeded", amount_received=2893, latest_charge=charge))
    assert intent.refunded == 1_200
