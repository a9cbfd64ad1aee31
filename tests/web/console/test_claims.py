"""Two agents and a customer on one order: who views it, who has the claim, and what each is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Attempt, Call, Event, Order, PaymentState, PlacementState
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.support.accounts import Role
from fallback.domain.support.claims import LEASE
from tests.builders import a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import forge, send
from tests.web.html import Page, follow
from tests.web.world import NOW

Colleague = Callable[[str, Role], FlaskClient]


@pytest.fixture
def order(ledger: FakeLedger) -> Order:
    return ledger.keep(an_order())


@pytest.fixture
def mara(colleague: Colleague) -> FlaskClient:
    return colleague("Mara", Role.AGENT)


@pytest.fixture
def jon(colleague: Colleague) -> FlaskClient:
    return colleague("Jon", Role.AGENT)


def opens(browser: FlaskClient, order: Order) -> Page:
    return Page(browser.get(f"/console/orders/{order.ref}"))


def here(page: Page) -> str:
    return page.one("section", id="here").text


def does(browser: FlaskClient, order: Order, what: str, **form: str) -> TestResponse:
    """By the form on the order's page."""
    return send(browser, opens(browser, order), f"{order.ref}/{what}", form)


def forges(browser: FlaskClient, order: Order, what: str, **form: str | int) -> TestResponse:
    """What a script sends, or what the page does not offer now."""
    return forge(browser, f"/console/orders/{order.ref}/{what}", form)


def offered(page: Page) -> list[str]:
    return [form["action"].partition("/claim")[2] for form in page.all("form") if "/claim" in form["action"]]


# --- looking


def test_opening_an_order_does_not_claim_it(mara: FlaskClient, order: Order) -> None:
    assert "Nobody is working on this order." in here(opens(mara, order))


def test_each_sees_the_others_by_name(mara: FlaskClient, jon: FlaskClient, order: Order, container: Container) -> None:
    container.claims.look(order.ref, "customer", NOW)
    assert "Also viewing: the customer." in here(opens(mara, order))
    assert "Also viewing: Mara and the customer." in here(opens(jon, order))


def test_colleagues_see_who_types_an_answer(
    mara: FlaskClient, jon: FlaskClient, order: Order, container: Container
) -> None:
    container.claims.look(order.ref, "Jon", NOW, types=True)
    assert "Typing an answer: Jon." in here(opens(mara, order))
    assert "Typing" not in here(opens(jon, order))


def test_the_holder_of_the_claim_is_not_listed_as_a_viewer(mara: FlaskClient, jon: FlaskClient, order: Order) -> None:
    does(mara, order, "claim")
    assert "Mara is working on this order." in here(opens(jon, order))
    assert "Also viewing" not in here(opens(jon, order))


def test_the_agent_sees_that_the_customer_can_pay_on_the_page_before_them(
    mara: FlaskClient, ledger: FakeLedger, container: Container
) -> None:
    unpaid, paid = ledger.keep(an_order(payment=a_payment(PaymentState.NONE))), ledger.keep(an_order())
    open_page = "The customer has the page open on which they can pay."
    assert open_page not in here(opens(mara, unpaid))
    for order in (unpaid, paid):
        container.claims.look(order.ref, "customer", NOW)
    assert open_page in here(opens(mara, unpaid))
    assert open_page not in here(opens(mara, paid))


def test_the_agent_sees_that_a_payment_is_being_processed(mara: FlaskClient, ledger: FakeLedger) -> None:
    attempt = Attempt(Call.CONFIRM, "key", NOW)
    order = ledger.keep(an_order(payment=a_payment(PaymentState.PENDING, attempt=attempt)))
    assert "The payment is being processed now." in here(opens(mara, order))


def test_while_presence_cannot_be_told_the_order_is_shown_all_the_same(
    mara: FlaskClient, order: Order, container: Container
) -> None:
    container.claims.away = True
    page = opens(mara, order)
    assert (page.status, page.all("section", id="here")) == (200, [])


# --- working


def test_an_agent_takes_it_and_gives_it_back(mara: FlaskClient, order: Order) -> None:
    page = follow(mara, does(mara, order, "claim"))
    assert "You are working on this order." in here(page)
    assert offered(page) == ["/return"]
    assert "Nobody is working" in here(follow(mara, does(mara, order, "claim/return")))


def test_an_agent_requests_an_order_that_another_agent_has_claimed(
    mara: FlaskClient, jon: FlaskClient, order: Order
) -> None:
    does(mara, order, "claim")
    assert offered(opens(jon, order)) == ["/wish"]

    told = Page(forges(jon, order, "claim"))
    assert told.status == 409
    assert "Mara is working on this order. Nothing was changed. You can request it below." in told.text

    page = follow(jon, does(jon, order, "claim/wish"))
    assert "You have requested this order." in here(page)
    asked = opens(mara, order)
    assert "Jon requests this order." in here(asked)

    does(mara, order, "claim/handing-over")
    assert "You are working on this order." in here(opens(jon, order))
    assert "Jon is working on this order." in here(opens(mara, order))


def test_a_lead_takes_it_over_and_says_why(
    mara: FlaskClient, colleague: Colleague, order: Order, ledger: FakeLedger
) -> None:
    lead = colleague("Ada", Role.LEAD)
    does(mara, order, "claim")
    assert offered(opens(mara, order)) == ["/return"]
    assert offered(opens(lead, order)) == ["/wish", "/taking-over"]

    page = follow(lead, does(lead, order, "claim/taking-over", reason="Mara is off sick"))
    assert "You are working on this order." in here(page)
    assert "Mara is off sick" in page.one("section", id="progress").text
    assert [(event.what, event.who) for event in ledger.timeline(order.ref)] == [("taken_over", "Ada")]
    assert "Ada is working on this order." in here(opens(mara, order))


def test_an_agent_does_not_take_over(mara: FlaskClient, jon: FlaskClient, order: Order) -> None:
    does(mara, order, "claim")
    assert forges(jon, order, "claim/taking-over", seen=0, reason="I want it").status_code == 403


# --- an open page


def test_an_open_page_keeps_the_claim_that_was_taken_on_it(
    mara: FlaskClient, jon: FlaskClient, order: Order, container: Container
) -> None:
    page = follow(mara, does(mara, order, "claim"))
    fence = page.one("div", id="order")["data-fence"]
    container.clock = lambda: NOW + LEASE - timedelta(seconds=1)
    assert forges(mara, order, "presence", fence=fence).status_code == 200
    container.clock = lambda: NOW + LEASE + timedelta(seconds=1)
    assert forges(jon, order, "claim").status_code == 409


def test_an_open_page_without_the_claim_takes_none(mara: FlaskClient, jon: FlaskClient, order: Order) -> None:
    opens(mara, order)
    forges(mara, order, "presence", fence=0)
    assert does(jon, order, "claim").status_code == 303


def test_an_open_page_hears_that_there_is_something_new(
    mara: FlaskClient, jon: FlaskClient, order: Order, ledger: FakeLedger
) -> None:
    def hears() -> str:
        state: str = forges(mara, order, "presence", fence=0).json["state"]
        return state

    shown = opens(mara, order).one("div", id="order")["data-state"]
    assert hears() == shown
    opens(jon, order)
    with_jon = hears()
    assert with_jon != shown
    ledger.commit(order, order, [Event(NOW, "changed", "customer")])
    assert hears() != with_jon


def test_an_open_page_is_told_of_the_order_while_presence_cannot_be_told(
    mara: FlaskClient, order: Order, ledger: FakeLedger, container: Container
) -> None:
    container.claims.away = True
    shown = opens(mara, order).one("div", id="order")["data-state"]
    assert forges(mara, order, "presence", fence=0).json == {"state": shown}
    ledger.commit(order, order, [Event(NOW, "changed", "customer")])
    assert forges(mara, order, "presence", fence=0).json != {"state": shown}


def test_an_open_page_hears_that_the_shop_is_back(mara: FlaskClient, ledger: FakeLedger, container: Container) -> None:
    order = ledger.keep(an_order(payment=a_payment(PaymentState.AUTHORIZED)))
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Omar", "The shop is away"))
    shown = opens(mara, order)
    assert "when its own system is back" in shown.text
    container.modes.switch(ModeState(Mode.DRAINING, NOW, "Omar", "It is back"))
    assert forges(mara, order, "presence", fence=0).json != {"state": shown.one("div", id="order")["data-state"]}


# --- finished by the customer


def test_the_agent_reads_that_the_customer_finished_it(mara: FlaskClient, ledger: FakeLedger) -> None:
    settled = an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED)
    order = ledger.keep(settled)
    ledger.commit(order, order, [Event(NOW, "card_given", "customer"), Event(NOW, "captured", "stripe")])
    text = opens(mara, order).text
    assert "The customer completed it at 21 Nov 2026, 10:00 UTC. No action needed." in text


def an_order_that_the_customer_finished(ledger: FakeLedger, *before: Event) -> Order:
    settled = an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED)
    order = ledger.keep(settled)
    return ledger.commit(
        order, order, [*before, Event(NOW, "card_given", "customer"), Event(NOW, "captured", "stripe")]
    )


def test_who_helped_has_the_credit_too(mara: FlaskClient, ledger: FakeLedger) -> None:
    helped = [Event(NOW, "payment_link_sent", "Mara"), Event(NOW, "called", "Jon"), Event(NOW, "noted", "Lea")]
    text = opens(mara, an_order_that_the_customer_finished(ledger, *helped)).text
    assert "completed it at 21 Nov 2026, 10:00 UTC, with help from Mara and Jon. No action needed." in text


def with_your_help(browser: FlaskClient) -> list[str]:
    _, _, rest = Page(browser.get("/console/mine")).text.partition("Completed by the customer with your help ")
    return [word for word in rest.split() if word.startswith("FB-")]


def test_what_the_agent_helped_with_stands_on_their_own_page_for_a_week(
    mara: FlaskClient, jon: FlaskClient, ledger: FakeLedger, container: Container
) -> None:
    link = Event(NOW, "payment_link_sent", "Mara")
    orders = [an_order_that_the_customer_finished(ledger, link) for _ in range(2)]
    an_order_that_the_customer_finished(ledger)
    an_order_that_the_customer_finished(ledger, Event(NOW - timedelta(days=8), "payment_link_sent", "Mara"))
    open_still = ledger.keep(an_order())
    ledger.commit(open_still, open_still, [link])
    assert sorted(with_your_help(mara)) == sorted(order.ref for order in orders)
    assert with_your_help(jon) == []


# --- acting takes the claim


def acts(browser: FlaskClient, order: Order, seen: int = 0) -> TestResponse:
    """Any form of the order's page; what it wants does not matter here."""
    return forges(browser, order, "refunds", seen=seen)


def holder(container: Container, order: Order) -> str:
    claim = container.claims.current(order.ref)
    assert claim is not None
    return claim.holder


def test_an_agent_who_acts_on_an_order_claims_it(mara: FlaskClient, order: Order, container: Container) -> None:
    acts(mara, order)
    assert holder(container, order) == "Mara"


def test_who_acts_while_another_works_on_it_is_told_who(mara: FlaskClient, jon: FlaskClient, order: Order) -> None:
    acts(mara, order)
    told = Page(acts(jon, order))
    assert (told.status, "Mara is working on this order. Nothing was changed." in told.text) == (409, True)


def test_a_late_action_is_told_what_happened_before_who_has_the_claim(
    mara: FlaskClient, jon: FlaskClient, order: Order, ledger: FakeLedger
) -> None:
    acts(mara, order)
    ledger.commit(order, order, [Event(NOW, "changed", "Mara")])
    assert "Mara acted first: Your details were changed." in Page(acts(jon, order)).text


def test_an_agent_can_act_while_claims_are_not_available(mara: FlaskClient, order: Order, container: Container) -> None:
    container.claims.away = True
    assert acts(mara, order).status_code != 503
