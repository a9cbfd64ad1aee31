from __future__ import annotations

from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from fallback.i18n import LANGUAGES, TEMPLATES

TRANSLATED = [language for language in LANGUAGES if language != "en"]


def texts() -> set[str]:
    """Everything that the templates of the mails mark for translation."""
    blocks = {"trim_blocks": "true", "lstrip_blocks": "true"}
    found = extract_from_dir(TEMPLATES / "mail", [("**", "jinja2")], {"**": blocks})
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def catalog(language: str) -> Catalog:
    with (TEMPLATES / "locales" / language / "mail.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def translations(language: str) -> Iterator[tuple[str, str]]:
    return ((str(message.id), str(message.string)) for message in catalog(language) if message.id)


def test_there_is_a_language_besides_english() -> None:
    assert "de" in TRANSLATED


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_mails_is_translated_and_no_other_stands_in_the_catalog(language: str) -> None:
    assert {text for text, _ in translations(language)} == texts()
    assert [text for text, translation in translations(language) if not translation] == []
    assert [message.id for message in catalog(language) if message.fuzzy and message.id] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_uses_the_same_figures(language: str) -> None:
    errors = [(message.id, list(message.check(catalog(language)))) for message in catalog(language)]
    assert [(text, found) for text, found in errors if found] == []
