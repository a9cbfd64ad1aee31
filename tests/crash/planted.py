"""Bugs, each of which breaks one guard of a promise: planted in a process of the driver, never in the product."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Call, Order
from fallback.domain.placement.primary import Health
from fallback.ledger.scripts import ACCEPT, COMMIT, Script
from fallback.payments.transport import BoundedClient
from fallback.runtime import outgoing
from workers import shifts


def no_dedupe(_: Container) -> None:
    """Accept looks neither at the idempotency key nor at the cart."""
    ACCEPT.text = _without(Script("accept"), r"local before = .*?(?=local takes)")


def no_compare_and_set(_: Container) -> None:
    """Commit writes whatever the version is."""
    COMMIT.text = _without(Script("commit"), r"if version ~= .*?\nend\n")


def _without(script: Script, part: str) -> bytes:
    text, times = re.subn(part, "", script.text.decode(), flags=re.DOTALL)
    assert times == 1, "the script was written anew: plant the bug anew"
    return text.encode()


def key_per_try(_: Container) -> None:
    """Each try of a call to Stripe goes out under a new idempotency key."""
    request = BoundedClient.request

    def with_new_key(
        self: BoundedClient, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        changed = {name: value for name, value in (headers or {}).items() if name.lower() != "idempotency-key"}
        return request(self, method, url, changed | {"Idempotency-Key": token_hex(16)}, post_data)

    BoundedClient.request = with_new_key  # type: ignore[method-assign]


def leaves_late(_: Container) -> None:
    """No connection asks whether a call may still leave."""
    outgoing.may_leave = lambda: None  # type: ignore[attr-defined]


def capture_first(_: Container) -> None:
    """The money is taken as soon as the primary has answered, and what it has is read afterwards."""

    def reconcile_order(container: Container, order: Order, health: Health) -> None:
        order = container.placement_attempts.place(order, health.can)
        intent, total = order.payment.intent, order.total
        assert intent
        order = container.payment_attempts.make(
            order, Call.CAPTURE, lambda key: container.gateway.capture(intent, total, key)
        )
        container.placement_attempts.read_back(order)

    shifts.reconcile_order = reconcile_order  # type: ignore[assignment]


BUGS: dict[str, Callable[[Container], None]] = {
    "no dedupe": no_dedupe,
    "no compare-and-set": no_compare_and_set,
    "key per try": key_per_try,
    "capture first": capture_first,
    "leaves late": leaves_late,
}
