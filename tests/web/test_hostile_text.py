"""Whatever is stored in any field stands on every page and in every mail as text, and never as markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace
from werkzeug.test import TestResponse

from fallback.bootstrap import Container
from fallback.domain.amendment import Amendment
from fallback.domain.cart import DeliveryOption, Discount
from fallback.domain.errands import Callback, Handover
from fallback.domain.grants import Grant, GrantKind, GrantState
from fallback.domain.holds import HoldCode
from fallback.domain.incident import Entry, Happened, Incident
from fallback.domain.links import Links
from fallback.domain.order import (
    Address,
    Decline,
    Event,
    Notice,
    NoticeKind,
    Order,
    PaymentState,
    Placement,
    PlacementState,
    Said,
)
from fallback.domain.people import Role
from fallback.notices.message import compose
from fallback.web.event_words import EVENTS
from tests.builders import BOOK, CUSTOMER, NOW, SLOT, STANDARD, a_hold, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.conftest import a_browser
from tests.web.html import Page

# It closes whatever it could stand in, and would be an element then.
HOSTILE = "'\">--></textarea></title></script></style><hostile>{{ 7*7 }}&lt;%s"
# What has no text of people in it: names for machines, and what is checked where it comes in.
FIXED = {"ref", "cart_id", "currency", "locale", "country", "email", "intent", "id", "reason", "advice", "code", "what"}
FIGURES = {"said": 4, "amount": 100}
SAID = ("asked", "tried", "promised", "question", "note", "sentence")


def hostile(thing: Any) -> Any:
    """The same with this text wherever people, the shop or Stripe write."""
    if isinstance(thing, msgspec.Struct):
        changed = {}
        for name in thing.__struct_fields__:
            value = getattr(thing, name)
            changed[name] = HOSTILE if type(value) is str and value and name not in FIXED else hostile(value)
        return replace(thing, **{name: value for name, value in changed.items() if name not in FIXED})
    return tuple(map(hostile, thing)) if isinstance(thing, tuple) else thing


def a_grant(number: int, state: GrantState, kind: GrantKind) -> Grant:
    return Grant(
        id=number, kind=kind, amount=200, reason="late", who="Ann", at=NOW, incident="I-1", state=state, said=6
    )


def order_in(payment: PaymentState, placement: PlacementState, *holds: HoldCode, **changes: Any) -> Order:
    customer = replace(
        CUSTOMER,
        phone="+44 1482 300300",
        note="Ring twice",
        said=tuple(Said(number, text) for number, text in enumerate(SAID, 1)),
        wanted_address=Address("Iris Murdoch", "2 Quay", "Hull", "HU1 1AA", "GB", line2="Rear", region="East"),
    )
    order = an_order(
        customer=customer,
        payment=replace(a_payment(payment), decline=Decline("lost_card", "never")),
        options=(DeliveryOption("standard", "Standard", 495, ()), DeliveryOption("courier", "Courier", 790, (SLOT,))),
        placement=Placement(state=placement, id="7", number="100007"),
        holds=tuple(replace(a_hold(code, "BK-1"), said=4) for code in holds),
        **changes,
    )
    return hostile(order)


def orders() -> list[Order]:
    P, L = PaymentState, PlacementState
    handover = Handover(to="Jo", by="Ann", accept_by=NOW, asked=1, tried=2, promised=3)
    wanted = Amendment(who="Ann", since=NOW, what="lines delivery address", lines=(BOOK,), delivery=STANDARD, said=6)
    grants = (a_grant(1, GrantState.ASKED, GrantKind.GOODWILL), a_grant(2, GrantState.GRANTED, GrantKind.REFUND))
    return [
        order_in(P.AUTHORIZED, L.HELD, *HoldCode, handover=handover, callback=Callback(5, NOW), owner="Ann"),
        order_in(P.CAPTURED, L.VERIFIED, grants=grants),
        order_in(P.AUTHORIZED, L.VERIFIED, amendment=wanted),
        order_in(P.ACTION_REQUIRED, L.HELD),
        order_in(P.CAPTURED, L.VERIFIED, discounts=(Discount("Summer", 100),)),
        order_in(P.AUTHORIZED, L.HELD),
        order_in(P.VOIDED, L.MERGED),
        order_in(P.VOIDED, L.CANCELLED, last_word=6),
    ]


def timeline() -> list[Event]:
    """A line of each kind, with this text for whatever its sentence names."""
    named = re.findall(r"%\((\w+)\)s", "".join(EVENTS.values()))
    return [Event(NOW, what, HOSTILE, dict.fromkeys(named, HOSTILE) | FIGURES) for what in EVENTS]


def looked_through(answer: TestResponse) -> str:
    """The text of a page on which nothing of it is markup."""
    if answer.mimetype != "text/html":
        return answer.text
    page = Page(answer)
    assert page.all("hostile") == [], answer.request.path
    assert "<hostile" not in answer.text, answer.request.path
    return " ".join([page.text, *(value for element in page.elements for value in element.attributes.values())])


@pytest.fixture
def kept(container: Container, ledger: FakeLedger) -> list[Order]:
    written = [ledger.keep(order) for order in orders()]
    for order in written:
        ledger.commit(order, order, timeline())
    entry = Entry(NOW, Happened.NOTED, HOSTILE, HOSTILE)
    container.incidents.open(
        Incident(id="I-1", reason=HOSTILE, began=NOW - timedelta(days=1), after=0, followed=NOW, timeline=(entry,))
    )
    return written


@pytest.mark.parametrize("tail", ["", "/lines", "/delivery", "/address", "/contact", "/cancellation", "/refunds"])
def test_no_page_of_an_order_takes_it_for_markup(
    app: Flask, container: Container, kept: list[Order], colleague: Callable[[str, Role], FlaskClient], tail: str
) -> None:
    agent, shown = colleague("Ann", Role.ADMIN), 0
    for order in kept:
        key = {"key": container.links.key(order.ref)}
        theirs = agent.get(f"/console/orders/{order.ref}{tail}")
        ours = a_browser(app).get(f"/orders/{order.ref}{tail}", query_string=key)
        shown += sum(HOSTILE in looked_through(answer) for answer in (theirs, ours) if answer.status_code == 200)
    assert shown or tail == "/refunds"  # that page names figures only


PAGES = ["", "?find=100007", "/mine", "/callbacks", "/drafts", "/remarks", "/incidents", "/incidents/I-1"]
PAGES += ["/incidents/I-1/report", "/oncall", "/oncall/drain", "/report", "/state"]


@pytest.mark.parametrize("path", PAGES)
def test_no_list_of_the_console_takes_it_for_markup(
    kept: list[Order], colleague: Callable[[str, Role], FlaskClient], path: str
) -> None:
    answer = colleague("Ann", Role.ADMIN).get(f"/console{path}")
    assert answer.status_code == 200
    assert kept
    looked_through(answer)


@pytest.mark.parametrize("kind", NoticeKind)
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


def test_what_was_refused_stands_in_its_field_as_it_was_typed(
    container: Container, kept: list[Order], colleague: Callable[[str, Role], FlaskClient]
) -> None:
    agent, too_long, refilled = colleague("Ann", Role.ADMIN), f"{HOSTILE}\n{'x' * 3000}", []
    for order in kept:
        path = f"/console/orders/{order.ref}"
        for tail in ("", "/lines", "/delivery", "/address", "/contact", "/refunds", "/cancellation"):
            answer = agent.get(path + tail)
            if answer.status_code != 200:
                continue
            for form in filter(lambda form: form.all("textarea"), Page(answer).all("form", method="post")):
                areas = dict.fromkeys((area["name"] for area in form.all("textarea")), too_long)
                hidden = {each["name"]: each["value"] for each in form.all("input") if each["type"] == "hidden"}
                refused = agent.post(form["action"], data=dict.fromkeys(form.sent(), "") | hidden | areas)
                if refused.status_code == 400:
                    looked_through(refused)
                    refilled += [area["name"] for area in Page(refused).all("textarea") if area.typed == too_long]
    assert set(refilled) == {"asked", "tried", "note", "sentence", "answer"}
