"""Rules for every page: content security policy, keyboard, screen readers, slow connections."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.incident.audit import Halt
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Decline, Payment, PaymentState, PlacementState
from fallback.domain.order.withdrawal import Statement, Withdrawal, WithdrawalState, WithdrawnLine
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.support.accounts import Account, Role
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.web.http.compression import pack
from fallback.web.http.static_files import FILES, PACKED, asset
from tests.builders import NOW, a_payment, an_order
from tests.fakes.gateway import FakeGateway
from tests.fakes.primary import FakePrimary
from tests.web.buying import at_checkout, buy
from tests.web.filling import press, sign_in
from tests.web.html import Page
from tests.web.world import CARD

WITHDRAWN = Withdrawal(
    WithdrawalState.ASKED, (Statement("a", NOW, (WithdrawnLine("BK-1", "The Sea, the Sea", 1, 2),), 1, 2),)
)
# Compressed.
BAD_LINE_BYTES = 15_000
STYLE_BYTES = 4_000
FAILOVER_BYTES = 1_500

Open = Callable[[FlaskClient, Container], Page]


def checkout(browser: FlaskClient, _: Container) -> Page:
    return Page(browser.get("/checkout"))


def checkout_with_mistakes(browser: FlaskClient, _: Container) -> Page:
    mistakes = {"contact.name": "", "shipping_address.country": "", "delivery.id": None, "note": "4242 4242 4242 4242"}
    return Page(buy(browser, payment="card", **mistakes))


def checkout_with_a_card_kept(browser: FlaskClient, container: Container) -> Page:
    page = at_checkout(browser, "/checkout?checking=1")
    container.readiness.found = ("Redis is away.",)
    return Page(buy(browser, page, payment="card", confirmation_token=CARD))


def a_problem(browser: FlaskClient, _: Container) -> Page:
    return Page(browser.get("/nowhere"))


def ordered_before(browser: FlaskClient, container: Container) -> Page:
    container.ledger.keep(an_order(cart_id="basket-17"))
    return Page(browser.get("/checkout"))


def an_order_page(view: str = "", query: str = "", **changes: object) -> Open:
    def opened(browser: FlaskClient, container: Container) -> Page:
        ref = container.ledger.keep(an_order(**changes)).ref
        return Page(browser.get(f"/orders/{ref}{view}?key={container.links.key(ref)}&{query}"))

    return opened


def console(path: str) -> Open:
    def opened(browser: FlaskClient, container: Container) -> Page:
        order = container.ledger.keep(an_order(holds=(new_hold(HoldCode.POISON, "desk", NOW, "payment"),)))
        sign_in(browser)
        return Page(browser.get(path.replace("{ref}", order.ref)))

    return opened


def setting_up(browser: FlaskClient, container: Container) -> Page:
    """Somebody who signs in with a password, and will need a code from now on."""
    container.people.add(Account("Mara", Role.AGENT, "a hash"))
    with browser.session_transaction("/console") as session:
        session["visit"] = ["Mara", container.people.begin_session("Mara", container.clock())]
    return Page(browser.get("/console/account/set-up"))


def an_incident(path: str) -> Open:
    """One that was counted, while neither Stripe nor the shop could be asked, and while the drain is halted."""

    def opened(browser: FlaskClient, container: Container) -> Page:
        container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ada", "the payment page is down"))
        follow_mode(container)
        container.halts.halt(Halt(NOW, "fallback", "The shop has lost 3 orders that it had before."))
        container.ledger.keep(an_order())
        container.gateway, container.primary = FakeGateway(), FakePrimary()
        container.gateway.fail_next("listed", TryAgain("Stripe is away"))
        container.primary.fail_next("placed_since", TryAgain("the shop is away"))
        count_balance(container, "2026-11-21-100000")
        return console(path)(browser, container)

    return opened


def giving_money_back(browser: FlaskClient, container: Container) -> Page:
    """The form, once it was filled with mistakes."""
    paid = a_payment(PaymentState.CAPTURED)
    order = container.ledger.keep(an_order(payment=paid, placement=PlacementState.VERIFIED))
    sign_in(browser)
    page = Page(browser.get(f"/console/orders/{order.ref}/refunds"))
    return press(browser, page, "/refunds", amount="much", reason="")


def in_an_outage(browser: FlaskClient, container: Container) -> Page:
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ada", "the payment page is down"))
    return Page(browser.get("/away"))


def switching(browser: FlaskClient, container: Container) -> Page:
    """Asked once more: an order is not handed over yet."""
    container.ledger.keep(an_order())
    sign_in(browser)
    page = Page(browser.get("/console/oncall"))
    return press(browser, page, "/oncall/mode", mode="standby", reason="all is well", until="usual")


DECLINED = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, decline=Decline("expired_card", "customer"))
BANK_ASKS = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, next_action_url="https://bank.example")
VOIDED = Payment(amount=3093, state=PaymentState.VOIDED)
BOUGHT_ALREADY = {"holds": (new_hold(HoldCode.POSSIBLE_RIVAL, "customer", NOW, "100077"),)}
PAGES = {
    "checkout": checkout,
    "checkout with mistakes": checkout_with_mistakes,
    "checkout with a card kept": checkout_with_a_card_kept,
    "a problem": a_problem,
    "ordered before": ordered_before,
    "order": an_order_page(),
    "order declined": an_order_page(payment=DECLINED),
    "order at the bank": an_order_page(payment=BANK_ASKS),
    "cancel": an_order_page("/cancellation"),
    "withdraw from the contract": an_order_page("/withdrawal"),
    "withdrawn": an_order_page(withdrawal=WITHDRAWN),
    "nothing to withdraw from": an_order_page("/withdrawal", placement=PlacementState.CANCELLED, payment=VOIDED),
    "undo and start again": an_order_page("/cancellation", "again=1"),
    "order that has ended": an_order_page(placement=PlacementState.CANCELLED, payment=VOIDED),
    "order that may be bought already": an_order_page(**BOUGHT_ALREADY),
    "the customer bought it already": an_order_page("/rival/same", **BOUGHT_ALREADY),
    "find order": lambda browser, _: Page(browser.get("/orders/")),
    "find order with mistakes": lambda browser, _: press(
        browser, Page(browser.get("/orders/")), "/orders/", email="iris"
    ),
    "console sign in": lambda browser, _: Page(browser.get("/console/sign-in")),
    "console account": console("/console/account"),
    "console second step": setting_up,
    "console orders": console("/console?find=nonsense"),
    "console order": console("/console/orders/{ref}"),
    "console on call": console("/console/oncall"),
    "console switch": switching,
    "console drain": console("/console/oncall/drain"),
    "console dry run": console("/console/oncall/drain/dry-run"),
    "console unfinished forms": console("/console/drafts?find=iris@example.org"),
    "console report": console("/console/report"),
    "console incidents": an_incident("/console/incidents"),
    "console incident": an_incident("/console/incidents/2026-11-21-100000"),
    "console incident report": an_incident("/console/incidents/2026-11-21-100000/report"),
    "console inbox": console("/console/inbox"),
    "console remarks": console("/console/remarks?said=1"),
    "console giving money back": giving_money_back,
    "instead of a page of the shop": in_an_outage,
    "policy": lambda browser, _: Page(browser.get("/policy")),
}


@pytest.fixture(params=PAGES.values(), ids=PAGES.keys())
def page(request: pytest.FixtureRequest, browser: FlaskClient, container: Container) -> Page:
    return request.param(browser, container)


# --- the policy


def test_a_page_has_no_script_or_style_of_its_own(page: Page) -> None:
    assert page.all("style") == []
    assert all(script["src"].startswith("/static/fallback/") for script in page.all("script"))
    for element in page.elements:
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]


def test_every_file_that_a_page_loads_is_there(page: Page, app: Flask) -> None:
    addresses = [script["src"] for script in page.all("script")]
    addresses += [link["href"] for link in page.all("link", rel="stylesheet")]
    assert [app.test_client().get(address).status_code for address in addresses] == [200] * len(addresses)


def test_a_page_is_kept_by_no_cache(browser: FlaskClient) -> None:
    for path in ("/checkout", "/nowhere", "/console/sign-in"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_the_policy_lets_only_us_and_stripe_run(browser: FlaskClient) -> None:
    policy = browser.get("/checkout").headers["Content-Security-Policy"]
    assert "script-src 'self' https://js.stripe.com https://*.js.stripe.com;" in policy
    assert "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com https://link.com" in policy
    assert "connect-src 'self' https://api.stripe.com https://link.com https://*.link.com;" in policy
    assert "unsafe" not in policy


def test_a_wallets_window_may_answer_to_the_page(browser: FlaskClient) -> None:
    assert browser.get("/checkout").headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


# --- for everybody


def test_a_page_says_its_language_and_what_it_is(page: Page) -> None:
    assert page.one("html")["lang"] == "en-GB" or page.one("html")["lang"] == "en"
    assert page.all("title")[0].text  # the others are of pictures
    assert page.title
    assert page.one("meta", name="viewport")["content"] == "width=device-width, initial-scale=1"


def test_every_field_has_a_label(page: Page) -> None:
    labelled = {label["for"] for label in page.all("label")}
    fields = [element for element in page.elements if element.tag in ("input", "select", "textarea")]
    unlabelled = [field for field in fields if field.attributes.get("type") != "hidden" and field["id"] not in labelled]
    assert unlabelled == []


def test_ids_are_unique_and_what_names_them_finds_them(page: Page) -> None:
    ids = [element["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.elements:
        for name in ("aria-describedby", "aria-labelledby", "for"):
            assert set(element.attributes.get(name, "").split()) <= set(ids)
        if element.attributes.get("href", "").startswith("#"):
            assert element["href"].removeprefix("#") in ids


def test_every_button_and_link_says_what_it_does(page: Page) -> None:
    shown = [each for each in page.elements if each.tag in ("a", "button") and "hidden" not in each.attributes]
    assert all(element.text for element in shown)


def test_pictures_are_told_to_be_decoration(page: Page) -> None:
    assert all(picture["alt"] == "" for picture in page.all("img"))


def test_fields_that_the_browser_knows_are_filled_by_it(browser: FlaskClient, container: Container) -> None:
    page = checkout(browser, container)
    known = {field["name"]: field.attributes.get("autocomplete") for field in page.all("input", type="text")}
    assert known["contact.name"] == "name"
    assert known["shipping_address.line1"] == "shipping address-line1"
    assert page.one("input", name="contact.email")["autocomplete"] == "email"


# --- on a bad line


def test_a_page_is_light_with_all_that_it_loads_from_us(page: Page, app: Flask) -> None:
    ours = sum(len(PACKED[name]) for name in loaded_by(page.source))
    assert len(pack(page.source.encode())) + ours < BAD_LINE_BYTES


def loaded_by(text: str) -> set[str]:
    """Our files that a page or a script loads, with those that these load."""
    names = {name for name in FILES if f'"{asset(name)}"' in text or f'"./{name}"' in text}
    return names.union(*(loaded_by(FILES[name].decode()) for name in names))


def test_style_and_failover_are_small() -> None:
    assert len(PACKED["checkout.css"]) < STYLE_BYTES
    assert len(PACKED["failover.js"]) < FAILOVER_BYTES


def test_files_are_kept_for_good_under_their_version(browser: FlaskClient) -> None:
    assert "immutable" in browser.get(asset("checkout.css")).headers["Cache-Control"]
    old = browser.get("/static/fallback/0123456789ab/checkout.css")
    assert (old.status_code, old.headers["Cache-Control"]) == (200, "public, max-age=300")
    assert browser.get("/static/fallback/0123456789ab/none.css").status_code == 404


def test_failover_js_has_one_address_for_good(browser: FlaskClient) -> None:
    answer = browser.get("/failover.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "public, max-age=300")


# --- in other languages


def test_a_page_in_german_has_no_english_left(browser: FlaskClient, container: Container) -> None:
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de-DE"
    for opened in (checkout, a_problem, console("/console/oncall"), console("/console?find=x")):
        page = opened(browser, container)
        assert page.one("html")["lang"] == "de-DE"
        assert not re.search(r"\b(the|your|order|is|not)\b", page.one("main").text)
