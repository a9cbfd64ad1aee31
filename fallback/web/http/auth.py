"""Access rules of routes. Every view declares its rule with `allow`; a test checks all routes."""

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

# The other methods are safe (RFC 9110, 9.2.1). Flask answers OPTIONS before it calls a view.
ACTS = ("POST", "PUT", "PATCH", "DELETE")


class Rule(StrEnum):
    """`order_link`: the holder of the order's signed link. `shop`: the primary's server. `signed`: Stripe's signature.

    `own_page`: anybody, but only from our own pages. `metrics`: Prometheus. `search`: the software of a help desk.
    `bounces`: who reports mail that did not arrive.
    """

    PUBLIC = "public"
    OWN_PAGE = "own_page"
    ORDER_LINK = "order_link"
    SHOP = "shop"
    ONCALL = "oncall"
    METRICS = "metrics"
    SEARCH = "search"
    BOUNCES = "bounces"
    SIGNED = "signed"


def container() -> Container:
    """The container of this application."""
    built: Container = current_app.extensions["container"]
    return built


def allow(rule: Rule | Permission, acts: Collection[str] = ACTS) -> Callable[[View], View]:
    """Sets the rule of a route. A permission admits the users of the console who have it.

    `acts`: the methods that count as an action, if not the usual ones.
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
    """Whether this request was a successful action of a customer, admitted by the order's link."""
    return g.get("acts") is Rule.ORDER_LINK and response.status_code < 400


def has_order_link(ref: str) -> bool:
    """Whether the request has the key of the order's signed link, in the URL or as a bearer token."""
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


def _search(_: str) -> AnyResponse | None:
    return _with_token(container().config.fallback_search_token)


def _bounces(_: str) -> AnyResponse | None:
    return _with_token(container().config.fallback_bounce_token)


def _from_inside() -> bool:
    """Whether the request came from our own network, and not through a proxy, which would name its client."""
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and request.remote_addr is not None and ip_address(request.remote_addr).is_private


def _with_token(token: str) -> AnyResponse | None:
    if token and compare_digest(_bearer().encode(), token.encode()):
        return None
    wrong = "This is not the token for this address." if _bearer() else "Send the token as 'Authorization: Bearer …'."
    raise Problem(401, "token_needed", wrong, {"WWW-Authenticate": "Bearer"})


def _own_page(_: str) -> AnyResponse | None:
    if request.method not in ("GET", "HEAD") and not _from_own_page():
        raise Problem(403, "cross_site", "This request was not sent from our page.")
    return None


def _from_own_page() -> bool:
    """Whether the browser confirms that the form is on our own page. Other pages cannot forge that.

    It reads Sec-Fetch-Site (sent on https and localhost), else Origin, else Referer; a request without any is refused.
    https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html and
    CrossOriginProtection of Go's net/http, which explains why forms need no tokens.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")
    try:
        came_from = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "").netloc
    except ValueError:
        return False
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
    """Open a session for this person. The previous session of the cookie ends."""
    leave()
    session.permanent = True
    session["visit"] = [name, container().people.begin_session(name, container().clock())]


def leave() -> None:
    """End the session, for every copy of its cookie."""
    if visit := session.get("visit"):
        container().people.end_session(*visit)
    session.clear()


def person() -> Person:
    """The signed-in person, in a view that requires a permission."""
    found: Person = g.person
    return found


def _signed_in() -> Person | None:
    """Checked at each request, so that a disabled account is signed out and the current role applies."""
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
    Rule.SEARCH: _search,
    Rule.BOUNCES: _bounces,
}
