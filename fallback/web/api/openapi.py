"""/openapi.json (OpenAPI 3.1) and /docs: the description of the HTTP API, generated from its types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Response

from fallback.domain.order.announcements import What
from fallback.notices.order_events import OrderEvent
from fallback.web.api.examples import EVENT, REQUESTS, RESPONSES
from fallback.web.api.operation import TEXT, Operation
from fallback.web.api.operations import OPERATIONS
from fallback.web.api.parameters import SIGNED_BY, Parameter
from fallback.web.http.answers import ProblemDetails
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.pages import page, voice_in
from fallback.web.http.problem_codes import CODES
from fallback.web.http.security import MAX_BODY_BYTES

blueprint = Blueprint("openapi", __name__)

JSON = "application/json"

SECURITY = {
    "link": {"type": "apiKey", "in": "query", "name": "key", "description": "The key from the order's link."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "The key from the order's link, as a bearer token."},
    "shop": {"type": "http", "scheme": "bearer", "description": "The shop's token."},
    "oncall": {"type": "http", "scheme": "bearer", "description": "The on-call engineer's token."},
    "search": {"type": "http", "scheme": "bearer", "description": "FALLBACK_SEARCH_TOKEN."},
    "bounces": {"type": "http", "scheme": "bearer", "description": "FALLBACK_BOUNCE_TOKEN."},
    "metrics": {"type": "http", "scheme": "bearer", "description": "FALLBACK_METRICS_TOKEN."},
}


@blueprint.get("/openapi.json")
@allow(Rule.PUBLIC)
def show() -> Response:
    return Response(
        description(container().config.public_url), mimetype=JSON, headers={"Cache-Control": "public, max-age=300"}
    )


@blueprint.get("/docs")
@allow(Rule.PUBLIC)
def docs() -> Response:
    """The same as a page. The `type` of every problem links to it."""
    who = {name: scheme["description"] for name, scheme in SECURITY.items()} | {"": "Anybody"}
    return page("api/docs.html", voice_in("en"), operations=OPERATIONS, codes=CODES, security=who)


@cache
def description(public_url: str) -> bytes:
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
        "servers": [{"url": public_url.rstrip("/")}],
        "paths": paths,
        "webhooks": _events(),
        "components": {"schemas": _schemas()[1], "securitySchemes": SECURITY},
    }
    return msgspec.json.encode(document)


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": {str(status): _answer(types, operation) for status, types in operation.answers.items()}
        | _problems(operation.problems),
    }
    if operation.body:
        described["requestBody"] = {
            "required": True,
            "content": {JSON: _content(_schema(operation.body), REQUESTS, operation)},
        }
    if operation.security:
        described["security"] = [{name: []} if name else {} for name in operation.security]
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema or {"type": "string", "minLength": 1, "maxLength": parameter.max_length},
    }


def _answer(types: tuple[Any, ...], operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.summary}
    if operation.headers:
        answer["headers"] = {name: {"schema": {"type": "string"}} for name in operation.headers}
    if types == (TEXT,):
        answer["content"] = {TEXT: {"schema": {"type": "string"}}}
    elif types:
        schemas = [_schema(type_) for type_ in types]
        schema = {"anyOf": schemas} if len(schemas) > 1 else schemas[0]
        answer["content"] = {JSON: _content(schema, RESPONSES, operation)}
    return answer


def _content(schema: dict[str, Any], examples: Mapping[str, Any], operation: Operation) -> dict[str, Any]:
    example = {"example": examples[operation.id]} if operation.id in examples else {}
    return {"schema": schema} | example


def _events() -> dict[str, Any]:
    """What we send, by type."""
    content = {"application/cloudevents+json": {"schema": _schema(OrderEvent), "example": EVENT}}
    return {
        str(what): {
            "post": {
                "operationId": f"receive{''.join(word.title() for word in what.split('.'))}",
                "summary": "A CloudEvent, signed by Standard Webhooks: see ops/docs/reference/order-events.md.",
                "parameters": [_parameter(each) for each in SIGNED_BY],
                "requestBody": {"required": True, "content": content},
                "responses": {"2XX": {"description": "Taken. Every other answer: it is sent again, with the same id."}},
            }
        }
        for what in What
    }


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
    """The schema of each request and response body, and the components that they refer to."""
    answers = [type_ for operation in OPERATIONS for types in operation.answers.values() for type_ in types]
    bodies = [operation.body for operation in OPERATIONS if operation.body]
    types = [type_ for type_ in dict.fromkeys([*bodies, *answers, ProblemDetails, OrderEvent]) if type_ != TEXT]
    schemas, parts = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return dict(zip(types, schemas, strict=True)), parts
