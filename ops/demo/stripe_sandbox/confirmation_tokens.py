"""ConfirmationTokens: the customer's card and choices for a confirm call.

Pages: 'The Confirmation Token object' (12 hours from `created` to `expires_at`), 'Create a test Confirmation Token',
'Finalize payments on the server'.
"""

from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox import payment_methods
from ops.demo.stripe_sandbox.errors import invalid_parameter, invalid_request, missing
from ops.demo.stripe_sandbox.sandbox import Sandbox, new_id
from ops.demo.stripe_sandbox.store import Json

LIFE = 12 * 60 * 60


def create(sandbox: Sandbox, params: Json) -> Json:
    """From card data (the browser) or, as a test helper, from a PaymentMethod such as `pm_card_visa`."""
    given = read.text(params, "payment_method")
    data = read.mapping(params, "payment_method_data")
    if given:
        method = payment_methods.retrieve(sandbox, given)
        card = payment_methods.card_of(sandbox, method["id"])
        billing = (data or {}).get("billing_details") or {}
        preview = payment_methods.shown(method, billing)
    elif data:
        preview, card = payment_methods.from_data(sandbox, data)
    else:
        raise invalid_parameter("You must provide one of `payment_method` or `payment_method_data`.", "payment_method")
    now = sandbox.now()
    token = {
        "id": new_id("ctoken"),
        "object": "confirmation_token",
        "created": now,
        "expires_at": now + LIFE,
        "livemode": False,
        "mandate_data": None,
        "metadata": {},
        "payment_intent": None,
        "payment_method_options": read.mapping(params, "payment_method_options"),
        "payment_method_preview": preview | {"customer": None},
        "return_url": read.text(params, "return_url"),
        "setup_future_usage": read.choice(params, "setup_future_usage", ("off_session", "on_session")),
        "setup_intent": None,
        "shipping": read.mapping(params, "shipping"),
        "use_stripe_sdk": True,
    }
    return sandbox.store.put(token, {"card": card.name})


def retrieve(sandbox: Sandbox, id: str) -> Json:
    return sandbox.fetch("confirmation_token", id)


def use(sandbox: Sandbox, id: str, intent_id: str) -> tuple[Json, Json]:
    """Use the token for this intent. Returns the token and the PaymentMethod made from it."""
    token = sandbox.store.get("confirmation_token", id)
    if token is None:
        raise missing("confirmation_token", id, "confirmation_token", 400)
    if token["payment_intent"]:
        raise invalid_request(
            f"The ConfirmationToken {id} was already used to confirm a PaymentIntent. It may not be used again.",
            param="confirmation_token",
        )
    if token["expires_at"] <= sandbox.now():
        raise invalid_request(
            f"The ConfirmationToken {id} has expired. Collect the payment details again.", param="confirmation_token"
        )
    preview = {name: value for name, value in token["payment_method_preview"].items() if name != "customer"}
    method = payment_methods.save(sandbox, preview, payment_methods.card_named(sandbox.store.private(id)["card"]))
    payment_methods.use(sandbox, method["id"], intent_id)
    return sandbox.store.put(token | {"payment_intent": intent_id}), method
