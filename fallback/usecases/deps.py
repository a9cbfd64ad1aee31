"""What most use cases depend on. A use case takes its dependencies as its first argument, typed by a Protocol.

The container (fallback/bootstrap) fulfils all of them; mypy checks each call.
"""

from __future__ import annotations

from typing import Protocol

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger


class ClockDeps(Protocol):
    @property
    def clock(self) -> Clock: ...


class OrderDeps(ClockDeps, Protocol):
    @property
    def ledger(self) -> Ledger: ...
