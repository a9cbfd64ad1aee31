"""What most use cases need. A use case takes what it depends on as its first argument, by the shape of a Protocol.

The container (fallback/bootstrap) fulfils them all; mypy checks each call.
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
