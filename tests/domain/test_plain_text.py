"""Texts in a normal form, however long and odd they are."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fallback
from fallback.domain import plain_text
from fallback.domain.plain_text import normalized

MARKS = "\u0315\u0300"


@given(st.text(max_size=256))
def test_whatever_is_stored_has_the_normal_form_of_unicode(text: str) -> None:
    assert normalized("NFC", text) == unicodedata.normalize("NFC", text)
    assert normalized("NFKC", text) == unicodedata.normalize("NFKC", text)


def test_marks_without_end_are_never_sorted_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[str] = []

    def normalize(form: str, piece: str) -> str:
        pieces.append(piece)
        return unicodedata.normalize(form, piece)

    monkeypatch.setattr(plain_text, "unicodedata", type("", (), {"normalize": staticmethod(normalize)}))
    text = "a" + MARKS * 10_000
    normalized("NFKC", text)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 256


def test_nobody_else_brings_a_text_of_customers_into_a_normal_form() -> None:
    """The names of countries in voice.py are ours."""
    modules = Path(fallback.__file__).parent.rglob("*.py")
    callers = {path.name for path in modules if re.search(r"unicodedata.*\bnormalize\b", path.read_text())}
    assert callers == {"plain_text.py", "voice.py"}
