"""The lines of the log, as a test reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import msgspec
import pytest
import structlog

from fallback.runtime import logs


@pytest.fixture
def said() -> Iterator[Callable[[], list[dict[str, str]]]]:
    """The lines of the log."""
    stream = BytesIO()
    logs.configure("INFO")
    structlog.configure(cache_logger_on_first_use=False, logger_factory=structlog.BytesLoggerFactory(stream))
    yield lambda: [msgspec.json.decode(text) for text in stream.getvalue().splitlines()]
    structlog.reset_defaults()
