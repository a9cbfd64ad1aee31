"""Errors as RFC 9457 problem details for programs, and as a plain page for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from fallback.domain.errors import (
    Conflict,
    FallbackError,
    Invalid,
    NotAllowedNow,
    TooMuch,
    TryAgain,
    UnknownOrder,
    Unreadable,
)
from fallback.runtime.logs import get_logger
from fallback.web.http.answers import ProblemDetails, encode
from fallback.web.http.pages import problem_page
from fallback.web.http.waiting import Full, queue_page

RETRY_AFTER_SECONDS = 5
# Where web/http/door.py passes the reason of a refusal.
REFUSED = "fallback.refused"
# Not logged: unknown URLs, floods, bugs (logged already), and outages (reported by readiness).
UNTOLD = frozenset({404, 429, 500, 503})

OF_PROGRAMS = ("/v1/", "/webhooks/", "/metrics")

log = get_logger()


class Problem(Exception):
    """An error response. `code` is stable; `more` is added to the body ('field', 'order')."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more


def register(app: Flask) -> None:
    """Converts every error that a view raises into a response."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(Invalid, lambda error: answer(_from_invalid(error)))
    app.register_error_handler(NotAllowedNow, lambda error: answer(Problem(409, error.code, str(error))))
    app.register_error_handler(TooMuch, lambda _: answer(_TOO_MUCH))
    app.register_error_handler(Conflict, lambda _: answer(_CHANGED))
    app.register_error_handler(UnknownOrder, from_unknown_order)
    app.register_error_handler(TryAgain, from_try_again)
    app.register_error_handler(Unreadable, _from_unreadable)
    app.register_error_handler(HTTPException, _from_http)
    app.before_request(_refused_at_the_door)
    app.after_request(_says_when)


def or_its_error(handler: Callable[[Any], ResponseReturnValue]) -> Callable[[Any], ResponseReturnValue]:
    """A handler that reads the order to say more about an error. If that fails, the answer is to this failure."""

    @wraps(handler)
    def answered(error: Any) -> ResponseReturnValue:
        try:
            return handler(error)
        except FallbackError as other:
            return current_app.handle_user_exception(other)

    return answered


def _refused_at_the_door() -> None:
    if refused := request.environ.get(REFUSED):
        raise refused


def answer(problem: Problem) -> Response:
    if problem.status not in UNTOLD:
        log.info("refused", route=request.endpoint, method=request.method, status=problem.status, code=problem.code)
    if wants_page():
        response = problem_page(problem.code, problem.status)
    else:
        response = Response(encode(_details(problem)), problem.status, mimetype="application/problem+json")
    response.headers.extend(problem.headers)
    return response


def wants_page() -> bool:
    """Whether a person is asking: API paths always answer in JSON."""
    return not request.path.startswith(OF_PROGRAMS) and request.accept_mimetypes.accept_html


def _details(problem: Problem) -> ProblemDetails:
    return ProblemDetails(
        type=f"/docs#{problem.code}",
        title=problem.code.replace("_", " ").capitalize(),
        status=problem.status,
        code=problem.code,
        detail=problem.detail,
        **problem.more,
    )


_TOO_MUCH = Problem(409, "too_much_done", "This order was changed too often. Please ask an agent, or cancel it.")
_CHANGED = Problem(
    409, "changed_meanwhile", "Somebody else changed this order at the same time. Please check it again."
)


_OTHER_STATUS = {"idempotency_key_reused": 422, "sold_out": 409, "pay_first": 409}


def _from_invalid(error: Invalid) -> Problem:
    return Problem(_OTHER_STATUS.get(error.code, 400), error.code, error.detail, field=error.field)


def retry_after(error: TryAgain) -> dict[str, str]:
    """The header that says when to try again (RFC 9110, 10.2.3)."""
    return {"Retry-After": str(max(1, round(error.after or RETRY_AFTER_SECONDS)))}


def _says_when(response: Response) -> Response:
    """A temporary error has Retry-After, on every page and in every response."""
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return response


def from_try_again(error: TryAgain) -> Response:
    if isinstance(error, Full):
        return queue_page(error)
    detail = "We cannot store this right now. Nothing is lost. Please try again in a moment."
    return answer(Problem(503, "try_again", detail, retry_after(error)))


def _from_unreadable(error: Unreadable) -> Response:
    """An agent reads that a person has to do something; for a customer and a program it is one more reason to wait."""
    in_console = request.path.startswith("/console") and wants_page()
    return problem_page("unreadable", 503) if in_console else from_try_again(error)


def from_unknown_order(_: UnknownOrder) -> Response:
    return answer(Problem(404, "unknown_order", "There is no such order."))


def _from_http(error: HTTPException) -> Response:
    code = (error.name or "error").lower().replace(" ", "_")
    problem = Problem(error.code or 500, code, error.description or "")
    response = answer(problem)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response
