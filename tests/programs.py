"""Programs that tests run and that no wheel brings."""

from __future__ import annotations

import pytest

from ops.demo import programs


def program(name: str) -> str:
    """Its path. A test that needs it and does not find it fails, and says what to do."""
    try:
        return programs.program(name)
    except programs.Missing as missing:
        all_of_them = "(./ops/bin/test without arguments installs all that is missing.)"
        pytest.fail(f"{missing.message} {all_of_them}", pytrace=False)
