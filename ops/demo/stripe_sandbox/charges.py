"""Charges: the response of the card's bank, and the hold on the money, its capture and its release.

Pages: 'The Charge object', 'Place a hold on a payment method' (7 days for a customer's online payment; an
authorization that expires releases the money and cancels the intent), 'Disputes' in 'Testing'.
"""

from ops.demo.stripe_sandbox import doubts, klarna
from ops.demo.stripe_sandbox.cards import Card, Decline
from ops.demo.stripe_sandbox.sandbox import Sandbox, new_id
from ops.demo.stripe_sandbox.store import Json

AUTHORIZATION_LIFE = 7 * 24 * 60 * 60
EXPIRED = """SELECT id FROM objects WHERE kind = 'charge'
             AND json_extract(private, '$.ends') <= ?"""


def authorize(sandbox: Sandbox, intent: Json, method: Json, card: Card, decline: Decline | None) -> Json:
    """Ask the bank once. The charge is recorded in any case; without manual capture it is captured."""
    kind = method["type"]
    shown = klarna.charged(method) if kind == "klarna" else _card_shown(method["card"])
    manual = decline is None and intent["capture_method"] == "manual"
    charge: Json = {
        "id": new_id("ch_3", 22).replace("ch_3_", "ch_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": False,
        "created": sandbox.now(),
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_code": decline and decline.code,
        "failure_message": decline and decline.message,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": _outcome(decline),
        "paid": decline is None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {kind: shown, "type": kind},
        "receipt_email": intent["receipt_email"],
        "receipt_url": None,
        "refunded": False,
        "shipping": intent["shipping"],
        "status": "failed" if decline else "succeeded",
    }
    if decline is None and kind == "card":
        shown["checks"] = shown["checks"] | {"cvc_check": shown["checks"]["cvc_check"] and "pass"}
    if decline is None and not manual:
        charge |= {"captured": True, "amount_captured": charge["amount"]}
    sandbox.store.put(charge, {"dispute": card.dispute})
    if manual:
        now = charge["created"]
        ends_at(sandbox, charge, klarna.ends(now) if kind == "klarna" else now + AUTHORIZATION_LIFE)
    sandbox.emit("charge.failed" if decline else "charge.succeeded", charge)
    if decline is None:
        doubts.raised(sandbox, charge, card)
    if charge["captured"]:
        doubts.dispute(sandbox, charge)
    return charge


def _card_shown(card: Json) -> Json:
    names = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {name: card[name] for name in names}


def ends_at(sandbox: Sandbox, charge: Json, at: int | None) -> None:
    """The hold ends then, or no longer by itself. Only a card's charge shows it."""
    card = charge["payment_method_details"].get("card")
    if card:
        card.pop("capture_before", None)
        card |= {"capture_before": at} if at else {}
    sandbox.store.put(charge, sandbox.store.private(charge["id"]) | {"ends": at})


def _outcome(decline: Decline | None) -> Json:
    return {
        "advice_code": decline and decline.advice_code,
        "network_advice_code": None,
        "network_decline_code": decline and decline.network_decline_code,
        "network_status": _network_status(decline),
        "reason": decline and decline.decline_code,
        "risk_level": "highest" if decline and decline.blocked_by_radar else "normal",
        "risk_score": 90 if decline and decline.blocked_by_radar else 20,
        "seller_message": decline.message if decline else "Payment complete.",
        "type": ("blocked" if decline.blocked_by_radar else "issuer_declined") if decline else "authorized",
    }


def _network_status(decline: Decline | None) -> str:
    if decline is None:
        return "approved_by_network"
    return "not_sent_to_network" if decline.blocked_by_radar else "declined_by_network"


def capture(sandbox: Sandbox, charge: Json, amount: int) -> Json:
    """Capture `amount` of the held money; the rest is released."""
    charge |= {"captured": True, "amount_captured": amount}
    ends_at(sandbox, charge, None)
    sandbox.emit("charge.captured", charge)
    doubts.dispute(sandbox, charge)
    return charge


def release(sandbox: Sandbox, charge: Json, event: str) -> Json:
    """Release the whole hold. Stripe shows such a charge as refunded, with nothing captured."""
    charge |= {"refunded": True, "amount_refunded": charge["amount"]}
    ends_at(sandbox, charge, None)
    sandbox.emit(event, charge)
    return charge


def expired(sandbox: Sandbox) -> list[Json]:
    """The charges whose hold is past its end."""
    return [sandbox.fetch("charge", id) for (id,) in sandbox.store.rows(EXPIRED, sandbox.now())]
