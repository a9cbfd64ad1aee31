from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.order.holds import HoldCode, new_hold
from tests.builders import NOW


@pytest.mark.parametrize("code", HoldCode)
def test_every_hold_has_an_owner_and_a_next_word_within_a_working_day(code: HoldCode) -> None:
    hold = new_hold(code, "the desk", NOW, "2 of BK-1")
    assert (hold.owner, hold.since, hold.detail) == ("the desk", NOW, "2 of BK-1")
    assert NOW < hold.next_word_by <= NOW + timedelta(hours=8)


def test_money_that_is_about_to_lapse_and_orders_that_may_be_doubled_cannot_wait() -> None:
    soon = {code: new_hold(code, "the desk", NOW).next_word_by for code in HoldCode}
    assert soon[HoldCode.PAYMENT_EXPIRING] < soon[HoldCode.POSSIBLE_RIVAL] < soon[HoldCode.OUT_OF_STOCK]
