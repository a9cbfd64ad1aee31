"""A batch in which one entry cannot be handled, by a bug, an unexpected response or an order that cannot be read: the
others do not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fallback.domain.errors import FallbackError, Unreadable
from fallback.runtime.logs import get_logger

log = get_logger()


@contextmanager
def others_go_on(kind: str) -> Iterator[None]:
    """Logs what goes wrong with one entry of this kind. Our other errors concern the whole batch, and are raised."""
    try:
        yield
    except Exception as error:
        if isinstance(error, FallbackError) and not isinstance(error, Unreadable):
            raise
        log.error("entry_failed", kind=kind, exc_info=error)
