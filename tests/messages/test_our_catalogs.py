"""The catalogs of this project: complete, each text in one place."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from click.testing import CliRunner

from fallback.i18n import LANGUAGES
from fallback.runtime.data import TEMPLATES
from ops.messages.__main__ import messages
from ops.messages.catalogs import read, update
from ops.messages.texts import CATALOGS, Text, marked

ROOT = TEMPLATES.parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return marked(ROOT)


def test_nothing_is_missing_fuzzy_unused_or_misplaced(texts: list[Text]) -> None:
    assert "de" in TRANSLATED
    checked = CliRunner().invoke(messages, "check")
    assert (checked.exit_code, checked.output) == (0, f"{len(texts)} texts, all translated.\n")


def test_each_line_of_the_rule_is_that_of_some_text(texts: list[Text]) -> None:
    files = {file for text in texts for file in text.files}
    used = {next(pattern for pattern, _ in CATALOGS if fnmatchcase(file, pattern)) for file in files}
    assert [pattern for pattern, _ in CATALOGS if pattern not in used] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_can_be_filled_in_and_is_no_markup(language: str) -> None:
    for entry in (entry for catalog in read(TEMPLATES / "locales" / language).values() for entry in catalog):
        values = dict.fromkeys(re.findall(r"%\((\w+)\)s", "".join(entry.forms)), "x")
        for text in entry.strings:
            assert text % values
            assert not set("<>&") & set(text)


@pytest.mark.parametrize("language", TRANSLATED)
def test_update_changes_no_translation(language: str, texts: list[Text], tmp_path: Path) -> None:
    folder = tmp_path / language
    folder.mkdir()
    for path in (TEMPLATES / "locales" / language).glob("*.po"):
        (folder / path.name).write_bytes(path.read_bytes())
    update(folder, texts)
    once = {path.name: path.read_bytes() for path in folder.iterdir()}
    update(folder, texts)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == once
    assert len(once) > 8
