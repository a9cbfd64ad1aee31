"""Processes that live at another time than the machine they run on, by libfaketime (the wheel brings the library)."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path


def living(ahead: timedelta) -> dict[str, str]:
    """What the environment of such a process has. Its steady clocks stay: Python's threads wait by them."""
    spec = find_spec("libfaketime")
    assert spec
    assert spec.origin
    return {
        "LD_PRELOAD": str(Path(spec.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"),
        "FAKETIME": f"{ahead.total_seconds():+.0f}s",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
