"""Whatever is stored in any field stands on every page and in every mail as text, and never as markup.

The pages are those of the routes: a new one is looked at too, or is named here with the reason why not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import product
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, NoticeKind, Order
from fallback.domain.support.accounts import Role
from fallback.notices.message import compose
from fallback.usecases.placement.answer_rival_question import RivalAnswer
from fallback.web.http.languages import COOKIE
from tests.builders import NOW
from tests.web.conftest import a_browser, a_container
from tests.web.filling import addresses, submit
from tests.web.hostile import HOSTILE, SUBSCRIBER, a_cart_token, a_draft, fill, is_page, looked_through, orders
from tests.web.html import Element, Page

TOO_LONG = f"{HOSTILE}{'x' * 3000}"
# Pages on which nothing stands that anybody else wrote.
OF_OUR_WORDS = {
    "/away": "says how it stands",
    "/console/oncall/drain/dry-run": "asks whether to begin",
    "/console/runbooks/": "lists the runbooks",
    "/console/runbooks/<name>": "shows a runbook",
    "/console/account": "says how one signs in",
    **dict.fromkeys(("/console/runbooks/", "/console/runbooks/<name>"), "shows pages of the repository"),
    "/console/sign-in": "asks who is there",
    "/docs": "describes the API",
    "/orders/": "asks for an address",
    "/orders/<ref>/cancellation": "asks whether it is meant",
    "/status/subscription": "asks for an address",
    "/status/subscription/<subscriber>": "asks whether it is meant",
}
# What answers with no page of its own.
LEAD_ON = {
    **dict.fromkeys(("/console/sign-in/code", "/console/sign-in/set-up"), "to the sign-in"),
    "/console/account/set-up": "to the account",
    "/console/sign-in/provider": "to the provider",
    "/console/sign-in/provider/back": "to the console",
    "/orders/<ref>/back": "to the order",
}
# What no form that stands on a page here sends.
OTHERWISE_SENT = {
    **dict.fromkeys(("second_step.answer", "second_step.keep"), "between the steps of a sign-in"),
    **dict.fromkeys(("account.keep", "account.turn_off"), "by somebody with a password"),
    **dict.fromkeys(("checkout.show_cart", "drafts.save", "claims.presence"), "by a script of ours"),
    **dict.fromkeys(("orders_api.place", "orders_api.pay", "orders_api.cancel"), "by a program"),
    **dict.fromkeys(("self_service_api.ask", "self_service_api.answer_about_rival"), "by a program"),
    "self_service_api.choose_text_messages": "by a program",
    **dict.fromkeys(("self_service_api.rate", "self_service_api.withdraw", "webhooks.stripe"), "by a program"),
    "bounces.bounce": "by a program",
    "self_service.choose_text_messages": "by a button, where there is a gateway and a mobile phone",
    "oncall.acknowledge": "by a button at an alert, while there is one",
    "drain.resume": "by another button of the form of the pace",
    "incidents.close": "by a button, once all agrees",
    "self_service.goodwill": "by a button, for whoever waited too long",
}
# What stands in the query of a page that shows more by it.
QUERIES = {
    "desk.orders": ({"find": "100007"}, {"find": HOSTILE}, {"owner": HOSTILE}, {"hold": "poison"}),
    "forms.show": ({"find": "iris@example.org"}, {"find": HOSTILE}),
}


@pytest.fixture
def kept(container: Container) -> list[Order]:
    written = orders()
    fill(container, written)
    return written


class Visitors:
    """An admin, and a customer with the links of all orders and a basket with hostile goods."""

    def __init__(self, app: Flask, container: Container, admin: FlaskClient, kept: list[Order]) -> None:
        self._app, self._container, self._admin, self._kept = app, container, admin, kept
        self._customer = a_browser(app)
        self._customer.set_cookie("fallback_cart", a_cart_token())

    def visits(self, route: Route, language: str = "en") -> Iterator[TestResponse]:
        """The route for each order, and whatever else stands in its path."""
        for values in self._fillings(route):
            path = self._app.url_map.bind("localhost").build(route.endpoint, values, "GET")
            key = {"key": self._container.links.key(values.get("ref", ""))}
            for query in ({}, *QUERIES.get(route.endpoint, ())):
                self._app.extensions.pop("limits", None)
                asked = self.browser(path)
                asked.set_cookie(COOKIE, language)
                yield asked.get(path, query_string=urlencode(key | query))

    def browser(self, path: str) -> FlaskClient:
        return self._admin if path.startswith("/console") else self._customer

    def _fillings(self, route: Route) -> Iterator[dict[str, str]]:
        known = {
            "ref": [order.ref for order in self._kept],
            "incident_id": ["I-1"],
            "reply_id": ["1"],
            "answer": list(RivalAnswer),
            "subscriber": [SUBSCRIBER],
            "invitation": [urlsplit(self._container.invitations.link(a_draft())).path.rpartition("/")[2]],
        }
        names = sorted(route.arguments)
        for values in product(*(known.get(name, ["console.css"]) for name in names)):
            yield dict(zip(names, values, strict=True)) | (route.defaults or {})


@pytest.fixture
def visitors(
    app: Flask, container: Container, kept: list[Order], colleague: Callable[[str, Role], FlaskClient]
) -> Visitors:
    return Visitors(app, container, colleague("Ann", Role.ADMIN), kept)


def pages(app: Flask, visitors: Visitors) -> Iterator[tuple[Route, TestResponse]]:
    for route in sorted(app.url_map.iter_rules(), key=str):  # the console's before the customer has acted
        if "GET" in route.methods:
            for answer in visitors.visits(route):
                yield route, answer


def test_no_page_takes_it_for_markup(app: Flask, visitors: Visitors) -> None:
    shown = defaultdict(set)
    for route, answer in pages(app, visitors):
        if answer.mimetype == "text/html":
            shown[str(route)].add(HOSTILE in looked_through(answer))
    assert {name for name, said in shown.items() if True not in said} == {*OF_OUR_WORDS, *LEAD_ON}


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - {NoticeKind.OWNER}))
def test_no_mail_takes_it_for_markup(kind: NoticeKind) -> None:
    links = Links(["a-secret-of-the-tests-of-mails-0123456789"], "https://pay.example")
    for order in orders():
        assert order.customer
        mail = compose(order, order.customer, Notice(id="3", kind=kind, due_at=NOW, said=6), links, "a@pay.example")
        page = mail.get_body(("html",))
        assert page
        assert HOSTILE[-8:-4] in str(mail.get_body(("plain",)))
        assert "<hostile" not in page.get_content()
        assert "\n" not in str(mail["Subject"])


# --- what was typed comes back in its field, to the letter


def test_no_answer_to_a_form_takes_it_for_markup(
    app: Flask, container: Container, kept: list[Order], visitors: Visitors
) -> None:
    shown = forms(app, visitors)
    assert {route.endpoint for route in app.url_map.iter_rules() if "POST" in route.methods} - shown.keys() == {
        *OTHERWISE_SENT
    }
    del shown["sign_in.sign_out"]  # nobody could send the others after it
    for endpoint, address, form in ((endpoint, *sent) for endpoint, each in shown.items() for sent in each.items()):
        for text in (TOO_LONG, HOSTILE):
            app.extensions = {"container": as_before(container, kept)}
            browser, typed = visitors.browser(address), dict.fromkeys(lines(form), text)
            answer = submit(browser, form, address, typed)
            assert answer.status_code != 401
            looked_through(answer)
            if answer.status_code == 303:
                looked_through(browser.get(answer.location))
            elif answer.status_code == 400:
                assert typed.items() <= lines(Page(answer)).items(), endpoint


def as_before(container: Container, kept: list[Order]) -> Container:
    """The same world, in which nobody has sent anything yet. Who has signed in still has."""
    world = a_container()
    world.people = container.people
    fill(world, kept)
    return world


def forms(app: Flask, visitors: Visitors) -> dict[str, dict[str, Element]]:
    """By endpoint and address: the forms that pages show, of those with the same fields one."""
    found: dict[str, dict[tuple[str, ...], tuple[str, Element]]] = defaultdict(dict)
    routes = app.url_map.bind("localhost")
    for _, answer in pages(app, visitors):
        for form in Page(answer).all("form", method="post") if is_page(answer) else ():
            for address in addresses(form):
                endpoint, _ = routes.match(urlsplit(address).path, "POST")
                found[endpoint][tuple(form.sent())] = address, form
    return {endpoint: dict(each.values()) for endpoint, each in found.items()}


def lines(within: Element | Page) -> dict[str, str]:
    """What stands in each field in which people may write what they like."""
    areas = {area["name"]: area.typed for area in within.all("textarea")}
    texts = [each for each in within.all("input") if each.attributes.get("type", "text") in ("text", "tel")]
    return areas | {each["name"]: each["value"] for each in texts}
