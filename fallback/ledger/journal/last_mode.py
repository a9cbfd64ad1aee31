"""The last known mode, in a file beside the journal. It names nobody."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import structs

from fallback.domain.outage.last_mode import KnownMode
from fallback.domain.outage.mode import AT_FIRST, ModeState
from fallback.runtime.logs import get_logger

NAME = "mode.json"
# A newer time alone is worth a write no more often.
WRITTEN_EVERY = timedelta(seconds=10)
_KNOWN = msgspec.json.Decoder(KnownMode)

log = get_logger()


class DiskLastMode:
    """Implements outage.last_mode.LastMode."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self._written: KnownMode | None = None

    def note(self, state: ModeState, now: datetime) -> None:
        nameless = state if state == AT_FIRST else structs.replace(state, who="", reason="")
        before, known = self._written, KnownMode(nameless, now)
        if before and before.at and before.state == nameless and now - before.at < WRITTEN_EVERY:
            return
        draft = self._path.with_name(f"{NAME}.{os.getpid()}")
        try:
            draft.write_bytes(msgspec.json.encode(known))
            draft.rename(self._path)
        except OSError as error:
            log.warning("mode_not_kept", reason=error.strerror)
        self._written = known

    def read(self) -> KnownMode | None:
        try:
            return _KNOWN.decode(self._path.read_bytes())
        except (OSError, msgspec.DecodeError):
            return None
