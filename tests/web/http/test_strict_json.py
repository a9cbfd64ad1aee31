"""A glance at the whole body never overlooks what looking through its objects would find."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fallback.domain.errors import Invalid
from fallback.web.http.strict_json import _LOOKING_THROUGH, CardNumber, _is_harmless

NAMES = st.sampled_from(["name", "note", "phone", "cart_token", "message_id", 'na"me', "näme", "a:b"])
DIGITS = st.text("4242 ４２-+0", max_size=24)
TEXTS = st.one_of(DIGITS, st.sampled_from(["4242 4242 4242 4242", 'say "hello": x', "\\", "{", '","name":"']))


def _written(pairs: list[tuple[str, Any]]) -> str:
    """JSON that may have a name twice, which no library writes."""
    return "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)} : {value}" for name, value in pairs) + "}"


VALUES = st.recursive(
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    lambda inner: st.lists(st.tuples(NAMES, inner), max_size=4).map(_written),
    max_leaves=8,
)
BODIES = st.lists(st.tuples(NAMES, VALUES), max_size=5).map(_written)


@given(BODIES)
def test_what_looks_harmless_is(text: str) -> None:
    assume(_is_harmless(text))
    _LOOKING_THROUGH.decode(text)


@pytest.mark.parametrize("text", ['{"name": "Ada"}', '{"note": "1 2 3", "phone": "+49 30 123456"}'])
def test_an_ordinary_body_looks_harmless(text: str) -> None:
    assert _is_harmless(text)


@pytest.mark.parametrize("text", ['{"name": "1", "name": "2"}', '{"note": "4242 4242 4242 4242"}'])
def test_what_is_not_harmless_is_found(text: str) -> None:
    assert not _is_harmless(text)
    with pytest.raises((Invalid, CardNumber)):
        _LOOKING_THROUGH.decode(text)
