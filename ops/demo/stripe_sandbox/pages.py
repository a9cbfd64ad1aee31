"""Pages and scripts for browsers: Stripe.js and its frame, Google Pay's window, the pages of Klarna and of a bank."""

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from ops.demo.stripe_sandbox import confirming, klarna
from ops.demo.stripe_sandbox.sandbox import Sandbox
from ops.demo.stripe_sandbox.store import Json

HERE = Path(__file__).parent
FRAME_FILES = ("payment_element.js", "frame.css", "authenticated.js", "google_pay.js")
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

    @routes.get("/google_pay")
    def google_pay() -> Response:
        amount = _readable(request.args.get("amount", 0, int), request.args.get("currency", "eur"))
        return _page("google_pay.html", amount=amount)

    @routes.get("/3ds/<id>", defaults={"template": "three_d_secure.html"})
    @routes.get("/klarna/<id>", defaults={"template": "klarna.html"})
    def asks(id: str, template: str) -> AnyResponse:
        intent = _intent(sandbox, id)
        if not _waits(intent):
            return _after(sandbox, intent)
        amount = _readable(intent["amount"], intent["currency"])
        return _page(template, amount=amount, client_secret=intent["client_secret"])

    @routes.post("/3ds/<id>")
    @routes.post("/klarna/<id>")
    def answer(id: str) -> AnyResponse:
        said = request.form["answer"]
        refusal = klarna.REFUSALS.get(said, confirming.NOT_AUTHENTICATED)
        with sandbox.store.transaction():
            intent = _intent(sandbox, id)
            if _waits(intent):
                confirming.authenticate(sandbox, intent, passed=said == "complete", refusal=refusal)
        return _after(sandbox, intent)

    return routes


def _intent(sandbox: Sandbox, id: str) -> Json:
    intent = sandbox.store.get("payment_intent", id)
    if intent is None or request.values.get("client_secret") != intent["client_secret"]:
        abort(404)
    return intent


def _waits(intent: Json) -> bool:
    """Whether it still waits for this page: the customer may meanwhile have paid in another way."""
    of = request.values.get("payment_method", intent["payment_method"])
    return bool(intent["status"] == "requires_action" and intent["payment_method"] == of)


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
