"""PaymentMethods: cards, cards in Google Pay, Klarna.

Pages: 'The PaymentMethod object', 'Create a PaymentMethod', 'Testing'.
"""

import hashlib
from datetime import UTC, datetime

from ops.demo.stripe_sandbox import klarna
from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox.cards import BY_NAME, Card, card_for, passes_luhn
from ops.demo.stripe_sandbox.errors import StripeError, invalid_request
from ops.demo.stripe_sandbox.sandbox import Sandbox, caller, new_id
from ops.demo.stripe_sandbox.store import Json

TEST_PREFIX = "pm_card_"
# What Google Pay's window gives to Stripe.js, and the test card behind it.
GOOGLE_PAY = {"tok_google_pay": "visa", "tok_google_pay_declined": "visa_chargeDeclined"}
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def create(sandbox: Sandbox, params: Json) -> Json:
    read.required(params, "type")
    return save(sandbox, *from_data(sandbox, params))


def retrieve(sandbox: Sandbox, id: str) -> Json:
    card = BY_NAME.get(id.removeprefix(TEST_PREFIX)) if id.startswith(TEST_PREFIX) else None
    return save(sandbox, details(sandbox, card, {}), card) if card else sandbox.fetch("payment_method", id)


def save(sandbox: Sandbox, shown: Json, card: Card) -> Json:
    """Store the details of a card as a new PaymentMethod."""
    method = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        **shown,
        "created": sandbox.now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
    }
    return sandbox.store.put(method, {"card": card.name})


def from_data(sandbox: Sandbox, data: Json) -> tuple[Json, Card]:
    """Read `payment_method_data` (or the body of a create call): what the customer typed or chose."""
    billing = read.mapping(data, "billing_details") or {}
    if read.choice(data, "type", ("card", "klarna")) == "klarna":
        shown, way = klarna.from_data(data)
        return {"billing_details": _contact(billing)} | shown, way
    entry = read.mapping(data, "card") or {}
    if "token" in entry:
        card = BY_NAME[GOOGLE_PAY[read.choice(entry, "token", tuple(GOOGLE_PAY)) or ""]]
        shown = details(sandbox, card, billing)
        shown["card"]["wallet"] = {"dynamic_last4": None, "google_pay": {}, "type": "google_pay"}
        return shown, card
    return _typed(sandbox, entry, billing)


def _typed(sandbox: Sandbox, entry: Json, billing: Json) -> tuple[Json, Card]:
    who = caller.get()
    if who is not None and who.secret:
        raise StripeError(
            402,
            "invalid_request_error",
            "Sending credit card numbers directly to the Stripe API is generally unsafe. To continue processing use "
            "Stripe.js, the Stripe mobile bindings, or Stripe Elements.",
        )
    number = read.required(entry, "number").replace(" ", "")
    if not (number.isdigit() and 13 <= len(number) <= 19 and passes_luhn(number)):
        raise _card_error("incorrect_number", "Your card number is incorrect.", "number")
    card = card_for(number)
    month, year = read.integer(entry, "exp_month") or 0, read.integer(entry, "exp_year") or 0
    year += 2000 if year < 100 else 0
    today = datetime.fromtimestamp(sandbox.now(), UTC)
    if not 1 <= month <= 12:
        raise _card_error("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if not (today.year, today.month) <= (year, month) <= (today.year + 50, 12):
        raise _card_error("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    cvc = read.text(entry, "cvc")
    if cvc is not None and not (cvc.isdigit() and len(cvc) == (4 if card.brand == "amex" else 3)):
        raise _card_error("invalid_cvc", "Your card's security code is invalid.", "cvc")
    return details(sandbox, card, billing, month, year, cvc_given=cvc is not None), card


def _card_error(code: str, message: str, param: str) -> StripeError:
    return StripeError(402, "card_error", message, executed=False, code=code, param=param)


def details(
    sandbox: Sandbox,
    card: Card,
    billing: Json,
    month: int = 12,
    year: int | None = None,
    *,
    cvc_given: bool = False,
) -> Json:
    """The card details that a PaymentMethod and a ConfirmationToken's preview both contain."""
    return {
        "type": "card",
        "billing_details": _contact(billing),
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "unchecked" if cvc_given else None,
            },
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year or datetime.fromtimestamp(sandbox.now(), UTC).year + 1,
            "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": card.brand != "amex"},
            "wallet": None,
        },
    }


def _contact(billing: Json) -> Json:
    address = billing.get("address") or {}
    named = {name: billing.get(name) for name in ("email", "name", "phone")}
    return {"address": {part: address.get(part) for part in ADDRESS}, **named, "tax_id": None}


def shown(method: Json, billing: Json) -> Json:
    """What a PaymentMethod shows, with more billing details: a ConfirmationToken's preview."""
    kind = method["type"]
    return {"type": kind, "billing_details": _contact(method["billing_details"] | billing), kind: method[kind]}


def use(sandbox: Sandbox, id: str, intent_id: str) -> Json:
    """The PaymentMethod for an attempt on this intent; a test name such as `pm_card_visa` makes a new one.

    Without a customer, a PaymentMethod can be used for one intent only. After a decline it may be tried there again.
    """
    if id.startswith(TEST_PREFIX) and id.removeprefix(TEST_PREFIX) in BY_NAME:
        method = retrieve(sandbox, id)
    else:
        method = sandbox.fetch("payment_method", id, "payment_method", status=400)
    private = sandbox.store.private(method["id"])
    if private.setdefault("intent", intent_id) != intent_id:
        raise invalid_request(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be used "
            "again. To use a PaymentMethod multiple times, you must attach it to a Customer first."
        )
    return sandbox.store.put(method, private)


def card_of(sandbox: Sandbox, id: str) -> Card:
    return card_named(sandbox.store.private(id)["card"])


def card_named(name: str) -> Card:
    return klarna.KLARNA if name == klarna.KLARNA.name else BY_NAME[name]
