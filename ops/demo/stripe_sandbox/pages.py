"""Pages and scripts for browsers: Stripe.js, the frame for the card number, and the bank's 3-D Secure page."""

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from ops.demo.stripe_sandbox import confirming
from ops.demo.stripe_sandbox.sandbox import Sandbox
from ops.demo.stripe_sandbox.store import Json

HERE = Path(__file__).parent
FRAME_FILES = ("payment_element.js", "frame.css", "authenticated.js")
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'"
ZERO_DECIMAL = {"clp", "jpy", "krw", "vnd", "xaf", "xof", "xpf"}
THREE_DECIMAL = {"bhd", "jod", "kwd", "omr", "tnd"}


def blueprint(sandbox: Sandbox) -> Blueprint:
    routes = Blueprint("pages", __name__)

    @routes.get("/v3/")
    def stripe_js() -> Response:
        return send_from_directory(HERE, "stripe.js", mimetype="text/javascript", max_age=60)

    @routes.get("/v3/<any(%s):name>" % ", ".join(repr(name) for name in FRAME_FILES))  # noqa: UP031 - Werkzeug's braces
    def frame_file(name: str) -> Response:
        return send_from_directory(HERE / "frame", name, max_age=60)

    @routes.get("/v3/payment_element")
    def payment_element() -> Response:
        return _page("payment_element.html")

    @routes.get("/3ds/<id>")
    def challenge(id: str) -> AnyResponse:
        intent = _intent(sandbox, id)
        if intent["status"] != "requires_action":
            return _after(sandbox, intent)
        return _page(
            "three_d_secure.html",
            amount=_readable(intent["amount"], intent["currency"]),
            client_secret=intent["client_secret"],
        )

    @routes.post("/3ds/<id>")
    def answer(id: str) -> AnyResponse:
        with sandbox.store.transaction():
            intent = confirming.authenticate(sandbox, _intent(sandbox, id), passed=request.form["answer"] == "complete")
        return _after(sandbox, intent)

    return routes


def _intent(sandbox: Sandbox, id: str) -> Json:
    intent = sandbox.store.get("payment_intent", id)
    if intent is None or request.values.get("client_secret") != intent["client_secret"]:
        abort(404)
    return intent


def _after(sandbox: Sandbox, intent: Json) -> AnyResponse:
    """Redirect back with the parameters that Stripe appends (page 'Finalize payments on the server'), or notify the
    frame.
    """
    return_url = sandbox.store.private(intent["id"]).get("return_url")
    if not return_url:
        return _page("authenticated.html")
    status = "failed" if intent["status"] in ("requires_payment_method", "canceled") else "succeeded"
    parts = urlsplit(return_url)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("payment_intent", intent["id"]),
        ("payment_intent_client_secret", intent["client_secret"]),
        ("redirect_status", status),
    ]
    return redirect(urlunsplit(parts._replace(query=urlencode(query))), 303)


def _page(template: str, **values: object) -> Response:
    response = Response(render_template(template, **values), mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _readable(amount: int, currency: str) -> str:
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    return f"{amount / 10**digits:,.{digits}f} {currency.upper()}"
