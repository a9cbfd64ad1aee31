"""The checkout page, its order, and what the proxy adds to a request."""

from __future__ import annotations

from fallback.domain.order.order import Order
from tests.fakes.ledger import FakeLedger
from tests.web.world import PROXY_TOKEN


def the_order(ledger: FakeLedger) -> Order:
    [ref] = ledger.refs()
    return ledger.load(ref)


def sent_by_proxy(reason: str) -> dict[str, str]:
    return {"X-Fallback-Proxy": PROXY_TOKEN, "X-Fallback-Reason": reason}
