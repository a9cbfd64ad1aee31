"""No request to any route causes a bug."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from traceback import extract_tb
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.incident.incident import Incident
from fallback.domain.order.holds import HoldCode
from fallback.domain.support.accounts import Role
from tests.builders import a_hold, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.conftest import a_browser
from tests.web.html import Page
from tests.web.odd import Sender, words
from tests.web.world import CONSOLE_TOKEN, NOW

# Programs send more kinds of things than forms do, and are answered faster.
TIMES_EACH = {"/v1": 50, "/webhooks": 200}
OTHERWISE = 10
CHANGES = ["/lines", "/delivery", "/address", "/contact", "/cancellation", "/withdrawal"]
# The pages that have forms; what these send is where odd requests begin.
CUSTOMERS_PAGES = [
    *("/checkout", "/status/subscription", "/orders/"),
    *(f"/orders/{{ref}}{tail}" for tail in ("", *CHANGES)),
]
AGENTS_PAGES = [
    *(f"/console/orders/{{ref}}{tail}" for tail in ("", "/refunds", *CHANGES)),
    *(
        f"/console/{tail}"
        for tail in (
            "oncall",
            "oncall/status",
            "oncall/drain",
            "inbox",
            "mine",
            "callbacks",
            "drafts",
            "remarks",
            "replies",
        )
    ),
    "/console/incidents/I-1",
]


def forms(app: Flask, pages: Iterable[Page]) -> dict[str, dict[str, str]]:
    """What the forms of these pages send as they stand, by the endpoint to which they send it."""
    found, routes = {}, app.url_map.bind("localhost")
    for page in pages:
        for form in page.all("form", method="post"):
            found[routes.match(urlsplit(form["action"]).path, "POST")[0]] = form.sent()
    return found


def test_no_route_answers_anything_with_a_bug(
    app: Flask,
    container: Container,
    ledger: FakeLedger,
    browser: FlaskClient,
    colleague: Callable[[str, Role], FlaskClient],
) -> None:
    container.incidents.open(Incident(id="I-1", reason="It failed.", began=NOW, after=0, followed=NOW))
    order = ledger.keep(an_order(holds=(a_hold(HoldCode.PRICE_CHANGED),)))
    agent, key = colleague("Ann", Role.ADMIN), container.links.key(order.ref)
    answers = [browser.get(f"{path.format(ref=order.ref)}?key={key}") for path in CUSTOMERS_PAGES]
    answers += [agent.get(path.format(ref=order.ref)) for path in AGENTS_PAGES]
    shown = forms(app, (Page(answer) for answer in answers if answer.status_code == 200))
    shown["sign_in.open_session"] = {"token": CONSOLE_TOKEN, "next": "/console"}
    known, bugs = words(), {}
    for route in app.url_map.iter_rules():
        for number in range(next((times for path, times in TIMES_EACH.items() if path in str(route)), OTHERWISE)):
            app.extensions.pop("limits", None)
            ledger.keep(order)
            sent = Sender(route, number, order, key, known, shown.get(route.endpoint, {})).request()
            client = agent if str(route).startswith("/console") and "sign-" not in str(route) else a_browser(app)
            try:
                client.open(**sent)
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                bugs[f"{error!r:.200} at {extract_tb(error.__traceback__)[-1]}"] = f"{sent!r:.2000}"
    assert bugs == {}
