"""What the shop shows of itself on customers' pages: the pages about the law."""

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
