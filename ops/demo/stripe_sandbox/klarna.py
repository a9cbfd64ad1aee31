"""Klarna: a redirect to its page, where the customer accepts or not. Pages: 'Klarna payments', 'Accept a payment with
Klarna', 'Place a hold on a payment method' (its deadline), the changelog on Klarna's error codes.
"""

from datetime import UTC, datetime, timedelta

from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox.cards import Card
from ops.demo.stripe_sandbox.errors import invalid_request
from ops.demo.stripe_sandbox.store import Json

# It behaves as a card whose bank always asks the customer.
KLARNA = Card("klarna", "", "klarna", authentication="required", country="")
CURRENCIES = ("aud", "cad", "chf", "czk", "dkk", "eur", "gbp", "nok", "nzd", "pln", "ron", "sek", "usd")
DAYS = 28
# What the customer does on Klarna's page, and Stripe's error after it.
REFUSALS = {
    "refuse": ("payment_method_provider_decline", "Klarna declined this payment. You can try another payment method."),
    "leave": ("payment_method_customer_decline", "The customer did not approve the payment at Klarna."),
}


def from_data(data: Json) -> tuple[Json, Card]:
    """Klarna needs the e-mail address and the country."""
    billing = read.mapping(data, "billing_details") or {}
    country = (billing.get("address") or {}).get("country")
    for name, value in (("email", billing.get("email")), ("address[country]", country)):
        if not value:
            param = f"billing_details[{name}]"
            raise invalid_request(f"Missing required param: {param}.", "parameter_missing", param)
    return {"type": "klarna", "klarna": {"dob": None}}, KLARNA


def charged(method: Json) -> Json:
    """The charge's `payment_method_details.klarna`."""
    country = method["billing_details"]["address"]["country"]
    details: Json = {"payment_method_category": "pay_later", "preferred_locale": "en-GB"}
    return details | {"payer_details": {"address": {"country": country}}}


def ends(charged_at: int) -> int:
    """Midnight UTC of the 28th day."""
    day = datetime.fromtimestamp(charged_at, UTC).replace(hour=0, minute=0, second=0)
    return int((day + timedelta(days=DAYS)).timestamp())
