"""What is noticed of the shop's and Stripe's calls, for the pace."""

from __future__ import annotations

import pytest

from fallback.domain.errors import OutcomeUnknown, RateLimited, Refused, TryAgain
from fallback.domain.outage.pace import (
    NOTHING,
    Heard,
)
from fallback.domain.outage.shop_health import ShopHealth


class Side:
    available = True

    def answer(self, error: Exception | None = None) -> str:
        if error:
            raise error
        return "well"


def test_the_watch_counts_calls_and_failures_but_not_refusals() -> None:
    shop_health = ShopHealth()
    side = shop_health.over(Side())
    assert (side.answer(), side.available) == ("well", True)
    for error in (TryAgain("busy"), OutcomeUnknown("lost"), Refused("no")):
        with pytest.raises(type(error)):
            side.answer(error)
    heard = shop_health.news()
    assert (heard.calls, heard.errors) == (4, 2)
    assert heard.seconds > 0
    assert shop_health.news() == NOTHING


@pytest.mark.parametrize("error", [RateLimited("429", 7), OutcomeUnknown("half-way", after=7)])
def test_the_watch_hears_for_how_long_the_primarys_rate_limit_holds(error: Exception) -> None:
    shop_health = ShopHealth()
    side = shop_health.over(Side())
    for each in (error, TryAgain("503", 9)):
        with pytest.raises(type(each)):
            side.answer(each)
    heard = shop_health.news()
    assert (heard.errors, heard.rest) == (2, 7)


def test_only_failed_calls_to_stripe_count_for_the_ramp() -> None:
    shop_health = ShopHealth()
    side = shop_health.over_failures(Side())
    side.answer()
    for error in (TryAgain("429"), OutcomeUnknown("lost")):
        with pytest.raises(type(error)):
            side.answer(error)
    assert shop_health.news() == Heard(calls=2, errors=2)
