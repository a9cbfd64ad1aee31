"""Who may use a route. Every view says so with `allow`; a test walks all routes and finds the one that does not."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from functools import wraps
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, current_app, g, redirect, request, session, url_for
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response as AnyResponse

from fallback.bootstrap.container import Container
from fallback.domain.support.accounts import Permission, Person
from fallback.web.http.problems import Problem

View = TypeVar("View", bound=Callable[..., Any])

# The other methods are safe (RFC 9110, 9.2.1). Flask answers OPTIONS before it asks a view.
ACTS = ("POST", "PUT", "PATCH", "DELETE")


class Rule(StrEnum):
    """`order_link`: the holder of the order's signed link. `shop`: the primary's server. `signed`: Stripe's signature.

    `own_page`: anybody, but only from a page of ours. `metrics`: Prometheus.
    """

    PUBLIC = "public"
    OWN_PAGE = "own_page"
    ORDER_LINK = "order_link"
    SHOP = "shop"
    ONCALL = "oncall"
    METRICS = "metrics"
    SIGNED = "signed"


def container() -> Container:
    """What this application was built with."""
    built: Container = current_app.extensions["container"]
    return built


def allow(rule: Rule | Permission, acts: Collection[str] = ACTS) -> Callable[[View], View]:
    """The one way to give a route its rule. A permission is for the people of the console who have it.

    `acts`: the methods by which whoever is let in acts, where these are not the usual ones.
    """

    def decorate(view: View) -> View:
        if rule in (Rule.PUBLIC, Rule.SIGNED):
            view.rule = rule  # type: ignore[attr-defined]
            return view

        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if request.method == "HEAD" and "GET" in acts:
                raise MethodNotAllowed(["GET", "OPTIONS"])
            refusal = _of_console(rule) if isinstance(rule, Permission) else _CHECKS[rule](kwargs.get("ref", ""))
            if refusal is not None:
                return refusal
            if request.method in acts:
                g.acts = rule
            return view(*args, **kwargs)

        checked.rule, checked.acts = rule, acts  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate


def customer_acted(response: Response) -> bool:
    """The one rule of when a customer has acted: let in by the order's link, by a method that acts, and it was done."""
    return g.get("acts") is Rule.ORDER_LINK and response.status_code < 400


def has_order_link(ref: str) -> bool:
    """Whether the request carries the key of the order's signed link: in the address, or as a bearer token."""
    return container().links.opens(ref, request.args.get("key") or _bearer())


def _order_link(ref: str) -> AnyResponse | None:
    if has_order_link(ref):
        return None
    raise Problem(404, "unknown_order", "The order does not exist, or the link is incomplete.")


def _shop(_: str) -> AnyResponse | None:
    return _with_token(container().config.shop_token)


def _oncall(_: str) -> AnyResponse | None:
    return _with_token(container().config.oncall_token)


def _metrics(_: str) -> AnyResponse | None:
    token = container().config.fallback_metrics_token
    return None if not token and _from_inside() else _with_token(token)


def _from_inside() -> bool:
    """Whether this came from a machine of our own network, and through no proxy: those say for whom they ask."""
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and request.remote_addr is not None and ip_address(request.remote_addr).is_private


def _with_token(token: str) -> AnyResponse | None:
    if token and compare_digest(_bearer().encode(), token.encode()):
        return None
    raise Problem(401, "token_needed", "Send the token as 'Authorization: Bearer …'.", {"WWW-Authenticate": "Bearer"})


def _own_page(_: str) -> AnyResponse | None:
    if request.method not in ("GET", "HEAD") and not _from_own_page():
        raise Problem(403, "cross_site", "This request was not sent from our page.")
    return None


def _from_own_page() -> bool:
    """The browser's own word for where a form stands, which no page can forge.

    Sec-Fetch-Site where it is sent (https and localhost), else Origin, else Referer; who sends none of them is refused.
    https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html and
    CrossOriginProtection of Go's net/http, which says why this does without tokens in forms.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")
    came_from = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "").netloc
    return came_from in (request.host, urlsplit(container().config.public_url).netloc)


def _of_console(permission: Permission) -> AnyResponse | None:
    _own_page("")
    found = _signed_in()
    if found is None:
        if request.method != "GET":
            raise Problem(401, "sign_in_needed", "Please sign in to the console.")
        return redirect(url_for("sign_in.form", next=request.path))
    if not found.may(permission):
        raise Problem(403, "not_permitted", "Your role in the console does not allow this.")
    g.person = found
    return None


def enter(name: str) -> None:
    """Open a session for this person. What the cookie held before opens nothing any more."""
    leave()
    session.permanent = True
    session["visit"] = [name, container().people.begin_session(name, container().clock())]


def leave() -> None:
    """End the session, for every copy of its cookie."""
    if visit := session.get("visit"):
        container().people.end_session(*visit)
    session.clear()


def person() -> Person:
    """Who is signed in, in a view that asks for a permission."""
    found: Person = g.person
    return found


def _signed_in() -> Person | None:
    """Asked at each request: who was disabled is out, and a role is what it is now."""
    if "visit" not in session:
        return None
    name, secret = session["visit"]
    return container().people.signed_in(name, secret, container().clock())


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


_CHECKS: dict[Rule, Callable[[str], AnyResponse | None]] = {
    Rule.OWN_PAGE: _own_page,
    Rule.ORDER_LINK: _order_link,
    Rule.SHOP: _shop,
    Rule.ONCALL: _oncall,
    Rule.METRICS: _metrics,
}
