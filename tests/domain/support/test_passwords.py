from __future__ import annotations

import pytest

from fallback.domain.errors import Invalid
from fallback.domain.support import passwords

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


def test_a_hash_brings_its_own_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "N", 2**4)
    kept = passwords.hashed(PASSWORD)
    monkeypatch.undo()
    assert kept.startswith("scrypt$16$8$5$")
    assert passwords.matches(PASSWORD, kept)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 201])
def test_a_password_is_long_enough_and_not_a_book(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.hashed(password)
