"""The port of the gateway for text messages (SMS)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fallback.domain.order.order import Notice, Order


class TextGateway(Protocol):
    def deliver(self, order: Order, notice: Notice, before_handing_over: Callable[[], None]) -> None:
        """Calls `before_handing_over` just before the message leaves.

        Raises TryAgain (not taken, with the time that the gateway asks for), Refused (never will be) or OutcomeUnknown.
        """

    def reach(self) -> str:
        """The host, if anything answers there; it is sent no message. Raises TryAgain or Refused."""
