"""What the shop shows of itself on customers' pages: the pages about the law, its logo, colour and contact."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.storefront import Storefront
from tests.web.html import Page

LEGAL = Storefront(
    terms_url="https://shop.example/terms?a=1&b=2",
    privacy_url="https://shop.example/privacy",
    returns_url="https://shop.example/returns",
    imprint_url="https://shop.example/imprint",
)


@pytest.fixture
def lawful(container: Container) -> Container:
    container.config = replace(container.config, storefront=LEGAL)
    return container


@pytest.mark.parametrize("path", ["/checkout", "/orders/", "/policy", "/status", "/no-such-page"])
def test_the_foot_of_each_page_leads_to_the_pages_about_the_law(
    lawful: Container, browser: FlaskClient, path: str
) -> None:
    page = Page(browser.get(path))
    assert [(link.text, link["href"]) for link in page.one("footer").all("a")][3:] == [
        ("Terms and conditions", LEGAL.terms_url),
        ("Privacy policy", LEGAL.privacy_url),
        ("Returns", LEGAL.returns_url),
        ("Imprint", LEGAL.imprint_url),
    ]


def test_before_the_button_stands_what_applies_to_the_order_and_the_form_stays_open(
    lawful: Container, browser: FlaskClient
) -> None:
    page = Page(browser.get("/checkout", headers={"Accept-Language": "de"}))
    links = page.one("p", id="legal-pages").all("a")
    assert [link.text for link in links] == ["AGB", "Datenschutzerklärung", "Rückgabe"]
    assert {link["target"] for link in links} == {"_blank"}


def test_a_shop_without_such_pages_shows_no_empty_sentence(browser: FlaskClient) -> None:
    assert "legal-pages" not in Page(browser.get("/checkout")).source


BRAND = Storefront(
    shop_name="Harbour <Books>",
    shop_logo="https://cdn.example/logo.svg",
    shop_colour="#0b5c5a",
    shop_email="help@shop.example",
    shop_phone="+49 40 5550123",
)


def test_pages_of_customers_have_the_shops_logo_colour_and_contact(container: Container, browser: FlaskClient) -> None:
    container.config = replace(container.config, storefront=BRAND)
    page = Page(browser.get("/status"))
    assert page.one("img", **{"class": "logo"}).attributes["alt"] == "Harbour <Books>"
    assert [link["href"] for link in page.one("footer").all("a")][3:] == [
        "mailto:help@shop.example",
        "tel:+49405550123",
    ]
    [style] = [link["href"] for link in page.all("link", rel="stylesheet") if "brand" in link["href"]]
    answer = browser.get(style)
    assert answer.mimetype == "text/css"
    assert "--accent:#0b5c5a" in answer.text


def test_pages_of_colleagues_stay_as_they_are(container: Container, agent: FlaskClient) -> None:
    container.config = replace(container.config, storefront=BRAND)
    assert "brand.css" not in Page(agent.get("/console")).source


def test_a_shop_that_sets_none_has_our_own_style_alone(browser: FlaskClient) -> None:
    page = Page(browser.get("/status"))
    assert len(page.all("link", rel="stylesheet")) == 1
    assert page.all("img") == []
