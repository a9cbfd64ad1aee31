from __future__ import annotations

import pytest

from fallback.domain.support import passwords
from tests.refusals import refused

PASSWORD = "a lighthouse keeper's tea"


def test_a_password_fits_its_hash_and_no_other() -> None:
    kept = passwords.hashed(PASSWORD)
    assert passwords.matches(PASSWORD, kept)
    assert not passwords.matches(PASSWORD + " ", kept)
    assert not passwords.matches("", kept)


def test_no_password_fits_no_hash() -> None:
    assert not passwords.matches(PASSWORD, None)
    assert not passwords.matches("", None)


def test_the_same_password_has_another_hash_each_time() -> None:
    assert passwords.hashed(PASSWORD) != passwords.hashed(PASSWORD)


def test_a_hash_brings_its_own_parameters_and_is_outdated_after_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "METHOD", "scrypt:16:8:5")
    kept = passwords.hashed(PASSWORD)
    assert not passwords.is_outdated(kept)
    monkeypatch.undo()
    assert kept.startswith("scrypt:16:8:5$")
    assert passwords.matches(PASSWORD, kept)
    assert passwords.is_outdated(kept)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 201])
def test_a_password_is_long_enough_and_not_a_book(password: str) -> None:
    with refused("password", "too_short", "A password needs 12 to 200 characters."):
        passwords.hashed(password)


@pytest.mark.parametrize("password", ["twelve chars", "x" * 200])
def test_a_password_that_is_just_as_long_is_taken(password: str) -> None:
    assert passwords.matches(password, passwords.hashed(password))


def test_salt_and_hash_have_the_length_that_they_are_kept_with() -> None:
    _, salt, digest = passwords.hashed(PASSWORD).split("$")
    assert (len(salt), len(bytes.fromhex(digest))) == (22, 64)


FIRST_RELEASES = "scrypt$16$8$5$MDEyMzQ1Njc4OWFiY2RlZg==$NH8c7J+LsEzYbM5/gspVj/WV/JFwEXSPamBVN/liNN0="
WERKZEUG = (
    "scrypt:16:8:5$0123456789abcdefghijkl$49842ba618c9c82e8ef96832d9c10d8f52ec9e4098d776e274122ff47e753ce4b1ffd55369f7a1af"
    "b9723bc9a43938b169e73fe58fe7a2058e57960404420be6"
)


@pytest.mark.parametrize("kept", [FIRST_RELEASES, WERKZEUG])
def test_a_hash_that_was_kept_fits_its_password_in_each_later_release(kept: str) -> None:
    assert passwords.matches(PASSWORD, kept)
    assert not passwords.matches(PASSWORD + " ", kept)
    assert passwords.is_outdated(kept)
