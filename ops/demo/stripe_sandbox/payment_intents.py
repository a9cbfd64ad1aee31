"""PaymentIntents without their confirmation. Pages: 'The PaymentIntent object', 'How PaymentIntents work' (states)
and the reference pages of create, update, capture and cancel."""

from ops.demo.stripe_sandbox import charges, confirming, klarna
from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox.errors import invalid_parameter, invalid_request, unexpected_state
from ops.demo.stripe_sandbox.sandbox import Sandbox, new_id
from ops.demo.stripe_sandbox.store import Json

MINIMUM = {"chf": 50, "dkk": 250, "eur": 50, "gbp": 30, "jpy": 50, "nok": 300, "sek": 300, "usd": 50}
MAXIMUM = 99_999_999
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
WORDS = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group")
PUBLIC = (
    *("id", "object", "amount", "automatic_payment_methods", "canceled_at", "cancellation_reason", "capture_method"),
    *("client_secret", "confirmation_method", "created", "currency", "description", "last_payment_error", "livemode"),
    *("next_action", "payment_method", "payment_method_types", "processing", "receipt_email", "setup_future_usage"),
    *("shipping", "source", "status"),
)


def create(sandbox: Sandbox, params: Json) -> Json:
    """Also confirms when `confirm=true`."""
    amount, currency = _amount(params), read.required(params, "currency").lower()
    if len(currency) != 3 or not currency.isalpha():
        raise invalid_parameter(f"Invalid currency: {currency}.", "currency")
    _check_amount(amount, currency)
    confirm = bool(read.boolean(params, "confirm"))
    for name in ("return_url", "confirmation_token", "off_session", "error_on_requires_action"):
        if name in params and not confirm:
            message = f"The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is true."
            raise invalid_parameter(message, name)
    intent = _blank(sandbox, params, amount, currency)
    _edit(sandbox, intent, params)
    sandbox.emit("payment_intent.created", sandbox.store.put(intent))
    return confirming.confirm(sandbox, intent["id"], params) if confirm else intent


def _amount(params: Json) -> int:
    read.required(params, "amount")
    return read.integer(params, "amount", minimum=1) or 0


def _check_amount(amount: int, currency: str) -> None:
    """Page 'Minimum and maximum charge amounts'."""
    if amount < MINIMUM.get(currency, 1):
        raise invalid_parameter(f"Amount must be at least {MINIMUM[currency]} {currency}", "amount", "amount_too_small")
    if amount > MAXIMUM:
        raise invalid_parameter(f"Amount must be no more than {MAXIMUM} {currency}", "amount", "amount_too_large")


def _blank(sandbox: Sandbox, params: Json, amount: int, currency: str) -> Json:
    id = new_id("pi_3", 22).replace("pi_3_", "pi_3")
    types = params.get("allowed_payment_method_types") or params.get("payment_method_types")
    automatic = read.mapping(params, "automatic_payment_methods") or {}
    redirects = read.choice(automatic, "allow_redirects", ("always", "never")) or "always"
    dynamic = not types and read.boolean(automatic, "enabled") is not False
    return {
        "id": id,
        "object": "payment_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True} if dynamic else None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": new_id(f"{id}_secret"),
        "confirmation_method": "automatic",
        "created": sandbox.now(),
        "currency": currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": types or ["card", *(["klarna"] if currency in klarna.CURRENCIES else [])],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def _edit(sandbox: Sandbox, intent: Json, params: Json) -> None:
    """Write the parameters that create and update share."""
    for name in WORDS:
        if name in params:
            intent[name] = read.text(params, name) or None
    for name, options in (
        ("capture_method", ("automatic", "automatic_async", "manual")),
        ("confirmation_method", ("automatic", "manual")),
        ("setup_future_usage", ("off_session", "on_session", "")),
    ):
        if name in params:
            intent[name] = read.choice(params, name, options) or None
    if "shipping" in params:
        intent["shipping"] = read.mapping(params, "shipping")
    card_options = (read.mapping(params, "payment_method_options") or {}).get("card") or {}
    intent["payment_method_options"]["card"] |= card_options
    intent["metadata"] = read.metadata(params, intent["metadata"])
    method = None if params.get("confirm") == "true" else confirming.method_given(sandbox, intent["id"], params)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}


def retrieve(sandbox: Sandbox, id: str) -> Json:
    return sandbox.fetch("payment_intent", id)


def public(intent: Json) -> Json:
    """The fields that a publishable key with the client secret may read."""
    return {name: intent[name] for name in PUBLIC}


def update(sandbox: Sandbox, id: str, params: Json) -> Json:
    """Metadata and description may change at any time, other fields only before the charge."""
    intent = retrieve(sandbox, id)
    bound = sorted(params.keys() - {"metadata", "description", "receipt_email", "expand"})
    if bound and intent["status"] not in OPEN:
        raise unexpected_state(
            intent,
            f"This PaymentIntent's {bound[0]} could not be updated because it has a status of {intent['status']}. You "
            f"may only update the {bound[0]} of a PaymentIntent with one of the following statuses: {', '.join(OPEN)}.",
        )
    if "amount" in params:
        intent["amount"] = _amount(params)
        _check_amount(intent["amount"], intent["currency"])
    intent["last_payment_error"] = None
    _edit(sandbox, intent, params)
    return sandbox.store.put(intent)


def capture(sandbox: Sandbox, id: str, params: Json) -> Json:
    intent = retrieve(sandbox, id)
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            intent,
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture.",
        )
    amount = read.integer(params, "amount_to_capture", minimum=1) or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        raise invalid_request(
            f"The requested capture amount is greater than the authorized amount ({intent['amount_capturable']}).",
            "amount_too_large",
            param="amount_to_capture",
        )
    if read.boolean(params, "final_capture") is False:
        raise invalid_request("This charge is not eligible for multicapture.", param="final_capture")
    charges.capture(sandbox, sandbox.fetch("charge", intent["latest_charge"]), amount)
    intent["metadata"] = read.metadata(params, intent["metadata"])
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    sandbox.emit("payment_intent.succeeded", sandbox.store.put(intent))
    return intent


def cancel(sandbox: Sandbox, id: str, params: Json) -> Json:
    """Cancel the intent and release a hold on the money."""
    intent = retrieve(sandbox, id)
    reason = read.choice(params, "cancellation_reason", REASONS)
    if intent["status"] not in (*OPEN, "requires_capture"):
        raise unexpected_state(
            intent,
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join((*OPEN, 'requires_capture'))}.",
        )
    if intent["status"] == "requires_capture":
        charges.release(sandbox, sandbox.fetch("charge", intent["latest_charge"]), "charge.refunded")
    return _cancel(sandbox, intent, reason)


def _cancel(sandbox: Sandbox, intent: Json, reason: str | None) -> Json:
    intent |= {
        "status": "canceled",
        "canceled_at": sandbox.now(),
        "cancellation_reason": reason,
        "amount_capturable": 0,
        "next_action": None,
    }
    sandbox.emit("payment_intent.canceled", sandbox.store.put(intent))
    return intent


def expire_authorizations(sandbox: Sandbox) -> None:
    """Cancel intents that were not captured in time (page 'Place a hold on a payment method')."""
    for charge in charges.expired(sandbox):
        charges.release(sandbox, charge, "charge.expired")
        _cancel(sandbox, retrieve(sandbox, charge["payment_intent"]), "automatic")


def settle(sandbox: Sandbox, id: str) -> Json:
    """Finish an intent that a test left in `processing`."""
    return confirming.settle(sandbox, retrieve(sandbox, id))
