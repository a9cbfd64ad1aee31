"""Confirm a PaymentIntent: the card, 3-D Secure, the charge, and the state after a decline.

Pages: 'Confirm a PaymentIntent', 'Finalize payments on the server', '3D Secure authentication',
'Card declines', 'Handle next actions' of Stripe.js.
"""

from urllib.parse import urlencode, urlsplit

from ops.demo.stripe_sandbox import charges, confirmation_tokens, payment_methods
from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox.cards import AUTHENTICATE, Card, Decline
from ops.demo.stripe_sandbox.errors import StripeError, invalid_parameter, invalid_request, unexpected_state
from ops.demo.stripe_sandbox.sandbox import Sandbox, caller
from ops.demo.stripe_sandbox.store import Json

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
NOT_AUTHENTICATED = (
    "payment_intent_authentication_failure",
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again.",
)


def method_given(sandbox: Sandbox, intent_id: str, params: Json) -> Json | None:
    """The PaymentMethod that the call names or describes, or None."""
    data = read.mapping(params, "payment_method_data")
    if read.text(params, "payment_method"):
        return payment_methods.use(sandbox, params["payment_method"], intent_id)
    if data:
        method = payment_methods.save(sandbox, *payment_methods.from_data(sandbox, data))
        return payment_methods.use(sandbox, method["id"], intent_id)
    return None


def confirm(sandbox: Sandbox, id: str, params: Json) -> Json:
    """Returns the intent afterwards. Raises a 402 if the card was declined; the intent contains the reason."""
    intent = sandbox.fetch("payment_intent", id)
    _check_confirmable(intent)
    method: Json | None
    if read.text(params, "confirmation_token"):
        method = _spend_token(sandbox, intent, params)
    else:
        method = method_given(sandbox, id, params)
    if method is None and intent["payment_method"]:
        method = sandbox.fetch("payment_method", intent["payment_method"])
    if method is None:
        raise unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
        )
    return_url = _return_url(intent, params)
    if method["type"] not in intent["payment_method_types"]:
        message = f'The payment method type "{method["type"]}" is not available for this PaymentIntent.'
        raise invalid_request(message, "payment_method_not_available", "payment_method")
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    card = payment_methods.card_of(sandbox, method["id"])
    if _must_authenticate(intent, card):
        return _require_action(sandbox, intent, method, params, return_url)
    _charge(sandbox, intent, method, card)
    return _answer(intent)


def _check_confirmable(intent: Json) -> None:
    if intent["status"] == "succeeded":
        raise unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
        )
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(
            intent,
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be confirmed: {', '.join(CONFIRMABLE)}.",
        )
    who = caller.get()
    if intent["confirmation_method"] == "manual" and who is not None and not who.secret:
        raise invalid_request(
            "This PaymentIntent cannot be confirmed using your publishable key because its `confirmation_method` is "
            "set to `manual`. Please use your secret key instead."
        )


def _spend_token(sandbox: Sandbox, intent: Json, params: Json) -> Json:
    """Copy the card and the choices of a ConfirmationToken to the intent."""
    if params.get("payment_method") or params.get("payment_method_data"):
        message = "You cannot provide both `confirmation_token` and a payment method."
        raise invalid_parameter(message, "confirmation_token")
    token, method = confirmation_tokens.use(sandbox, params["confirmation_token"], intent["id"])
    for name in ("shipping", "setup_future_usage"):
        if token[name]:
            intent[name] = token[name]
    if not read.text(params, "return_url"):
        params.setdefault("use_stripe_sdk", "true" if token["use_stripe_sdk"] else "false")
        if token["return_url"]:
            params["return_url"] = token["return_url"]
    return method


def _return_url(intent: Json, params: Json) -> str | None:
    """Methods with a redirect need a return URL, unless redirects are excluded or Stripe.js handles them."""
    url = read.text(params, "return_url")
    if url is not None and not (urlsplit(url).scheme and urlsplit(url).netloc):
        raise invalid_parameter("Not a valid URL", "return_url", "url_invalid")
    automatic = intent["automatic_payment_methods"]
    if url is None and automatic and automatic["allow_redirects"] == "always" and not params.get("use_stripe_sdk"):
        raise invalid_request(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If "
            "you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to "
            "`true` and `automatic_payment_methods[allow_redirects]` to `never`.",
            intent=intent,
        )
    return url


def _must_authenticate(intent: Json, card: Card) -> bool:
    asked = intent["payment_method_options"]["card"].get("request_three_d_secure")
    return card.authentication == "required" or (card.authentication == "optional" and asked in ("any", "challenge"))


def _require_action(sandbox: Sandbox, intent: Json, method: Json, params: Json, return_url: str | None) -> Json:
    off_session = params.get("off_session", "false") != "false"
    if off_session or read.boolean(params, "error_on_requires_action"):
        card = payment_methods.card_of(sandbox, method["id"])
        _declined(sandbox, intent, method, charges.authorize(sandbox, intent, method, card, AUTHENTICATE), AUTHENTICATE)
        return _answer(intent)
    redirects = method["type"] == "klarna"
    if redirects and not return_url:
        raise invalid_parameter("You must provide a `return_url`.", "return_url", "parameter_missing")
    query = urlencode({"payment_method": method["id"], "client_secret": intent["client_secret"]})
    page = f"{_base_url(sandbox)}/{'klarna' if redirects else '3ds'}/{intent['id']}?{query}"
    if return_url and (redirects or params.get("use_stripe_sdk") != "true"):
        action: Json = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": page}}
    else:
        details = {"type": "three_d_secure_redirect", "stripe_js": page}
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": details}
    intent |= {"status": "requires_action", "next_action": action}
    sandbox.store.put(intent, {"return_url": None if action["type"] == "use_stripe_sdk" else return_url})
    sandbox.emit("payment_intent.requires_action", intent)
    return intent


def _base_url(sandbox: Sandbox) -> str:
    who = caller.get()
    return who.base_url if who else f"http://127.0.0.1:{sandbox.options.port}"


def authenticate(sandbox: Sandbox, intent: Json, *, passed: bool, refusal: tuple[str, str] = NOT_AUTHENTICATED) -> Json:
    """The customer responded to their bank, or to Klarna. Does nothing if the intent no longer waits for that."""
    if intent["status"] != "requires_action":
        return intent
    intent["next_action"] = None
    method = sandbox.fetch("payment_method", intent["payment_method"])
    if passed:
        _charge(sandbox, intent, method, payment_methods.card_of(sandbox, method["id"]))
        return intent
    code, message = refusal
    _refuse(sandbox, intent, method, {"code": code, "message": message, "type": "invalid_request_error"})
    return intent


def _charge(sandbox: Sandbox, intent: Json, method: Json, card: Card) -> None:
    if sandbox.store.setting("processing", False):
        intent |= {"status": "processing", "processing": {"type": "card", "card": {}}}
        sandbox.emit("payment_intent.processing", sandbox.store.put(intent))
        return
    charge = charges.authorize(sandbox, intent, method, card, card.decline)
    if card.decline:
        _declined(sandbox, intent, method, charge, card.decline)
        return
    intent |= {"latest_charge": charge["id"], "processing": None, "last_payment_error": None}
    if charge["captured"]:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        sandbox.emit("payment_intent.succeeded", sandbox.store.put(intent))
    else:
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        sandbox.emit("payment_intent.amount_capturable_updated", sandbox.store.put(intent))


def _declined(sandbox: Sandbox, intent: Json, method: Json, charge: Json, decline: Decline) -> None:
    intent["latest_charge"] = charge["id"]
    error = {
        "advice_code": decline.advice_code,
        "charge": charge["id"],
        "code": decline.code,
        "decline_code": decline.decline_code,
        "message": decline.message,
        "network_decline_code": decline.network_decline_code,
        "type": "card_error",
    }
    _refuse(sandbox, intent, method, {name: value for name, value in error.items() if value is not None})


def _refuse(sandbox: Sandbox, intent: Json, method: Json, error: Json) -> None:
    """Back to `requires_payment_method`, with the reason."""
    docs = f"https://stripe.com/docs/error-codes/{error['code'].replace('_', '-')}"
    error |= {"doc_url": docs, "payment_method": method}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "processing": None,
        "last_payment_error": error,
    }
    sandbox.emit("payment_intent.payment_failed", sandbox.store.put(intent))


def _answer(intent: Json) -> Json:
    """The intent, or the 402 of a decline."""
    failure = intent["last_payment_error"]
    if failure is None:
        return intent
    fields = {name: value for name, value in failure.items() if name not in ("message", "type", "doc_url")}
    raise StripeError(402, "card_error", failure["message"], payment_intent=intent, **fields)


def settle(sandbox: Sandbox, intent: Json) -> Json:
    """Let the bank respond to an intent that was left in `processing`."""
    method = sandbox.fetch("payment_method", intent["payment_method"])
    _charge(sandbox, intent, method, payment_methods.card_of(sandbox, method["id"]))
    return intent
