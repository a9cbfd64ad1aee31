"""The recorded points of a step: each call to the outside, by name, with something that happens before or after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Customer, Notice, Order
from fallback.domain.support.accounts import Account
from fallback.domain.support.mailer import Mailer

T = TypeVar("T")

# Reading changes nothing: who dies before or after it dies at the point before or after that.
LEDGER_WRITES = frozenset({"accept", "commit", "keep_unclaimed"})
GATEWAY_CALLS = frozenset({"create", "confirm", "retrieve", "find", "capture", "void", "refund"})
PRIMARY_CALLS = frozenset({"find", "rivals", "place", "read", "amend", "cancel", "cancel_unpaid"})


class Recorder:
    """Tells of each call as it begins, and strikes at one moment, once: 'reconcile_order 2: after primary.place'."""

    def __init__(self, step: str, tell: Callable[[str], None], at: str | None, strike: Callable[[], None]) -> None:
        self._step = step
        self._tell = tell
        self._at = at
        self._strike = strike
        self._points = 0

    def around(self, name: str, call: Callable[[], T]) -> T:
        self._points += 1
        point = self._points
        self._tell(name)
        self._reach(f"{self._step} {point}: before {name}")
        try:
            return call()
        finally:
            self._reach(f"{self._step} {point}: after {name}")

    def _reach(self, moment: str) -> None:
        if moment == self._at:
            self._at = None
            self._strike()


class Watched:
    """A port whose calls of these names are recorded; everything else goes through."""

    def __init__(self, port: object, name: str, calls: frozenset[str], recorder: Recorder) -> None:
        self._port = port
        self._name = name
        self._calls = calls
        self._recorder = recorder

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._port, attribute)
        if attribute not in self._calls:
            return found
        name = f"{self._name}.{attribute}"
        return lambda *args, **named: self._recorder.around(name, lambda: found(*args, **named))


class WatchedMailer:
    """The mailer's call is two points: all of it, and the handing over inside."""

    def __init__(self, mailer: Mailer, recorder: Recorder) -> None:
        self._mailer = mailer
        self._recorder = recorder

    def deliver(
        self, order: Order, customer: Customer, notice: Notice, before_handing_over: Callable[[], None]
    ) -> None:
        def handing_over() -> None:
            self._recorder.around("mailer.handing_over", before_handing_over)

        self._recorder.around("mailer.deliver", lambda: self._mailer.deliver(order, customer, notice, handing_over))

    def tell(
        self,
        owner: Account,
        order: Order,
        notice: Notice,
        before_handing_over: Callable[[], None],
        all_theirs: Sequence[Order] = (),
    ) -> None:
        def handing_over() -> None:
            self._recorder.around("mailer.handing_over", before_handing_over)

        self._recorder.around("mailer.tell", lambda: self._mailer.tell(owner, order, notice, handing_over, all_theirs))


def watch(container: Container, recorder: Recorder) -> None:
    """Before any use case is bound."""
    ports: dict[str, Any] = {
        "ledger": Watched(container.ledger, "ledger", LEDGER_WRITES, recorder),
        "gateway": Watched(container.gateway, "gateway", GATEWAY_CALLS, recorder),
        "primary": Watched(container.primary, "primary", PRIMARY_CALLS, recorder),
        "mailer": WatchedMailer(container.mailer, recorder),
    }
    for name, port in ports.items():
        setattr(container, name, port)
