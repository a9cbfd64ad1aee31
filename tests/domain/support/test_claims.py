"""Who may take a claim from whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.order import Attempt, Call, PaymentState
from fallback.domain.order.patience import PATIENCE
from fallback.domain.support import claims
from fallback.domain.support.claims import ANSWERED_WITHIN, LEASE, Claimed
from tests.builders import NOW, a_payment, an_order

SOON = NOW + timedelta(seconds=5)
MARAS = claims.take(None, "mara", NOW)
OVER = MARAS.until


def paying_since(began_at: object) -> object:
    return an_order(payment=a_payment(PaymentState.PENDING, attempt=Attempt(Call.CONFIRM, "key", began_at)))


def test_an_agent_takes_what_is_free() -> None:
    assert (MARAS.holder, MARAS.until) == ("mara", NOW + LEASE)


def test_an_agent_keeps_another_off_for_as_long_as_they_have_it() -> None:
    with pytest.raises(Claimed) as told:
        claims.take(MARAS, "jon", SOON)
    assert (told.value.holder, told.value.until) == ("mara", MARAS.until)
    assert str(told.value) == "mara works on it"
    assert claims.take(MARAS, "jon", OVER).holder == "jon"


def test_who_acts_again_has_it_for_longer() -> None:
    again = claims.take(MARAS, "mara", SOON)
    assert (again.fence, again.until) == (MARAS.fence, SOON + LEASE)


def test_the_fence_grows_with_each_new_holder_also_when_the_last_one_was_forgotten() -> None:
    jons = claims.take_over(MARAS, "jon", NOW)
    assert MARAS.fence < jons.fence < claims.take(None, "mara", SOON).fence


@pytest.mark.parametrize(
    "next_holder",
    [
        lambda claim: claims.take(claim, "jon", claim.until),
        lambda claim: claims.take_over(claim, "jon", SOON),
        lambda claim: claims.take_back(claim, an_order(), SOON),
        lambda claim: claims.ask(claim, "jon", claim.until),
        lambda claim: claims.hand_over(claims.ask(claim, "jon", SOON), "mara", SOON),
    ],
)
def test_the_fence_grows_by_one_if_the_clock_is_behind(next_holder: Callable[[claims.Claim], claims.Claim]) -> None:
    ahead = replace(MARAS, fence=MARAS.fence + 10_000_000)
    assert next_holder(ahead).fence == ahead.fence + 1


def test_the_first_fence_is_the_time_in_milliseconds() -> None:
    assert MARAS.fence == int(NOW.timestamp() * 1000)


# --- the customer


def test_the_customer_always_takes_it_back() -> None:
    theirs = claims.take_back(MARAS, an_order(), SOON)
    assert theirs is not None
    assert (theirs.holder, theirs.fence > MARAS.fence) == (CUSTOMER, True)


def test_nobody_takes_it_back_inside_a_payment_call() -> None:
    assert claims.take_back(MARAS, paying_since(NOW), NOW + PATIENCE - timedelta(seconds=1)) is None
    assert claims.take_back(MARAS, paying_since(NOW), NOW + PATIENCE) is not None


def test_the_customers_claim_keeps_no_agent_off() -> None:
    theirs = claims.take_back(None, an_order(), NOW)
    assert claims.take(theirs, "mara", SOON).holder == "mara"


# --- keeping it, and giving it back


def test_an_open_page_renews_what_was_taken_on_it() -> None:
    renewed = claims.renew(MARAS, "mara", MARAS.fence, SOON)
    assert renewed is not None
    assert renewed.until == SOON + LEASE


def test_an_open_page_does_not_take_it_again() -> None:
    jons = claims.take_over(MARAS, "jon", NOW)
    back_at_maras = claims.take_over(jons, "mara", NOW)
    assert claims.renew(jons, "mara", MARAS.fence, SOON) is None
    assert claims.renew(back_at_maras, "mara", MARAS.fence, SOON) is None
    assert claims.renew(MARAS, "mara", MARAS.fence, OVER) is None
    assert claims.renew(None, "mara", MARAS.fence, SOON) is None


def test_a_released_claim_is_free_at_once() -> None:
    free = claims.give_back(MARAS, "mara", SOON)
    assert claims.alive(free, SOON) is None
    assert free == replace(MARAS, until=SOON)
    assert claims.give_back(claims.ask(MARAS, "jon", SOON), "mara", SOON) == free
    assert claims.give_back(None, "mara", SOON) is None
    assert claims.take(free, "jon", SOON).holder == "jon"
    assert claims.give_back(MARAS, "jon", SOON) is None


# --- asking for it


def test_an_agent_asks_and_the_holder_gives_it() -> None:
    asked = claims.ask(MARAS, "jon", SOON)
    assert (asked.holder, claims.asked_by(asked, SOON)) == ("mara", "jon")
    given = claims.hand_over(asked, "mara", SOON)
    assert given is not None
    assert (given.holder, given.asked, given.fence > MARAS.fence) == ("jon", None, True)


def test_an_unanswered_request_for_a_claim_expires() -> None:
    asked = claims.ask(MARAS, "jon", NOW)
    late = NOW + ANSWERED_WITHIN
    kept = claims.renew(asked, "mara", MARAS.fence, SOON)
    assert kept is not None
    assert claims.asked_by(kept, SOON) == "jon"
    assert claims.asked_by(kept, late) is None
    assert claims.hand_over(claims.take(kept, "mara", SOON + LEASE / 2), "mara", late) is None


def test_only_the_holder_gives_it() -> None:
    assert claims.hand_over(claims.ask(MARAS, "jon", SOON), "ann", SOON) is None


def test_who_asked_first_is_answered_first() -> None:
    asked = claims.ask(MARAS, "jon", SOON)
    assert claims.ask(asked, "ann", SOON) == asked


@pytest.mark.parametrize("claim", [None, claims.take_back(None, an_order(), NOW), claims.give_back(MARAS, "mara", NOW)])
def test_a_request_for_an_unclaimed_order_claims_it(claim: object) -> None:
    assert claims.ask(claim, "jon", SOON).holder == "jon"
