"""Which texts are e-mail addresses, and how they are stored: the same for pages and programs."""

from __future__ import annotations

import re

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.checkout.mail_addresses import _USUAL, deliverable, is_address, readable


@pytest.mark.parametrize(
    ("typed", "kept", "sent_to"),
    [
        ("kunde@faß.example", "kunde@faß.example", "kunde@xn--fa-hia.example"),
        ("ada@κλαρα-σωλις.example", "ada@κλαρα-σωλις.example", "ada@xn----ylba7abgd9bnh0e.example"),
        ("kunde@xn--fa-hia.example", "kunde@faß.example", "kunde@xn--fa-hia.example"),
        ("Iris@EXAMPLE.org", "Iris@example.org", "Iris@example.org"),
        ("jörg@example.com", "jörg@example.com", "jörg@example.com"),
        ("jo\u0308rg@example.com", "jörg@example.com", "jörg@example.com"),
        ("o'brien+books@example.co.uk", "o'brien+books@example.co.uk", "o'brien+books@example.co.uk"),
    ],
)
def test_mail_domains_follow_idna_2008_as_in_browsers(typed: str, kept: str, sent_to: str) -> None:
    """IDNA 2008 (RFC 5891), not 2003: 'faß' is another domain than 'fass'."""
    assert (readable(typed), deliverable(readable(typed))) == (kept, sent_to)


@pytest.mark.parametrize(
    "typed",
    [
        *("ada,b@example.com", "<ada@example.com>", "ada@[127.0.0.1]", "ada@example", ".ada@example.com"),
        *("a..b@example.com", "ada@-example.com", "ada@example.com.", "ada@exa\u200bmple.com", "ada@shop.invalid", ""),
    ],
)
def test_what_no_mail_server_takes_is_none(typed: str) -> None:
    assert not is_address(typed)
    with pytest.raises(ValueError, match=r"\w"):
        deliverable(typed)


# Without an end to what is repeated, nearly all that is drawn is longer than what is taken at once.
SHORT = re.sub(r"(?<=[])])[+*]", lambda found: "{1,4}" if found[0] == "+" else "{0,2}", _USUAL.pattern)


@given(st.from_regex(SHORT, fullmatch=True).filter(lambda text: len(text) <= 64))
def test_what_is_taken_at_once_the_library_would_take_unchanged(text: str) -> None:
    if is_address(text):
        assert validate_email(text, check_deliverability=False).normalized == text


LONG = f"iris@{'b.' * 125}example.com"


def test_what_can_be_no_address_is_told_why() -> None:
    assert is_address("iris@example.com")
    assert not is_address("iris@")
    assert not is_address(LONG)
    for read in (readable, deliverable):
        with pytest.raises(ValueError, match="too long"):
            read(LONG)


def test_an_at_sign_in_quotes_stays_before_the_last_one() -> None:
    assert deliverable("iris@faß.example.com") == "iris@xn--fa-hia.example.com"
