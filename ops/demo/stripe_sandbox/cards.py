"""Stripe's test cards, their PaymentMethod names, and the outcome of a charge on them.

Numbers, names and outcomes: pages 'Testing' (cards, declined payments, disputes, 3D Secure) and 'Decline codes'.
Advice codes and their meaning: page 'Card declines', section on retrying. Stripe does not
document the code of each test card; here it is the code whose meaning fits. `network_decline_code` has the card
networks' response code (ISO 8583).
"""

from dataclasses import dataclass, replace
from typing import Literal

Authentication = Literal["none", "optional", "required"]


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str
    message: str
    advice_code: str | None
    network_decline_code: str | None
    blocked_by_radar: bool = False


@dataclass(frozen=True)
class Card:
    """`name` is the part after `pm_card_` in the name of Stripe's test PaymentMethod."""

    name: str
    number: str
    brand: str = "visa"
    decline: Decline | None = None
    authentication: Authentication = "none"
    dispute: str | None = None
    fraud_warning: str | None = None
    reviewed: bool = False
    funding: str = "credit"
    country: str = "US"


DECLINED = "Your card was declined."
GENERIC = Decline("card_declined", "generic_decline", DECLINED, "try_again_later", "05")
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.", "try_again_later", "51")
LOST = Decline("card_declined", "lost_card", DECLINED, "do_not_try_again", "41")
STOLEN = Decline("card_declined", "stolen_card", DECLINED, "do_not_try_again", "43")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "confirm_card_data", "54")
WRONG_CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "confirm_card_data", "N7"
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "try_again_later",
    "96",
)
VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    "try_again_later",
    "65",
)
FRAUDULENT = Decline("card_declined", "fraudulent", DECLINED, None, None, blocked_by_radar=True)
AUTHENTICATE = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    None,
    "1A",
)
LIVE = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. "
    "For a list of valid test cards, visit: https://stripe.com/docs/testing.",
    None,
    None,
)

CARDS = (
    Card("visa", "4242424242424242"),
    Card("visa_debit", "4000056655665556", funding="debit"),
    Card("mastercard", "5555555555554444", "mastercard"),
    Card("mastercard_debit", "5200828282828210", "mastercard", funding="debit"),
    Card("mastercard_prepaid", "5105105105105100", "mastercard", funding="prepaid"),
    Card("amex", "378282246310005", "amex"),
    Card("discover", "6011111111111117", "discover"),
    Card("diners", "3056930009020004", "diners"),
    Card("jcb", "3566002020360505", "jcb"),
    Card("unionpay", "6200000000000005", "unionpay"),
    Card("de", "4000002760000016", country="DE"),
    Card("gb", "4000008260000000", country="GB"),
    Card("fr", "4000002500000003", country="FR"),
    Card("visa_chargeDeclined", "4000000000000002", decline=GENERIC),
    Card("visa_chargeDeclinedInsufficientFunds", "4000000000009995", decline=NO_FUNDS),
    Card("visa_chargeDeclinedLostCard", "4000000000009987", decline=LOST),
    Card("visa_chargeDeclinedStolenCard", "4000000000009979", decline=STOLEN),
    Card("chargeDeclinedExpiredCard", "4000000000000069", decline=EXPIRED),
    Card("chargeDeclinedIncorrectCvc", "4000000000000127", decline=WRONG_CVC),
    Card("chargeDeclinedProcessingError", "4000000000000119", decline=PROCESSING),
    Card("visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", decline=VELOCITY),
    Card("radarBlock", "4100000000000019", decline=FRAUDULENT),
    Card("chargeCustomerFail", "4000000000000341", decline=GENERIC),
    Card("createDispute", "4000000000000259", dispute="fraudulent"),
    Card("createDisputeProductNotReceived", "4000000000002685", dispute="product_not_received"),
    Card("createIssuerFraudRecord", "4000000000005423", fraud_warning="made_with_stolen_card"),
    Card("riskLevelElevated", "4000000000009235", reviewed=True),
    Card("authenticationRequiredOnSetup", "4000002500003155", authentication="required", country="FR"),
    Card("authenticationRequired", "4000002760003184", authentication="required", country="DE"),
    Card("authenticationRequiredSetupForOffSession", "4000003800000446", authentication="required", country="PT"),
    Card(
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        decline=NO_FUNDS,
        authentication="required",
        country="GB",
    ),
    Card("threeDSecure2Required", "4000000000003220", authentication="required"),
    Card("threeDSecureRequired", "4000000000003063", authentication="required"),
    Card("threeDSecureRequiredChargeDeclined", "4000008400001629", decline=GENERIC, authentication="required"),
    Card("threeDSecureRequiredProcessingError", "4000008400001280", decline=GENERIC),
    Card("threeDSecureOptional", "4000000000003055", authentication="optional"),
)
REAL = Card("real", "", "unknown", decline=LIVE)
BY_NUMBER = {card.number: card for card in CARDS}
BY_NAME = {card.name.removeprefix("visa_"): card for card in CARDS} | {card.name: card for card in (*CARDS, REAL)}
PREFIXES = (("34", "amex"), ("37", "amex"), ("35", "jcb"), ("30", "diners"), ("36", "diners"), ("60", "discover"))


def passes_luhn(number: str) -> bool:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def card_for(number: str) -> Card:
    """The test card with this number. A real card is declined, and only its brand is stored."""
    if number in BY_NUMBER:
        return BY_NUMBER[number]
    brand = next((brand for prefix, brand in PREFIXES if number.startswith(prefix)), None)
    by_first = {"2": "mastercard", "4": "visa", "5": "mastercard", "6": "discover"}
    return replace(REAL, number=number[-4:], brand=brand or by_first.get(number[0], "unknown"))
