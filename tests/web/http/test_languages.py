"""The languages are those that have catalogs; nothing else names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from flask.testing import FlaskClient

from fallback import i18n
from fallback.bootstrap.container import Container
from fallback.domain.order.grants import BY_PEOPLE
from fallback.domain.payment.policy import Policy, sentences
from fallback.web.http.voice import Voice
from fallback.web.purchase.policy_words import sentence
from tests.web.html import Page


def test_a_language_is_there_as_soon_as_it_has_catalogs(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    danish = Catalog(locale="da")
    danish.add("You can order as usual", "Du kan bestille som sædvanligt")
    (tmp_path / "locales/da").mkdir(parents=True)
    with (tmp_path / "locales/da/outage.po").open("wb") as file:
        write_po(file, danish)
    for path in i18n.TEMPLATES.glob("[!l]*"):
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(i18n, "TEMPLATES", tmp_path)
    monkeypatch.setattr(i18n, "LANGUAGES", i18n.languages())
    page = Page(client.get("/status", headers={"Accept-Language": "da-DK, en;q=0.8"}))
    assert (page.one("html")["lang"], page.title) == ("da-DK", "Du kan bestille som sædvanligt")
    assert client.get("/v1/status").json["sentence"]["da"] == "Du kan bestille som sædvanligt"


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
