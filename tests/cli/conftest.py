from __future__ import annotations

import pytest


@pytest.fixture(scope="package", autouse=True)
def _commands_leave_the_logs(logs_as_before: None) -> None:
    """Each test here runs a command in its own process."""


@pytest.fixture
def on_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The output is a wide terminal."""
    monkeypatch.setenv("COLUMNS", "160")
    for module in ("drain", "orders", "terminal"):  # the others import it from the last
        monkeypatch.setattr(f"fallback.cli.{module}.in_a_terminal", lambda: True)
