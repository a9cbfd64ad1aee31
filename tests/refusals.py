"""What a refusal says: people and machines read it, so it is looked at word for word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fallback.domain.errors import Invalid, NotAllowedNow


@contextmanager
def refused(field: str, code: str, detail: str) -> Iterator[None]:
    """Bad input: which field it is, a stable word for why, and what a person reads."""
    with pytest.raises(Invalid) as error:
        yield
    assert (error.value.field, error.value.code, error.value.detail, str(error.value)) == (field, code, detail, detail)


@contextmanager
def not_now(state: str, event: str, code: str = "not_possible_now", detail: str = "") -> Iterator[None]:
    """What the order's state does not allow."""
    with pytest.raises(NotAllowedNow) as error:
        yield
    assert (error.value.state, error.value.event, error.value.code) == (state, event, code)
    assert str(error.value) == (detail or f"'{event}' is not possible while the order is '{state}'")
