"""`/v1/`: the endpoints, and the steps that every call passes through.

Order: faults, API key, idempotency key, parameters, operation. The effect and the saved reply are committed together
before the response is sent. Pages: 'Authentication', 'Errors', 'Request IDs', 'Low-level error
handling' (`Stripe-Should-Retry`), 'Versioning'.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, request
from stripe import RequestOptions
from stripe import params as library
from stripe.params import test_helpers

from ops.demo.stripe_sandbox import (
    confirmation_tokens,
    confirming,
    doubts,
    lists,
    payment_intents,
    payment_methods,
    refunds,
)
from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox.errors import StripeError, invalid_parameter, rate_limited, server_error
from ops.demo.stripe_sandbox.faults import Fault
from ops.demo.stripe_sandbox.idempotency import Keys, Reply
from ops.demo.stripe_sandbox.sandbox import API_VERSION, Caller, Sandbox, caller, new_id
from ops.demo.stripe_sandbox.store import Json

Operation = Callable[..., Json]
TYPES_GONE_SINCE = "2026-09-30"


@dataclass(frozen=True)
class Endpoint:
    """`known`: the library's type that names the parameters. `publishable`: browsers may call it."""

    method: str
    path: str
    operation: Operation
    known: Any
    publishable: bool = False


@dataclass(frozen=True)
class Call:
    """One request: its endpoint, its caller, and the fault that it meets."""

    endpoint: Endpoint
    ids: dict[str, str]
    params: Json
    who: Caller
    fault: Fault | None


def listing(kind: str, *filters: str) -> Operation:
    return lambda sandbox, params: lists.page(sandbox, kind, request.path, params, filters)


def fetching(kind: str) -> Operation:
    return lambda sandbox, id, _: sandbox.fetch(kind, id)


INTENTS = "/v1/payment_intents"
ENDPOINTS = (
    Endpoint("POST", INTENTS, payment_intents.create, library.PaymentIntentCreateParams),
    Endpoint("GET", INTENTS, listing("payment_intent"), library.PaymentIntentListParams),
    Endpoint(
        "GET",
        f"{INTENTS}/search",
        lambda sandbox, params: lists.search(sandbox, "payment_intent", request.path, params),
        library.PaymentIntentSearchParams,
    ),
    Endpoint("GET", f"{INTENTS}/<id>", fetching("payment_intent"), library.PaymentIntentRetrieveParams, True),
    Endpoint("POST", f"{INTENTS}/<id>", payment_intents.update, library.PaymentIntentUpdateParams),
    Endpoint("POST", f"{INTENTS}/<id>/confirm", confirming.confirm, library.PaymentIntentConfirmParams, True),
    Endpoint("POST", f"{INTENTS}/<id>/capture", payment_intents.capture, library.PaymentIntentCaptureParams),
    Endpoint("POST", f"{INTENTS}/<id>/cancel", payment_intents.cancel, library.PaymentIntentCancelParams),
    Endpoint("POST", "/v1/payment_methods", payment_methods.create, library.PaymentMethodCreateParams, True),
    Endpoint(
        "GET",
        "/v1/payment_methods/<id>",
        lambda sandbox, id, _: payment_methods.retrieve(sandbox, id),
        library.PaymentMethodRetrieveParams,
    ),
    Endpoint(
        "POST",
        "/v1/confirmation_tokens",
        confirmation_tokens.create,
        test_helpers.ConfirmationTokenCreateParams,
        True,
    ),
    Endpoint(
        "POST",
        "/v1/test_helpers/confirmation_tokens",
        confirmation_tokens.create,
        test_helpers.ConfirmationTokenCreateParams,
    ),
    Endpoint(
        "GET",
        "/v1/confirmation_tokens/<id>",
        lambda sandbox, id, _: confirmation_tokens.retrieve(sandbox, id),
        library.ConfirmationTokenRetrieveParams,
    ),
    Endpoint("GET", "/v1/charges", listing("charge", "payment_intent"), library.ChargeListParams),
    Endpoint("GET", "/v1/charges/<id>", fetching("charge"), library.ChargeRetrieveParams),
    Endpoint("POST", "/v1/refunds", refunds.create, library.RefundCreateParams),
    Endpoint("GET", "/v1/refunds", listing("refund", "payment_intent", "charge"), library.RefundListParams),
    Endpoint("GET", "/v1/refunds/<id>", fetching("refund"), library.RefundRetrieveParams),
    Endpoint("POST", "/v1/refunds/<id>", refunds.update, library.RefundUpdateParams),
    Endpoint("GET", "/v1/disputes", listing("dispute", "payment_intent", "charge"), library.DisputeListParams),
    Endpoint("GET", "/v1/disputes/<id>", fetching("dispute"), library.DisputeRetrieveParams),
    Endpoint("POST", "/v1/disputes/<id>", doubts.update, library.DisputeUpdateParams),
    Endpoint("POST", "/v1/disputes/<id>/close", doubts.close, library.DisputeCloseParams),
    Endpoint("GET", "/v1/reviews", listing("review"), library.ReviewListParams),
    Endpoint("POST", "/v1/reviews/<id>/approve", doubts.approve, library.ReviewApproveParams),
    Endpoint("GET", "/v1/events", listing("event", "type"), library.EventListParams),
    Endpoint("GET", "/v1/events/<id>", fetching("event"), library.EventRetrieveParams),
)


def blueprint(sandbox: Sandbox) -> Blueprint:
    routes = Blueprint("api", __name__)
    keys = Keys(sandbox)
    for endpoint in ENDPOINTS:

        def view(endpoint: Endpoint = endpoint, **ids: str) -> Response:
            return serve(sandbox, keys, endpoint, ids)

        routes.add_url_rule(endpoint.path, f"{endpoint.method} {endpoint.path}", view, methods=[endpoint.method])
    routes.after_request(_allow_browsers)
    return routes


def serve(sandbox: Sandbox, keys: Keys, endpoint: Endpoint, ids: dict[str, str]) -> Response:
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    who = Caller(new_id("req", 14), key, _has_secret_key(sandbox), request.host_url.rstrip("/"))
    scope = caller.set(who)
    try:
        reply = _reply(sandbox, keys, endpoint, ids, who)
        return _response(reply, who)
    except StripeError as error:
        return _response(Reply(error.status, error.body(who.request_id), who.request_id), who, error.retry)
    finally:
        caller.reset(scope)


def _reply(sandbox: Sandbox, keys: Keys, endpoint: Endpoint, ids: dict[str, str], who: Caller) -> Reply:
    fault: Fault | None = g.get("fault")
    if fault and fault.kind == "rate_limit":
        raise rate_limited()
    _check_key(sandbox, endpoint, who)
    pairs = request.form.items(multi=True) if request.method == "POST" else request.args.items(multi=True)
    params = read.decode(pairs)
    with keys.claim(who.idempotency_key):
        if fault and fault.seconds:
            g.hang(fault.seconds)
        saved = keys.saved(who.idempotency_key, request.path, params)
        return saved or _run(sandbox, keys, Call(endpoint, ids, params, who, fault))


def _given_key() -> str:
    basic = request.authorization
    if basic is None:
        return request.values.get("key", "")
    return (basic.username if basic.type == "basic" else basic.token) or ""


def _has_secret_key(sandbox: Sandbox) -> bool:
    return _given_key() == sandbox.options.secret_key


def _check_key(sandbox: Sandbox, endpoint: Endpoint, who: Caller) -> None:
    """The secret key may call everything, the publishable key what browsers need."""
    given = _given_key()
    if who.secret:
        return
    if given != sandbox.options.publishable_key:
        shown = f"{given[:8]}{'*' * 8}{given[-4:]}" if len(given) > 12 else given
        message = f"Invalid API Key provided: {shown}" if given else "You did not provide an API key."
        raise StripeError(401, "invalid_request_error", message, executed=False)
    if not endpoint.publishable:
        raise StripeError(
            403,
            "invalid_request_error",
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
            "list of your API keys at https://dashboard.stripe.com/account/apikeys.",
            executed=False,
            code="secret_key_required",
        )


def _run(sandbox: Sandbox, keys: Keys, call: Call) -> Reply:
    """Run the operation once and save its reply, in one transaction."""
    fault, who = call.fault, call.who
    with sandbox.store.transaction():
        payment_intents.expire_authorizations(sandbox)
        try:
            if fault and fault.kind == "error_before":
                raise server_error(retry=not fault.saved)
            reply = _execute(sandbox, call)
            if fault and fault.kind == "error_after":
                raise server_error(retry=False)
        except StripeError as error:
            if not error.executed or error.retry:
                raise
            reply = Reply(error.status, error.body(who.request_id), who.request_id)
        keys.save(who.idempotency_key, request.path, call.params, reply)
    return reply


def _execute(sandbox: Sandbox, call: Call) -> Reply:
    """Rolls back after an error, except after a declined card, which is an outcome with its own charge."""
    with sandbox.store.savepoint():
        try:
            return Reply(200, _operate(sandbox, call), call.who.request_id)
        except StripeError as error:
            if error.status != 402 or not error.executed:
                raise
            return Reply(error.status, error.body(call.who.request_id), call.who.request_id)


def _operate(sandbox: Sandbox, call: Call) -> Json:
    endpoint, ids, params = call.endpoint, call.ids, dict(call.params)
    names = endpoint.known.__annotations__.keys() - RequestOptions.__annotations__.keys()
    if "payment_method_types" in params and "allowed_payment_method_types" in names:
        _check_types_still_supported()
        names |= {"payment_method_types"}
    read.check_known(params, names)
    public = not call.who.secret and endpoint.path.startswith(INTENTS)
    if public:
        _check_client_secret(sandbox, ids["id"], params)
    expand = params.pop("expand", [])
    for name in read.EVERYWHERE:
        params.pop(name, None)
    try:
        result = endpoint.operation(sandbox, *ids.values(), params)
    except StripeError as error:
        if public and "payment_intent" in error.error:
            error.error["payment_intent"] = payment_intents.public(error.error["payment_intent"])
        raise
    return payment_intents.public(result) if public else lists.expand(sandbox, result, expand)


def _check_types_still_supported() -> None:
    """Changelog of 2026-09-30 (endive): 'Removes the payment method types parameter from Payment Intents'."""
    if request.headers.get("Stripe-Version", "") >= TYPES_GONE_SINCE:
        raise invalid_parameter(
            "The parameter `payment_method_types` is no longer supported. Use `allowed_payment_method_types` instead.",
            "payment_method_types",
            "payment_method_types_no_longer_supported",
        )


def _check_client_secret(sandbox: Sandbox, id: str, params: Json) -> None:
    intent = sandbox.fetch("payment_intent", id)
    if read.required(params, "client_secret") != intent["client_secret"]:
        raise invalid_parameter(
            "The client_secret provided does not match the client_secret associated with the PaymentIntent.",
            "client_secret",
            "payment_intent_invalid_parameter",
        )


def _response(reply: Reply, who: Caller, retry: bool | None = None) -> Response:
    response = Response(json.dumps(reply.body), reply.status, content_type="application/json")
    response.headers["Request-Id"] = who.request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    if who.idempotency_key:
        response.headers["Idempotency-Key"] = who.idempotency_key
    if reply.request_id != who.request_id:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = reply.request_id
    if retry is not None or reply.status >= 500:
        response.headers["Stripe-Should-Retry"] = "true" if retry else "false"
    return response


def _allow_browsers(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Request-Id, Stripe-Should-Retry"
    return response
