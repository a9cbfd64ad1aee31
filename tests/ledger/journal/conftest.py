"""A machine whose processes share a journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.checkout.journal import JournalSettings
from tests.ledger.journal.replaying import AWAY, Machine
from tests.ledger.world import a_container
from tests.redis_server import RedisServer


@pytest.fixture
def machine(tmp_path: Path, redis_server: RedisServer) -> Machine:
    """Builds a process of this machine, whose Redis is there or away."""

    def process(there: bool = False, **settings: Any) -> Container:
        journal = JournalSettings(str(tmp_path / "journal"))
        return a_container(redis_server.url if there else AWAY, serves=True, journal=journal, **settings)

    return process
