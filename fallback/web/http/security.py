"""The headers of every response, the allowed hosts, and the headers accepted from the proxy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.exceptions import RequestEntityTooLarge

from fallback.config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STRIPE_JS = "https://js.stripe.com"
MAX_BODY_BYTES = 256 * 1024
# Stripe's wallet, with a window of its own; Stripe's guide does not list its hosts.
LINK = "https://link.com https://*.link.com"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not 'no-referrer': browsers without Sec-Fetch-Site would send our own forms with `Origin: null` (auth.py).
    "Referrer-Policy": "strict-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # Wallets open a window of their own, and it answers to this page.
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
}


def client_address() -> str:
    """The customer's address: the address that our own proxy names, else the peer's address."""
    return sender(request.environ, current_app.config["FALLBACK_PROXY_TOKEN"])


def sender(environ: WSGIEnvironment, token: str) -> str:
    nearest = str(environ.get("REMOTE_ADDR"))
    if proxys_word(environ, token) is None:
        return nearest
    return str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")[0].strip() or nearest


def body() -> bytes:
    """The request's body. Raises 413, also for one of unknown length, which Werkzeug would cut off at the limit."""
    raw = request.get_data()
    if len(raw) >= MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    return raw


def register(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key[0],
        SECRET_KEY_FALLBACKS=list(config.secret_key[1:]),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        TRUSTED_HOSTS=_trusted_hosts(config),
        SESSION_COOKIE_NAME="fallback_session",
        SESSION_COOKIE_SECURE=_is_secure(config),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        FALLBACK_PROXY_TOKEN=config.fallback_proxy_token,
    )
    app.session_interface = ConsoleSessions()
    app.wsgi_app = _with_headers(app.wsgi_app, always(config))  # type: ignore[method-assign, assignment]


def always(config: Config) -> list[tuple[str, str]]:
    """The headers of every response."""
    headers = ALWAYS | {"Content-Security-Policy": _content_security_policy(config)}
    if _is_secure(config):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return list(headers.items())


def _is_secure(config: Config) -> bool:
    return urlsplit(config.public_url).scheme == "https"


def proxy_reason() -> str | None:
    """Why the proxy sent this request to us: 'failed', 'mode' or 'maybe_taken'; None if it did not come from it."""
    return proxys_word(request.environ, current_app.config["FALLBACK_PROXY_TOKEN"])


def proxys_word(environ: WSGIEnvironment, token: str) -> str | None:
    given = environ.get("HTTP_X_FALLBACK_PROXY")
    if not given:
        return None
    if not token or not compare_digest(given.encode(), token.encode()):
        return None
    reason: str | None = environ.get("HTTP_X_FALLBACK_REASON")
    return reason


def _trusted_hosts(config: Config) -> list[str]:
    own = urlsplit(config.public_url).hostname or "localhost"
    return [own, "localhost", "127.0.0.1", *config.trusted_hosts]


def _content_security_policy(config: Config) -> str:
    scripts = frames = stripe = _origin(config.stripe_js_url)
    calls = f"{_origin(config.stripe_api_base)} {stripe}"
    if stripe == STRIPE_JS:
        # https://docs.stripe.com/security/guide#content-security-policy
        scripts += " https://*.js.stripe.com"
        frames = f"{scripts} https://hooks.stripe.com {LINK}"
        calls = f"{_origin(config.stripe_api_base)} {LINK}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {scripts}",
            "style-src 'self'",
            "img-src 'self' https: data:"
            if config.public_url.startswith("https")
            else "img-src 'self' http: https: data:",
            f"connect-src 'self' {calls}",
            f"frame-src {frames}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _with_headers(inner: WSGIApplication, headers: list[tuple[str, str]]) -> WSGIApplication:
    """Adds the headers to every response, including errors. Flask's hook for this took a tenth of an accept.

    The body is returned as a list, which granian sends in one piece; it streams any other iterable chunk by chunk.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, given: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            return start_response(status, given + headers, exc_info)

        answer = inner(environ, start)
        try:
            return list(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()

    return application


class ConsoleSessions(SecureCookieSessionInterface):
    """Only people in the console have a session; customers have links, programs have tokens."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if request.path.startswith("/console") else None
