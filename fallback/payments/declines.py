"""Decline codes of cards, and what to advise for each.

never     do not try this card again: card networks fine merchants who do
customer  the customer must act: use another card, correct the details, or ask their bank
soft      the same card may work later; `SOFT_TRIES` limits the number of tries

Sources of the tables:
Stripe   https://docs.stripe.com/declines/codes and https://docs.stripe.com/declines/card#retrying-issuer-declines
         (Stripe moved the advice of some codes, such as `try_again_later`, to `advice_code`; the old codes still occur)
Mastercard  merchant advice codes, as https://developer.paypal.com/braintree/docs/reference/general/merchant-responses/
         merchant-advice-codes and https://docs.everonet.com (appendix 'Mastercard merchant advice code') list them
Visa     decline categories 1 to 4, https://support.cardpointe.com/compliance/visa-decline-rules; the category of each
         response code, https://www.checkout.com/docs/developer-resources/codes/visa-response-codes-categories
"""

from __future__ import annotations

from enum import StrEnum


class DeclineAdvice(StrEnum):
    NEVER = "never"
    CUSTOMER = "customer"
    SOFT = "soft"


# The lowest limit of tries for one card and amount. Visa: 15 in 30 days. Mastercard: 10 in 24 hours, 35 in 30 days.
SOFT_TRIES = 10

CARD_TOKEN_EXPIRED = "card_token_expired"  # noqa: S105 - our code for a card that must be entered again
GENERIC = "generic_decline"


def _table(never: str = "", customer: str = "", soft: str = "") -> dict[str, DeclineAdvice]:
    rows = ((never, DeclineAdvice.NEVER), (customer, DeclineAdvice.CUSTOMER), (soft, DeclineAdvice.SOFT))
    return {code: advice for codes, advice in rows for code in codes.split()}


BY_ADVICE_CODE = _table(never="do_not_try_again", customer="confirm_card_data", soft="try_again_later")

BY_DECLINE_CODE = _table(
    never="""
        do_not_try_again fraudulent highest_risk_level lost_card merchant_blacklist pickup_card restricted_card
        revocation_of_all_authorizations revocation_of_authorization stolen_card stop_payment_order""",
    customer=f"""
        {CARD_TOKEN_EXPIRED}
        authentication_not_handled authentication_required call_issuer card_declined card_not_supported
        card_velocity_exceeded currency_not_supported do_not_honor duplicate_transaction expired_card generic_decline
        incorrect_address incorrect_cvc incorrect_number incorrect_pin incorrect_zip insufficient_funds invalid_account
        invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number invalid_pin
        live_mode_test_card mobile_device_authentication_required new_account_information_available no_action_taken
        not_permitted offline_pin_required online_or_offline_pin_required payment_intent_authentication_failure
        pin_try_exceeded security_violation service_not_allowed test_mode_live_card testmode_decline
        transaction_not_allowed withdrawal_count_limit_exceeded""",
    soft="approve_with_id issuer_not_available processing_error reenter_transaction try_again_later",
)

# By the card's brand, as Stripe writes it: networks use the same codes with different meanings.
BY_NETWORK_ADVICE = {
    "mastercard": _table(never="03 21 42 99", customer="01 04 22 40 41 43", soft="02 24 25 26 27 28 29 30"),
    "visa": _table(never="01", customer="03", soft="02 04"),
}
BY_NETWORK_DECLINE = {
    "visa": _table(
        never="04 07 12 15 41 43 46 57 R0 R1 R3",
        customer="14 54 55 6P 70 82 1A N7",
        soft="03 19 51 59 61 62 65 75 78 86 91 93 96 N3 N4",
    ),
}


def advise(
    decline_code: str | None,
    advice_code: str | None = None,
    *,
    brand: str | None = None,
    network_advice_code: str | None = None,
    network_decline_code: str | None = None,
) -> DeclineAdvice:
    """The advice after a decline. 'never' from any source wins; otherwise the most specific advice counts.

    Unknown codes advise the customer to use another card, which is always safe; another try is not.
    """
    network_advice = (network_advice_code or "").zfill(2)
    opinions = [
        BY_ADVICE_CODE.get(advice_code or ""),
        BY_NETWORK_ADVICE.get(brand or "", {}).get(network_advice),
        BY_DECLINE_CODE.get(decline_code or ""),
        BY_NETWORK_DECLINE.get(brand or "", {}).get(network_decline_code or ""),
    ]
    if DeclineAdvice.NEVER in opinions:
        return DeclineAdvice.NEVER
    return next((opinion for opinion in opinions if opinion), DeclineAdvice.CUSTOMER)
