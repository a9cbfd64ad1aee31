from __future__ import annotations

import pytest


@pytest.fixture(scope="package", autouse=True)
def _commands_leave_the_logs(logs_as_before: None) -> None:
    """Each test here runs a command in its own process."""
