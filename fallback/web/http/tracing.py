"""With tracing, a request that may place an order is a span. Without tracing nothing is wrapped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from fallback.bootstrap.container import Container
from fallback.web.http.security import proxys_word

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from fallback.runtime.open_telemetry import Traces

INTAKE = frozenset({"POST /v1/orders", "POST /checkout"})


def register(app: Flask, container: Container) -> None:
    if container.traces:
        token = container.config.fallback_proxy_token
        app.wsgi_app = _traced(app.wsgi_app, container.traces, token)  # type: ignore[method-assign, assignment]


def _traced(inner: WSGIApplication, traces: Traces, token: str) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        route = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        if route not in INTAKE:
            return inner(environ, start_response)
        # Otherwise strangers could add their requests to any trace, and have them all recorded.
        came_with = environ.get("HTTP_TRACEPARENT", "") if proxys_word(environ, token) is not None else ""
        with traces.request(route, came_with) as answered:

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
                answered(int(status[:3]))
                return start_response(status, headers, exc_info)

            return inner(environ, start)

    return application
