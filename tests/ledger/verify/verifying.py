"""Orders that stand in every index, and what verifying finds."""

from __future__ import annotations

from datetime import timedelta

import redis
from msgspec.structs import replace

from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Event as Line
from fallback.domain.order.order import Order, PaymentState, Placement, PlacementState
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.verify.difference import Difference
from tests.builders import NOW, a_payment
from tests.ledger.world import a_container, accepted
from tests.redis_server import RedisServer

NOBODY = "FB-0000-0000-0"


def found(server: RedisServer, repair: bool = False) -> list[Difference]:
    verification = a_container(server.url).verification(repair)
    return list(verification.differences(verification.keys()))


def busy(ledger: RedisLedger) -> Order:
    """An order that stands in an index of each kind."""
    order = accepted(ledger)
    at = NOW + timedelta(hours=1)
    grant = Grant(
        id=1,
        kind=GrantKind.GOODWILL,
        amount=500,
        reason="waited",
        who="Ann",
        at=NOW,
        incident="standby",
        state=GrantState.GRANTED,
    )
    changed = replace(
        order,
        payment=replace(order.payment, intent=f"pi_{order.ref}", capture_before=at),
        placement=Placement(number="#EX-1", late_since=NOW),
        holds=(new_hold(HoldCode.MISMATCH, "desk", NOW),),
        owner="Ann",
        next_word_by=at,
        handover=Handover(to="Cy", by="Ann", accept_by=at, asked=1),
        callback=Callback(1, at),
        grants=(grant,),
    )
    return ledger.commit(order, changed, [Line(NOW, "message", "Ann")])


def cancelled(ledger: RedisLedger, order: Order | None = None) -> Order:
    order = order or accepted(ledger)
    payment, placement = a_payment(PaymentState.VOIDED), Placement(state=PlacementState.CANCELLED)
    return ledger.commit(order, replace(order, payment=payment, placement=placement, cancel_asked=True), [])


def documents(client: redis.Redis) -> dict[bytes, dict[bytes, bytes]]:
    return {key: client.hgetall(key) for key in client.scan_iter(f"{keys.order('')}*")}
