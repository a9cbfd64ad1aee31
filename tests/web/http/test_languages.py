"""The languages are those that have catalogs; nothing else names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback import i18n
from fallback.bootstrap.container import Container
from fallback.domain.order.grants import BY_PEOPLE
from fallback.domain.payment.policy import Policy, sentences
from fallback.domain.storefront import Storefront
from fallback.web.http.voice import Voice
from fallback.web.purchase.policy_words import sentence
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.buying import buy
from tests.web.customer.checkout_page import the_order
from tests.web.filling import filled, forge, send
from tests.web.html import Page


def test_a_language_is_there_as_soon_as_it_has_catalogs(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    danish = Catalog(locale="da")
    danish.add("We do not know the shop's status right now", "Vi kender ikke butikkens status lige nu")
    (tmp_path / "locales/da").mkdir(parents=True)
    with (tmp_path / "locales/da/outage.po").open("wb") as file:
        write_po(file, danish)
    for path in i18n.TEMPLATES.glob("[!l]*"):
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(i18n, "TEMPLATES", tmp_path)
    monkeypatch.setattr(i18n, "LANGUAGES", i18n.languages())
    page = Page(client.get("/status", headers={"Accept-Language": "da-DK, en;q=0.8"}))
    assert (page.one("html")["lang"], page.title) == ("da-DK", "Vi kender ikke butikkens status lige nu")
    assert client.get("/v1/status").json["sentence"]["da"] == "Vi kender ikke butikkens status lige nu"


# --- how one is chosen

LANGUAGES = {"class": "languages"}
GERMAN = {"Accept-Language": "de-AT, en;q=0.5"}


def languages_of(page: Page) -> list[str]:
    return [button["lang"] for button in page.one("form", **LANGUAGES).all("button")]


def choose(browser: FlaskClient, page: Page, language: str) -> str:
    return str(send(browser, page, "/orders/language", language=language).headers["Location"])


def test_of_more_languages_than_anybody_speaks_the_first_count(browser: FlaskClient) -> None:
    page = Page(browser.get("/status", headers={"Accept-Language": "xx, " * 10_000 + "de"}))
    assert page.one("html")["lang"] == "en"
    page = Page(browser.get("/status", headers={"Accept-Language": "xx, de-AT, " * 10_000}))
    assert page.one("html")["lang"] == "de-AT"


def test_the_browser_asks_for_a_language_until_the_visitor_chooses_one(browser: FlaskClient) -> None:
    page = Page(browser.get("/status?from=shop", headers=GERMAN))
    assert (page.one("html")["lang"], languages_of(page)) == ("de-AT", list(i18n.LANGUAGES))
    assert page.one("button", **{"aria-current": "true"}).text == "Deutsch"
    assert choose(browser, page, "en") == "/status?from=shop"
    assert Page(browser.get("/status", headers=GERMAN)).one("html")["lang"] == "en"
    assert Page(browser.get("/status", headers={"Accept-Language": "de, en-GB"})).one("html")["lang"] == "en-GB"


def test_the_shop_offers_some_and_the_first_is_for_everybody_else(browser: FlaskClient, container: Container) -> None:
    container.config = replace(container.config, storefront=Storefront(customer_languages=("de", "en")))
    page = Page(browser.get("/status", headers={"Accept-Language": "fr, ja"}))
    assert (page.one("html")["lang"], languages_of(page)) == ("de", ["de", "en"])
    container.config = replace(container.config, storefront=Storefront(customer_languages=("de",)))
    page = Page(browser.get("/status", headers={"Accept-Language": "en"}))
    assert (page.one("html")["lang"], "languages" in page.source) == ("de", False)


def test_a_colleague_chooses_one_that_the_shop_does_not_offer_its_customers(
    agent: FlaskClient, container: Container
) -> None:
    container.config = replace(container.config, storefront=Storefront(customer_languages=("de",)))
    page = Page(agent.get("/console/account", headers=GERMAN))
    assert choose(agent, page, "fr") == "/console/account"
    assert Page(agent.get("/console/account", headers=GERMAN)).one("html")["lang"] == "fr"
    assert Page(agent.get("/status", headers={"Accept-Language": "en"})).one("html")["lang"] == "de"


def test_a_checkout_keeps_what_was_typed_and_the_order_has_the_language(
    browser: FlaskClient, ledger: FakeLedger
) -> None:
    page = Page(browser.get("/checkout", headers={"Accept-Language": "en"}))
    german = page.one("button", value="de")
    assert (german["form"], german["formaction"]) == ("checkout", "/checkout/fields")
    form = filled(page.one("form", id="checkout"), {"contact.name": "Iris M"})  # the button stands outside the form
    page = Page(forge(browser, german["formaction"], form | {"language": german["value"]}))
    assert (page.one("html")["lang"], page.one("input", name="contact.name")["value"]) == ("de", "Iris M")
    assert page.one("input", name="locale")["value"] == "de"
    buy(browser, page)
    assert the_order(ledger).locale == "de"


def test_an_orders_page_is_read_in_the_language_that_was_chosen(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    order = ledger.keep(an_order())
    path = f"/orders/{order.ref}?key={container.links.key(order.ref)}"
    answer = browser.get(path)
    page = Page(answer)
    assert page.one("html")["lang"] == order.locale
    assert choose(browser, page, "de") == path
    other = browser.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert Page(other).one("html")["lang"] == "de"
    assert "HU1 1AA Vereinigtes Königreich" in Page(other).text


@pytest.mark.parametrize(
    "page",
    [
        *("https://evil.example/", "//evil.example/", "/\\evil.example", "status", "", "/a\r\nb", "//[", "data:x"),
        # Python reads no host in it, but browsers skip any number of slashes.
        *("///evil.example", "////evil.example/"),
    ],
)
def test_the_way_back_leads_to_no_other_site(client: FlaskClient, page: str) -> None:
    answer = forge(client, "/orders/language", {"to": page, "language": "tlh"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/status")
    assert "Set-Cookie" not in answer.headers


# --- the refund policy, which a shop may write itself


def test_every_sentence_of_our_policy_is_said_in_each_language(container: Container) -> None:
    policy: Policy = container.policy
    said = [text for _, text in sentences(policy)]
    assert len(said) > 8
    assert len({kind for kind in BY_PEOPLE if policy.reasons_for(kind)}) == len(BY_PEOPLE)
    for text in said:
        words = {sentence(text, Voice(language)) for language in i18n.LANGUAGES}
        assert (text["en"], len(words)) == (text["en"], len(i18n.LANGUAGES))


def test_a_sentence_of_the_shop_is_in_the_readers_language_or_else_in_english() -> None:
    text = {"en": "It rained: 100 % wet", "de": "Es regnete"}
    assert [sentence(text, Voice(locale)) for locale in ("en", "de-AT", "fr")] == [text["en"], text["de"], text["en"]]
