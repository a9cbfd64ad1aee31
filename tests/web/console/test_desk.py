"""The list of orders: its filters, its search and its export as CSV."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.hold_names import HOLD_NAMES
from fallback.domain.order.holds import Hold, HoldCode
from fallback.domain.order.order import Decline, Order, Payment, PaymentState, PlacementState
from fallback.domain.order.order import Placement as InShop
from fallback.domain.outage.mode import Mode, ModeState
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.web.console.desk import desk, listing
from tests.builders import CUSTOMER, a_hold, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.html import Page, follow
from tests.web.world import NOW

ME = "console"

FEW = 3


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many orders stand on a page."""
    monkeypatch.setattr(desk, "ORDERS_PER_PAGE", FEW)
    return FEW


def refs(page: Page) -> list[str]:
    return [link.text for link in page.all("a", **{"class": "ref"})]


def links(page: Page) -> dict[str, str]:
    return {link.text: link["href"] for link in page.all("a")}


def chips(page: Page) -> dict[str, str]:
    """The chips by what stands on them, and where they lead."""
    return {text: address for text, address in links(page).items() if text[-1:].isdigit() and "FB-" not in text}


def opened(agent: FlaskClient, address: str = "/console", **query: str) -> Page:
    return Page(agent.get(address, query_string=query or None))


def on_hold(
    ledger: FakeLedger, code: HoldCode = HoldCode.MISMATCH, owner: str = "Ana", minutes: int = 30, **changes: Any
) -> Order:
    """An order whose customer hears from us in that many minutes."""
    return ledger.keep(an_order(holds=(Hold(code, owner, NOW, NOW + timedelta(minutes=minutes)),), **changes))


# --- the list


def test_the_list_names_state_amount_and_who_waits_for_what(agent: FlaskClient, ledger: FakeLedger) -> None:
    order = on_hold(ledger, HoldCode.OUT_OF_STOCK, "checkout desk", minutes=60)
    [row] = [line.text for line in opened(agent).all("li")]
    assert row.startswith(f"{order.ref} On hold Iris Murdoch · 2 × The Sea, the Sea €30.93 1 min Out of stock")
    assert row.endswith("checkout desk: update due in 1 hr")


def test_an_update_that_is_late_is_marked(agent: FlaskClient, ledger: FakeLedger) -> None:
    on_hold(ledger, minutes=-20, received_at=NOW - timedelta(hours=5))
    page = opened(agent)
    assert page.one("strong", **{"class": "late"}).text == "20 mins late"
    age = page.one("time")
    assert (age.text, age["title"]) == ("5 hrs", "21 Nov 2026, 05:00 UTC")


def test_the_first_page_is_grouped_by_whom_an_order_needs(agent: FlaskClient, ledger: FakeLedger) -> None:
    waiting, of_ana = ledger.keep(an_order()), on_hold(ledger, owner="Ana", minutes=10)
    mine = [on_hold(ledger, owner=ME, minutes=minutes) for minutes in (40, 20)]
    page = opened(agent)
    assert [title.text for title in page.all("h2")[:-1]] == [
        "Needs you",
        "Needs a colleague",
        "Other orders, newest first",
    ]
    assert refs(page) == [mine[1].ref, mine[0].ref, of_ana.ref, waiting.ref]
    assert "Show all" not in links(page)
    assert "Needs you" not in opened(agent, headline="on_hold").text


def test_a_long_group_leads_to_the_list_of_all(
    agent: FlaskClient, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "GROUPED", FEW)
    kept = [on_hold(ledger, owner=ME, minutes=minutes).ref for minutes in range(10, 15)]
    page = opened(agent)
    assert refs(page)[:FEW] == kept[:FEW]
    assert sorted(refs(page)) == sorted(kept)
    assert refs(opened(agent, links(page)["Show all"])) == kept


def test_the_list_is_paged_newest_first(agent: FlaskClient, ledger: FakeLedger, few: int) -> None:
    kept = [ledger.keep(an_order()).ref for _ in range(few + 1)]
    first = opened(agent)
    second = opened(agent, links(first)["Next page"])
    assert refs(first) + refs(second) == kept[::-1]
    assert "First page" not in links(first)
    assert "Next page" not in links(second)
    assert links(second)["First page"] == "/console"


def test_an_empty_list_says_so(agent: FlaskClient) -> None:
    assert "No orders here." in opened(agent).text


# --- filters


def test_chips_count_and_filter_by_headline(agent: FlaskClient, ledger: FakeLedger) -> None:
    waiting, needed = ledger.keep(an_order()), ledger.keep(an_order(payment=Payment(amount=3093)))
    everything = opened(agent)
    assert [*chips(everything)] == [
        "All 2", "Waiting for an update 0", "Mine 0", "Payment needed 1", "Waiting for the shop 1"
    ]  # fmt: skip
    assert [link.text for link in everything.all("a", aria_current="page")] == ["Orders", "All 2"]
    page = opened(agent, chips(everything)["Payment needed 1"])
    assert (refs(page), page.all("a", aria_current="page")[1].text) == ([needed.ref], "Payment needed 1")
    assert refs(opened(agent, headline="nonsense")) == [needed.ref, waiting.ref]


def test_those_who_wait_for_our_word_come_soonest_first(agent: FlaskClient, ledger: FakeLedger, few: int) -> None:
    ledger.keep(an_order())
    kept = [on_hold(ledger, minutes=minutes).ref for minutes in (40, 30, 20, 10)]
    page = opened(agent, chips(opened(agent))["Waiting for an update 4"])
    assert refs(page) + refs(opened(agent, links(page)["Next page"])) == kept[::-1]


def test_the_filter_mine_shows_the_agents_own_orders(agent: FlaskClient, ledger: FakeLedger) -> None:
    on_hold(ledger, owner="Ana")
    mine = on_hold(ledger, owner=ME)
    assert refs(opened(agent, chips(opened(agent))["Mine 1"])) == [mine.ref]


def test_the_form_filters_by_hold_owner_and_age(agent: FlaskClient, ledger: FakeLedger) -> None:
    found = ledger.keep(replace(an_order(holds=(a_hold(HoldCode.POISON),)), received_at=NOW - timedelta(days=2)))
    ledger.keep(an_order(holds=(a_hold(HoldCode.POISON),)))
    on_hold(ledger, owner="the desk")
    page = opened(agent, hold="poison", owner="the desk", older="24")
    assert refs(page) == [found.ref]
    assert [option.text for option in page.all("option", selected="")] == ["Repeated technical failure (2)", "one day"]
    assert page.one("input", name="owner")["value"] == "the desk"


def test_the_orders_of_an_incident_are_filtered_with_the_rest(
    agent: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    before = ledger.keep(an_order(received_at=NOW - timedelta(hours=2)))
    for mode, hours in ((Mode.ACTIVE, 1.5), (Mode.STANDBY, 0.5)):
        container.modes.switch(ModeState(mode, NOW - timedelta(hours=hours), "Ada", "payment page down"))
    held = on_hold(ledger, received_at=NOW - timedelta(hours=1))
    inside = ledger.keep(an_order(received_at=NOW - timedelta(hours=1)))
    ledger.keep(an_order())
    follow_mode(container)
    incident = container.incidents.last().id
    page = opened(agent, incident=incident)
    assert refs(page) == [inside.ref, held.ref]
    assert page.one("option", selected="").text == f"{incident} payment page down"
    assert refs(opened(agent, incident=incident, hold="mismatch")) == [held.ref]
    assert chips(page)["On hold 1"] == f"/console?incident={incident}&headline=on_hold"
    assert before.ref in refs(opened(agent, incident="another"))


def test_filters_stay_on_the_next_page_in_the_form_and_with_the_chips(
    agent: FlaskClient, ledger: FakeLedger, few: int
) -> None:
    for _ in range(few + 1):
        on_hold(ledger)
    page = opened(agent, headline="on_hold", hold="mismatch")
    assert links(page)["Next page"].startswith("/console?headline=on_hold&hold=mismatch&after=")
    assert links(page)["Save as CSV"] == "/console/orders.csv?headline=on_hold&hold=mismatch"
    assert page.fields["headline"] == "on_hold"
    assert chips(page)["All 4"] == "/console?hold=mismatch"


@pytest.mark.parametrize(
    "query", ["after=nonsense", "after=nan~x", "after=inf~x", "older=-1", "older=9999999999", "hold=x"]
)
def test_an_address_that_means_nothing_shows_the_list(agent: FlaskClient, ledger: FakeLedger, query: str) -> None:
    order = ledger.keep(an_order())
    assert refs(opened(agent, f"/console?{query}")) == [order.ref]


def test_every_hold_has_a_short_name() -> None:
    assert set(HOLD_NAMES) == set(HoldCode)


# --- finding


@pytest.mark.parametrize("spoken", ["{0}", "{1}", "{2}", "basket-17", "iris@example.org", "+44 1482 300300", "EX-1"])
def test_one_order_that_is_found_is_opened(agent: FlaskClient, ledger: FakeLedger, spoken: str) -> None:
    iris = replace(CUSTOMER, phone="+44 1482 300300")
    order = ledger.keep(an_order(cart_id="basket-17", customer=iris, placement=InShop(number="EX-1")))
    ledger.keep(an_order(customer=replace(iris, email="other@example.org", phone=None)))
    text = spoken.format(order.ref.lower(), order.ref[3:7], order.ref[8:])
    assert follow(agent, agent.get("/console", query_string={"find": text})).title.startswith(order.ref)


def test_several_orders_make_a_list(agent: FlaskClient, ledger: FakeLedger) -> None:
    kept = [ledger.keep(an_order()).ref for _ in range(2)]
    page = opened(agent, find="iris@example.org")
    assert refs(page) == kept[::-1]
    assert "2 orders match iris@example.org, newest first." in page.text
    assert links(page)["All orders"] == "/console"


def test_a_search_with_very_many_results_lists_the_newest(agent: FlaskClient, ledger: FakeLedger, few: int) -> None:
    for _ in range(few + 1):
        ledger.keep(an_order())
    page = opened(agent, find="iris@example.org")
    assert len(refs(page)) == few
    assert "The newest 3 orders that match iris@example.org." in page.text


@pytest.mark.parametrize("text", ["FB-0000-0000-0", "nonsense", "<b>"])
def test_what_is_not_there_is_said(agent: FlaskClient, text: str) -> None:
    page = opened(agent, find=text)
    assert f"No orders match {text}." in page.text
    assert page.fields["find"] == text


# --- live


def test_the_state_is_another_word_once_the_list_would_be_another(agent: FlaskClient, ledger: FakeLedger) -> None:
    ledger.keep(an_order())
    shown = opened(agent).one("div", id="orders")
    assert agent.get(shown["data-state"]).get_json() == {"state": shown["data-known"]}
    ledger.keep(an_order())
    assert agent.get(shown["data-state"]).get_json() != {"state": shown["data-known"]}


def test_the_state_is_that_of_the_page_that_asks(agent: FlaskClient, ledger: FakeLedger) -> None:
    page = opened(agent, hold="mismatch", owner="Ana")
    assert page.one("div", id="orders")["data-state"] == "/console/state?hold=mismatch&owner=Ana"


# --- where one order stands


def standing(agent: FlaskClient, order: Order) -> str:
    return Page(agent.get(f"/console/orders/{order.ref}")).one("section", id="standing").text


def test_an_order_is_read_in_the_words_of_its_customer(agent: FlaskClient, ledger: FakeLedger) -> None:
    held = on_hold(ledger, HoldCode.OUT_OF_STOCK, minutes=60)
    text = standing(agent, held)
    assert text.startswith(
        "What the customer reads An agent is reviewing your order Your order needs a decision by an agent."
    )
    assert "out of stock" in text
    assert "We will write to you by 21 Nov 2026, 11:00 UTC." in text


def test_a_decline_is_read_as_the_customer_reads_it(agent: FlaskClient, ledger: FakeLedger) -> None:
    declined = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, decline=Decline("expired_card", "customer"))
    text = standing(agent, ledger.keep(an_order(payment=declined)))
    assert "The card has expired. Please enter another card, or check the details of this one." in text


def test_what_comes_next_is_read_with_its_time(agent: FlaskClient, ledger: FakeLedger, container: Container) -> None:
    order = ledger.keep(an_order())
    text = standing(agent, order)
    assert "Next steps The shop receives your order and gives it a number You are charged" in text
    assert "Next request to the shop: now." in text
    later = ledger.keep(an_order(placement=InShop(due_at=NOW + timedelta(minutes=5))))
    assert "Next request to the shop: 21 Nov 2026, 10:05 UTC." in standing(agent, later)
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ada", "payment page down"))
    assert "Next request to the shop: when its own system is back." in standing(agent, order)


def test_an_order_that_is_over_shows_no_next_steps(agent: FlaskClient, ledger: FakeLedger) -> None:
    settled = ledger.keep(an_order(placement=PlacementState.VERIFIED, payment=a_payment(PaymentState.CAPTURED)))
    text = standing(agent, settled)
    assert text.startswith("What the customer reads The shop has your order The shop's order number is 100001.")
    assert "Next steps" not in text
