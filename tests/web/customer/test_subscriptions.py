"""/status/subscription: a mail when the shop is back, only for those who confirm that they want it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.outage.mode import Mode, ModeState
from tests.web.filling import arrived, forge, press, send
from tests.web.html import Page
from tests.web.world import NOW

EMAIL = "iris@example.org"
PAGE = "/status/subscription"


def ask(browser: FlaskClient, email: str = EMAIL) -> Page:
    return press(browser, Page(browser.get(PAGE)), PAGE, {"email": email})


def subscribed(browser: FlaskClient, container: Container) -> str:
    """The path in the mail."""
    ask(browser)
    return f"{PAGE}/{container.subscriptions.name(EMAIL)}"


def test_it_is_offered_while_the_shop_is_away(browser: FlaskClient, container: Container) -> None:
    offer = "Tell me when the shop is back"
    assert offer not in Page(browser.get("/status")).text
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Omar", "down"))
    page = Page(browser.get("/status"))
    assert [each["href"] for each in page.all("a") if each.text == offer] == [PAGE]
    after = ask(browser)
    assert after.title == "Please confirm your address"
    assert container.subscriptions.count_due(NOW) == 1


def test_a_page_that_is_reloaded_without_scripts_has_no_field_to_lose(
    browser: FlaskClient, container: Container
) -> None:
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Omar", "down"))
    page = Page(browser.get("/status"))
    assert 'http-equiv="refresh"' in page.source
    assert [each["name"] for each in page.all("input") if each.attributes.get("type") != "hidden"] == []


def test_the_answer_is_the_same_for_an_address_that_asked_before(browser: FlaskClient, container: Container) -> None:
    assert len({ask(browser).source for _ in range(2)}) == 1
    assert container.subscriptions.count() == 1


def test_what_is_no_address_is_refused_at_its_field(browser: FlaskClient, container: Container) -> None:
    page = ask(browser, "iris")
    assert page.status == 400
    assert "Enter an e-mail address" in page.text
    assert container.subscriptions.count() == 0


def test_too_many_are_told_so(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fallback.usecases.support.subscribe.MOST", 0)
    page = ask(browser)
    assert (page.status, "We cannot take more addresses" in page.text) == (503, True)


def test_only_a_press_confirms_not_the_link_alone(browser: FlaskClient, container: Container) -> None:
    path = subscribed(browser, container)
    page = Page(browser.get(path))
    assert page.title == "Shall we tell you when the shop is back?"
    assert [kept.confirmed for _, kept in container.subscriptions.each()] == [False]
    assert arrived(browser, send(browser, page, path, {"confirm": "1"})).title == "We tell you when the shop is back"
    assert [kept.confirmed for _, kept in container.subscriptions.each()] == [True]
    assert Page(browser.get(path)).title == "We tell you when the shop is back"


def test_one_click_in_a_mail_program_is_enough_to_take_it_back(
    browser: FlaskClient, client: FlaskClient, container: Container
) -> None:
    """RFC 8058: without a cookie, without an origin."""
    path = subscribed(browser, container)
    assert forge(client, path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert container.subscriptions.count() == 0
    gone = Page(browser.get(path))
    assert (gone.status, gone.title) == (404, "This link is not valid any more")
    assert forge(client, path, {"confirm": "1"}).status_code == 404
    assert forge(client, path, {"List-Unsubscribe": "One-Click"}).status_code == 200


@pytest.mark.parametrize("path", [PAGE, "/orders/"])
def test_another_site_cannot_ask_in_the_name_of_its_visitors(
    client: FlaskClient, container: Container, path: str
) -> None:
    """Neither a browser of today, which says so, nor an old one, whose Origin does."""
    for header, elsewhere in (("Sec-Fetch-Site", "cross-site"), ("Origin", "https://elsewhere.example")):
        answer = forge(client, path, {"email": EMAIL, "ref": "FB-7K3M-92QX-N"}, headers={header: elsewhere})
        assert answer.status_code == 403
    assert container.subscriptions.count() == 0


def test_the_addresses_of_one_customer_count_as_one(browser: FlaskClient, container: Container) -> None:
    """Whoever has one address of IPv6 has 2⁶⁴ of them."""
    senders: list[str] = []
    container.subscriptions.count_from = lambda sender: senders.append(sender) or 1
    for last in ("::1", ":ffff::2"):
        browser.environ_base["REMOTE_ADDR"] = f"2001:db8:0:7{last}"
        ask(browser)
    assert len(set(senders)) == 1
