"""Builds what is on this machine's own disk: the journal, and the last known mode beside it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from fallback.config import Config
from fallback.domain.checkout.journal import Journal
from fallback.domain.outage.last_mode import LastMode
from fallback.ledger.journal.journal import DiskJournal
from fallback.ledger.journal.last_mode import DiskLastMode
from fallback.ledger.redis.crypto import Crypto
from fallback.runtime.logs import get_logger

log = get_logger()


class Deps:
    """The part of the container for them."""

    config: Config
    crypto: Crypto
    serves: bool
    # Why the directory cannot be used; known once the journal was asked for.
    journal_refused: OSError | None = None

    @cached_property
    def journal(self) -> Journal | None:
        """None without a directory. One that cannot be used costs the journal, not the checkout."""
        config = self.config
        if not config.journal.directory:
            return None
        path, limit = Path(config.journal.directory), config.journal.limit_mb * 2**20
        try:
            return DiskJournal(path, config.fallback_shop, self.crypto, limit, self.serves)
        except OSError as error:
            self.journal_refused = error
            log.error("journal_not_available", reason=error.strerror)
            return None

    @cached_property
    def last_mode(self) -> LastMode | None:
        return DiskLastMode(Path(self.config.journal.directory)) if self.journal else None
