"""/openapi.json (OpenAPI 3.1) and /docs: the HTTP API, described from the types that read and write it."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

import msgspec
from flask import Blueprint, Response

from fallback.domain.wishes import ChangeOrder, GiveCard, PlaceOrder
from fallback.web.answers import ModeNow, OrderBrief, OrderInFull, ProblemDetails, Purchase, ReadyNow, Receipt
from fallback.web.auth import Rule, allow
from fallback.web.modes import SwitchMode
from fallback.web.orders_api import KEY_MAX_LENGTH
from fallback.web.pages import page, voice_in
from fallback.web.problem_codes import CODES
from fallback.web.security import MAX_BODY_BYTES

blueprint = Blueprint("openapi", __name__)

JSON = "application/json"
TEXT = "text/plain"


class Parameter(NamedTuple):
    name: str
    place: str
    description: str
    required: bool = True
    max_length: int = 200


class Operation(NamedTuple):
    """One method of one path. `answers`: by status what the body may be, nothing where it is empty. `problems`: codes.

    `security`: any one of these is enough, '' is nobody's.
    """

    method: str
    path: str
    summary: str
    answers: dict[int, tuple[Any, ...]]
    problems: tuple[str, ...] = ()
    body: Any = None
    parameters: tuple[Parameter, ...] = ()
    security: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


REF = Parameter("ref", "path", "The order's ref, as FB-7K3M-92QX-5.")
CART_ID = Parameter("cart_id", "path", "The shop's id of the cart.")
IF_MATCH = Parameter("If-Match", "header", "The ETag of the order that was seen, or *.", required=False)
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "A new random value for each order, the same when it is sent again. It is remembered for 48 hours.",
    required=False,
    max_length=KEY_MAX_LENGTH,
)
SIGNATURE = Parameter("Stripe-Signature", "header", "Stripe's signature.", required=False, max_length=1_000)
BODY_PROBLEMS = ("invalid", "request_entity_too_large", "unsupported_media_type")
CART_PROBLEMS = ("cart_forged", "cart_unreadable", "cart_foreign", "cart_expired", "totals_do_not_add_up")

OPERATIONS = (
    Operation(
        "post",
        "/v1/orders",
        "Capture an order. The same key and body get the same answer, with Idempotency-Replayed: true.",
        {202: (Receipt,)},
        (
            *("idempotency_key_missing", "idempotency_key_invalid", *BODY_PROBLEMS, "card_number", *CART_PROBLEMS),
            *("unknown_delivery", "unknown_slot", "cart_already_captured", "idempotency_key_reused"),
            *("too_many_requests", "try_again"),
        ),
        body=PlaceOrder,
        parameters=(KEY,),
        headers=("Idempotency-Replayed",),
    ),
    Operation(
        "get",
        "/v1/orders/{ref}",
        "Where an order stands; with the key of its link also what is in it.",
        {200: (OrderInFull, OrderBrief)},
        ("unknown_order", "too_many_requests", "try_again"),
        parameters=(REF,),
        security=("", "link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "patch",
        "/v1/orders/{ref}",
        "Change the order. What the shop has already counts when it reads it back: until then `asked_for` names it.",
        {200: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "card_number", "unknown_delivery", "unknown_slot"),
            *("priced_by_the_shop", "other_lines", "more_than_ordered", "nothing_left", "costs_more", "given_back"),
            *("not_possible_now", "precondition_failed", "if_match_missing", "try_again"),
        ),
        body=ChangeOrder,
        parameters=(REF, IF_MATCH),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/payment",
        "Give a card: the first one after 'later', or another after a decline.",
        {202: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "card_number", "too_many_cards"),
            *("not_possible_now", "changed_meanwhile", "too_many_requests", "try_again"),
        ),
        body=GiveCard,
        parameters=(REF,),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/cancellation",
        "Undo the purchase. Saying it twice is the same as saying it once.",
        {202: (OrderInFull,)},
        ("unknown_order", "not_possible_now", "changed_meanwhile", "try_again"),
        parameters=(REF,),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "get",
        "/v1/purchases/{cart_id}",
        "Whether a cart was captured here: the shop asks before it sells it once more.",
        {200: (Purchase,)},
        ("token_needed", "not_captured", "try_again"),
        parameters=(CART_ID,),
        security=("shop",),
    ),
    Operation(
        "get",
        "/v1/mode",
        "Who serves the checkout now; X-Fallback-Route says the same to a proxy.",
        {200: (ModeNow,)},
        ("try_again",),
        headers=("X-Fallback-Route",),
    ),
    Operation(
        "put",
        "/v1/mode",
        "Switch the mode.",
        {200: (ModeNow,)},
        (*BODY_PROBLEMS, "card_number", "token_needed", "try_again"),
        body=SwitchMode,
        security=("oncall",),
        headers=("X-Fallback-Route",),
    ),
    Operation(
        "post",
        "/webhooks/stripe",
        "What Stripe tells us.",
        {204: ()},
        ("bad_signature", "malformed", "changed_meanwhile", "request_entity_too_large", "try_again"),
        body=dict[str, Any],
        parameters=(SIGNATURE,),
    ),
    Operation("get", "/healthz", "The process answers.", {200: (TEXT,)}),
    Operation("get", "/readyz", "Whether an order that is accepted now is safe.", {200: (ReadyNow,), 503: (ReadyNow,)}),
    Operation("get", "/metrics", "Figures in Prometheus' text format.", {200: (TEXT,)}, ("try_again",)),
)
SECURITY = {
    "link": {"type": "apiKey", "in": "query", "name": "key", "description": "The key of the order's link."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "The key of the order's link, as a token."},
    "shop": {"type": "http", "scheme": "bearer", "description": "The shop's token."},
    "oncall": {"type": "http", "scheme": "bearer", "description": "The on-call engineer's token."},
}


@blueprint.get("/openapi.json")
@allow(Rule.PUBLIC)
def show() -> Response:
    return Response(description(), mimetype=JSON, headers={"Cache-Control": "public, max-age=300"})


@blueprint.get("/docs")
@allow(Rule.PUBLIC)
def docs() -> Response:
    """The same for people; the `type` of every problem leads here."""
    who = {name: scheme["description"] for name, scheme in SECURITY.items()} | {"": "Anybody"}
    return page("docs.html", voice_in("en"), operations=OPERATIONS, codes=CODES, security=who)


@cache
def description() -> bytes:
    paths: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[operation.path][operation.method] = _described(operation)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Fallback Checkout",
            "version": "1",
            "description": f"Bodies are JSON of at most {MAX_BODY_BYTES} bytes. Problems (RFC 9457): see /docs.",
        },
        "paths": paths,
        "components": {"schemas": _schemas()[1], "securitySchemes": SECURITY},
    }
    return msgspec.json.encode(document)


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": {str(status): _answer(types, operation) for status, types in operation.answers.items()}
        | _problems(operation.problems),
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": _schema(operation.body)}}}
    if operation.security:
        described["security"] = [{name: []} if name else {} for name in operation.security]
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": {"type": "string", "minLength": 1, "maxLength": parameter.max_length},
    }


def _answer(types: tuple[Any, ...], operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.summary}
    if operation.headers:
        answer["headers"] = {name: {"schema": {"type": "string"}} for name in operation.headers}
    if types == (TEXT,):
        answer["content"] = {TEXT: {"schema": {"type": "string"}}}
    elif types:
        schemas = [_schema(type_) for type_ in types]
        answer["content"] = {JSON: {"schema": {"anyOf": schemas} if len(schemas) > 1 else schemas[0]}}
    return answer


def _problems(codes: tuple[str, ...]) -> dict[str, Any]:
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in (*codes, "bad_request"):
        by_status[CODES[code].status].append(code)
    return {
        str(status): {
            "description": " ".join(f"`{code}`: {CODES[code].meaning}" for code in codes),
            "content": {"application/problem+json": {"schema": _schema(ProblemDetails)}},
        }
        for status, codes in sorted(by_status.items())
    }


def _schema(type_: Any) -> dict[str, Any]:
    return _schemas()[0][type_]


@cache
def _schemas() -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """The schema of each body and answer, and the parts that they refer to."""
    answers = [type_ for operation in OPERATIONS for types in operation.answers.values() for type_ in types]
    bodies = [operation.body for operation in OPERATIONS if operation.body]
    types = [type_ for type_ in dict.fromkeys([*bodies, *answers, ProblemDetails]) if type_ != TEXT]
    schemas, parts = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return dict(zip(types, schemas, strict=True)), parts
