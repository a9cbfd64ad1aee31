"""/orders/{ref}: the customer claims goodwill without asking, if we did not reply in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.lifecycle import WORD_TAKES
from fallback.domain.order.order import Event, Order
from tests.builders import NOW
from tests.web.customer.order_page import NOT_PAID, SETTLED, Customer, WithLink
from tests.web.html import Page

BEGAN = NOW - timedelta(hours=9)
ASKED = Event(BEGAN, "asked_for_a_person", "customer", {"said": 1})
ANSWERED = Event(BEGAN + timedelta(hours=1), "noted", "Mara", {"said": 2})
HELD = Event(BEGAN, "on_hold", "worker", {"code": "mismatch"})
ASKED_ABOUT_A_RIVAL = Event(BEGAN, "rival_asked", "worker", {"rival": "100077"})
# The word goes out by itself a little before its time, and a person may still be in time then.
WORD = Event(NOW - WORD_TAKES, "next_word", "worker")
WORD_THAT_GOES_OUT = Event(NOW - WORD_TAKES + timedelta(seconds=1), "next_word", "worker")
JUST_IN_TIME = Event(NOW - timedelta(seconds=1), "answered", "Mara", {"said": 2})
LATE = (ASKED, WORD)


def of(with_link: WithLink, order: Order, *events: Event) -> Customer:
    customer = with_link(order)
    customer.ledger.commit(customer.order, customer.order, events)
    return customer


def offered(customer: Customer) -> bool:
    return bool(customer.open().all("section", aria_labelledby="goodwill-title"))


def test_who_waited_longer_than_promised_takes_goodwill_themselves(with_link: WithLink) -> None:
    customer = of(with_link, SETTLED, *LATE)
    assert "Claim €5.00" in customer.open().text
    customer.press("/goodwill")
    [grant] = customer.order.grants
    assert (grant.kind, grant.amount, grant.state) == (GrantKind.GOODWILL, 500, GrantState.GRANTED)
    assert (grant.who, grant.reason) == ("customer", "waited")


def test_goodwill_can_be_claimed_once(with_link: WithLink) -> None:
    customer = of(with_link, SETTLED, *LATE)
    customer.press("/goodwill")
    assert not offered(customer)
    assert again(customer).status == 409
    assert len(customer.order.grants) == 1


def again(customer: Customer) -> Page:
    return customer.forge("/goodwill")


@pytest.mark.parametrize(
    "events",
    [
        (),
        (ASKED,),
        (ASKED, WORD_THAT_GOES_OUT),
        (ASKED, WORD, JUST_IN_TIME),
        (ASKED, ANSWERED, WORD),
        (WORD,),
        (ASKED_ABOUT_A_RIVAL, WORD),
    ],
    ids=[
        "nothing was promised",
        "it is not due",
        "there are minutes left",
        "the customer was helped in the last of them",
        "the customer was helped in time",
        "the shop was away",
        "it waits for the customer",
    ],
)
def test_nothing_is_offered_where_we_were_not_late(with_link: WithLink, events: tuple[Event, ...]) -> None:
    customer = of(with_link, SETTLED, *events)
    assert not offered(customer)
    assert again(customer).status == 409
    assert customer.order.grants == ()


def test_an_order_that_nobody_decided_in_time_was_late_too(with_link: WithLink) -> None:
    assert offered(of(with_link, SETTLED, HELD, WORD))


def test_nothing_is_given_back_of_what_was_not_taken(with_link: WithLink) -> None:
    assert not offered(of(with_link, NOT_PAID, *LATE))


def test_a_customer_cannot_claim_goodwill_that_an_agent_already_granted(with_link: WithLink) -> None:
    given = Grant(
        id=1,
        kind=GrantKind.GOODWILL,
        amount=1000,
        reason="waited",
        who="Mara",
        at=NOW,
        incident="standby",
        state=GrantState.MADE,
    )
    assert not offered(of(with_link, replace(SETTLED, grants=(given,)), *LATE))


def test_the_policys_page_says_it(container: Container, with_link: WithLink) -> None:
    page = Page(with_link(SETTLED).browser.get("/policy"))
    assert "You, once, on your order page" in page.text
