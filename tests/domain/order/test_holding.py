"""An order has one hold for each reason, with an owner, a deadline and a detail."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import Hold, HoldCode, new_hold
from fallback.domain.order.order import Change, Event
from tests.builders import NOW, a_hold, an_order

HOUR = timedelta(hours=1)


def test_an_order_is_put_on_hold_once_for_each_reason() -> None:
    order = an_order(holds=(a_hold(HoldCode.MISMATCH),))
    assert put_on_hold(order, HoldCode.MISMATCH, NOW, "another desk") == Change(order, ())
    held = put_on_hold(order, HoldCode.OUT_OF_STOCK, NOW, "the desk", "BK-1")
    hold = Hold(HoldCode.OUT_OF_STOCK, "the desk", NOW, NOW + 8 * HOUR, "BK-1")
    told = Event(NOW, "on_hold", "worker", {"code": "out_of_stock", "detail": "BK-1"})
    assert held == Change(replace(order, holds=(*order.holds, hold)), (told,))
    without = put_on_hold(order, HoldCode.POISON, NOW, "the desk")
    assert (without.order.holds[1].detail, without.events[0].data["detail"]) == ("", "")


def test_urgent_holds_promise_an_earlier_update() -> None:
    soon = {code: new_hold(code, "the desk", NOW).next_word_by - NOW for code in HoldCode}
    assert {code: wait / HOUR for code, wait in soon.items() if wait != 8 * HOUR} == {
        HoldCode.PAYMENT_EXPIRING: 2, HoldCode.POSSIBLE_RIVAL: 4, HoldCode.MAYBE_PAID: 4,
    }  # fmt: skip
    assert new_hold(HoldCode.POISON, "the desk", NOW).detail == ""
