"""/console/oncall during the night: the situation, the next action and a few figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.incident.audit import Halt
from fallback.domain.oncall.alerts import Alert, Memory, Told
from fallback.domain.oncall.minutes import SHOWN
from fallback.domain.oncall.situation import Situation
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Payment, PaymentState, PlacementState
from fallback.domain.outage.failover import Advice, Evidence, Failover, Observation, Probe, Why
from fallback.domain.outage.mode import Decider, Mode, ModeState
from fallback.domain.support.accounts import Role
from fallback.ledger.oncall.metrics_store import Seen
from fallback.runtime.metrics import Service
from fallback.usecases.incident.count_running_totals import count_running_totals
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.web.console.charts import top_of
from fallback.web.console.oncall.situation_words import ALERTS, WORDS
from tests.builders import a_hold, a_payment, an_order
from tests.fakes.heartbeats import FakeHeartbeats
from tests.web.filling import forge, press
from tests.web.html import Page
from tests.web.world import NOW

PATH = "/console/oncall"
WELL, DOWN = Probe(NOW, page=True, health=True), Probe(NOW, page=False, elsewhere=True)
Colleague = Callable[[str, Role], FlaskClient]


@pytest.fixture
def ada(colleague: Colleague, container: Container) -> FlaskClient:
    sees(container, WELL, Advice(Mode.STANDBY, Why.WELL))
    return colleague("Ada", Role.ONCALL)


def sees(container: Container, look: Probe, advice: Advice) -> None:
    container.observations.write(Observation(NOW, Evidence((look,)), advice))


def first_words(page: Page) -> str:
    return page.one("section", id="now").text


def runbook(page: Page) -> str:
    """The only one that the page names, by a link that opens it."""
    found = {link["href"] for link in page.all("a") if link.attributes.get("href", "").startswith("/console/runbooks/")}
    [address] = found
    return address.rpartition("/")[2]


def figure(page: Page, name: str) -> str:
    names, values = page.all("dt"), page.all("dd")
    return values[[each.text for each in names].index(name)].text


# --- how it stands


def test_every_situation_and_every_alert_has_its_words() -> None:
    assert set(WORDS) == set(Situation)
    assert set(ALERTS) == set(Alert)


def test_while_all_is_well_there_is_nothing_to_do(ada: FlaskClient) -> None:
    page = Page(ada.get(PATH))
    assert first_words(page) == "All systems operational: the shop serves its own checkout. No action needed."
    assert "open" not in page.one("details", id="switching").attributes


def test_a_switch_that_is_left_to_them_is_the_first_thing_and_its_form_is_open(
    ada: FlaskClient, container: Container
) -> None:
    container.modes.switch(ModeState(Mode.STANDBY, NOW, "Ana", "a false alarm", until=NOW + timedelta(hours=1)))
    container.observations.write(Observation(NOW, Evidence((DOWN,) * 4), Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})))
    page = Page(ada.get(PATH))
    words = "Health checks that failed in a row: 4. Recommended: switch to active. Switch"
    assert first_words(page).startswith(words)
    assert runbook(page) == "fail-over"
    assert "open" in page.one("details", id="switching").attributes


def test_what_the_machine_is_about_to_do_is_left_to_it(ada: FlaskClient, container: Container) -> None:
    container.config = replace(container.config, fallback_failover=Failover.AUTOMATIC)
    container.observations.write(Observation(NOW, Evidence((DOWN,) * 4), Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})))
    page = Page(ada.get(PATH))
    assert "The mode switches automatically in a moment." in first_words(page)
    assert "open" not in page.one("details", id="switching").attributes


def test_who_may_not_switch_is_not_sent_to_a_form(colleague: Colleague, container: Container) -> None:
    container.modes.switch(ModeState(Mode.STANDBY, NOW, "Ana", "a false alarm"))
    container.observations.write(Observation(NOW, Evidence((DOWN,) * 4), Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})))
    page = Page(colleague("Mara", Role.AGENT).get(PATH))
    assert "Recommended: switch to active." in first_words(page)
    assert page.all("a", href="#switching") == []


def test_in_an_outage_it_says_how_many_orders_are_kept(ada: FlaskClient, container: Container) -> None:
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ana", "the shop is down"))
    for _ in range(3):
        container.ledger.keep(an_order())
    words = first_words(Page(ada.get(PATH)))
    assert "Orders kept for the shop: 3. No action needed until the shop is back." in words


def test_what_keeps_orders_from_being_accepted_is_said_with_its_reason(ada: FlaskClient, container: Container) -> None:
    container.readiness.found = ("Redis keeps nothing on disk.",)
    page = Page(ada.get(PATH))
    assert "No orders are accepted" in first_words(page)
    assert "Redis keeps nothing on disk." in first_words(page)
    assert runbook(page) == "redis-lost-or-full"


def test_a_halt_leads_to_where_it_is_lifted(ada: FlaskClient, container: Container) -> None:
    container.halts.halt(Halt(NOW, "fallback", "The shop has lost 3 orders that it had before."))
    page = Page(ada.get(PATH))
    assert "The shop has lost 3 orders that it had before." in first_words(page)
    assert "Review" in [link.text for link in page.all("a", href="/console/incidents")]


def test_each_alert_that_goes_on_names_its_runbook(ada: FlaskClient, container: Container) -> None:
    told = Told(NOW, NOW, "Orders on hold: 40; the limit is 20.")
    container.outbox.remember(Memory(NOW, {Alert.HOLDS_PILE_UP: told}), [], NOW)
    page = Page(ada.get(PATH))
    assert "Orders on hold: 40; the limit is 20." in first_words(page)
    assert runbook(page) == "order-stuck"


def test_who_works_on_an_alert_is_named_and_the_first_stays(
    ada: FlaskClient, colleague: Colleague, container: Container
) -> None:
    told = Told(NOW, NOW, "Orders on hold: 40; the limit is 20.")
    container.outbox.remember(Memory(NOW, {Alert.HOLDS_PILE_UP: told}), [], NOW)
    both = [(client, Page(client.get(PATH))) for client in (ada, colleague("Bo", Role.ONCALL))]
    for client, page in both:
        shown = press(client, page, "/alerts/holds_pile_up/acknowledgement")
        assert "Ada has worked on it since 21 Nov 2026, 10:00 UTC." in first_words(shown)
        assert shown.all("form", action=f"{PATH}/alerts/holds_pile_up/acknowledgement") == []
    late = "Too many orders on hold: Ada has worked on it since 21 Nov 2026, 10:00 UTC."
    assert shown.one("p", role="alert").text == late


def test_an_outdated_page_does_not_acknowledge_an_alert_that_began_later(
    ada: FlaskClient, container: Container
) -> None:
    alert, told = Alert.HOLDS_PILE_UP, Told(NOW, NOW, "Orders on hold: 40; the limit is 20.")
    container.outbox.remember(Memory(NOW, {alert: told}), [], NOW)
    outdated = Page(ada.get(PATH))
    later = NOW + timedelta(minutes=20)
    container.outbox.remember(
        Memory(later, {alert: Told(later, later, "Orders on hold: 90; the limit is 20.")}), [], later
    )
    shown = press(ada, outdated, "/alerts/holds_pile_up/acknowledgement")
    assert "Orders on hold: 90" in first_words(shown)
    assert container.outbox.acknowledged() == {}
    assert "Ada has worked on it" in first_words(press(ada, shown, "/alerts/holds_pile_up/acknowledgement"))


@pytest.mark.parametrize("alert", [Alert.HOLDS_PILE_UP, "nothing"])
def test_an_alert_that_is_over_is_acknowledged_by_nobody(ada: FlaskClient, container: Container, alert: str) -> None:
    assert forge(ada, f"{PATH}/alerts/{alert}/acknowledgement").status_code == 303
    assert container.outbox.acknowledged() == {}


def test_the_first_line_names_the_mode_and_since_when(ada: FlaskClient, container: Container) -> None:
    container.modes.switch(ModeState(Mode.ACTIVE, NOW - timedelta(hours=3), "Ana", "the shop is down"))
    line = Page(ada.get(PATH)).one("p", id="mode-line").text
    assert line == "Mode: active since 21 Nov 2026, 07:00 UTC (3 hrs) Ana: the shop is down"


def test_of_a_mode_that_was_never_switched_no_time_is_told(ada: FlaskClient) -> None:
    page = Page(ada.get(PATH))
    assert page.one("p", id="mode-line").text == "Mode: standby (never switched)"
    assert "2000" not in page.text


def test_the_recommended_mode_is_chosen_and_each_says_how_long_it_holds(ada: FlaskClient, container: Container) -> None:
    container.observations.write(Observation(NOW, Evidence((DOWN,) * 4), Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})))
    page = Page(ada.get(PATH))
    assert page.one("input", type="radio", checked="")["value"] == "active"
    stays = {each["value"]: each["data-stays"] for each in page.all("input", type="radio")}
    assert stays == {
        "standby": "stays by hand for 1 hr",
        "active": "stays by hand until the next manual switch",
        "draining": "stays by hand for 15 mins",
    }


# --- the figures


def test_the_on_call_page_counts_waiting_orders_with_their_age(ada: FlaskClient, container: Container) -> None:
    container.ledger.keep(an_order(received_at=NOW - timedelta(hours=2)))
    container.ledger.keep(an_order())
    container.ledger.keep(an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    page = Page(ada.get(PATH))
    assert figure(page, "Waiting for the shop").startswith("2 oldest since")
    assert "8:00" in figure(page, "Waiting for the shop")
    assert figure(page, "On hold") == "1"
    assert "Orders for the shop 2" in figure(page, "Due now")


def test_money_is_what_the_clock_counted(ada: FlaskClient, container: Container) -> None:
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ana", "the shop is down"))
    follow_mode(container)
    container.ledger.keep(an_order(payment=a_payment(PaymentState.AUTHORIZED)))
    captured = a_payment(PaymentState.CAPTURED)
    container.ledger.keep(an_order(payment=captured, placement=PlacementState.VERIFIED))
    count_running_totals(container)
    page = Page(ada.get(PATH))
    assert figure(page, "Value of orders waiting for the shop").startswith("€30.93 counted")
    assert figure(page, "Value of orders on hold").startswith("–")
    assert figure(page, "Captured since the last outage began").startswith("€30.93")


def test_what_is_not_authorized_is_shown_beside_its_limit_and_refusals_are_counted(
    ada: FlaskClient, container: Container
) -> None:
    container.config = replace(container.config, fallback_unpaid_incident_limit={"EUR": 5_000})
    for place, amount in enumerate((4_500, 501)):
        order = an_order(payment=Payment(amount=amount))
        container.ledger.accept(order, f"key-{place}", "print", container.terms)
    page = Page(ada.get(PATH))
    assert figure(page, "Not authorized yet") == "€45.00 limit: €50.00"
    assert figure(page, "Orders that may be late") == "0"
    assert figure(page, "Requests refused: above the limit for unpaid orders") == "1"


def test_a_breaker_that_is_open_and_a_payment_that_lapses_are_told(ada: FlaskClient, container: Container) -> None:
    lapses = (NOW + timedelta(days=2)).timestamp()
    container.metrics_store.seen = Seen(0, lapses, {}, frozenset({Service.PRIMARY}))
    page = Page(ada.get(PATH))
    assert figure(page, "The shop's order system") == "circuit open: too many failures"
    assert "23 Nov" in figure(page, "Next authorization to expire")


def test_the_last_hour_is_drawn_and_told(ada: FlaskClient, container: Container) -> None:
    for minutes_ago in (3, 2, 1, 0):
        container.minutes.note(failures=minutes_ago, now=NOW - timedelta(minutes=minutes_ago))
        container.ledger.keep(an_order())
    page = Page(ada.get(PATH))
    taken, handed_over, failed = (each.text for each in page.all("figcaption"))
    assert "Last hour: 3, peak 1 per minute; now 1." in taken
    assert "Last hour: 0, peak 0 per minute; now 0." in handed_over
    assert "Last hour: 3, peak 2 per minute; now 0." in failed
    unknown = page.all("path", **{"class": "unknown"})[0]["d"]
    assert unknown.count("M") == SHOWN - 3
    assert all("Grey: not recorded." in each for each in (taken, handed_over, failed))


def test_a_chart_has_its_scale_its_times_and_its_unit_and_the_figures_stand_in_a_table(
    ada: FlaskClient, container: Container
) -> None:
    for minutes_ago in range(7, -1, -1):
        container.minutes.note(failures=23 if minutes_ago == 6 else 0, now=NOW - timedelta(minutes=minutes_ago))
        container.ledger.keep(an_order())
    page = Page(ada.get(PATH))
    assert [each.text for each in page.all("div", **{"class": "scale"})] == ["2 1 0", "2 1 0", "40 20 0"]
    assert page.all("div", **{"class": "times"})[0].text == "60 min ago 30 min ago now"
    assert "Orders taken per minute" in page.all("figcaption")[0].text
    newest, before, older = (row.text for row in page.one("tbody", id="minutes").all("tr")[:3])
    assert newest == "09:56:00 UTC 5 0 0"
    assert before == "09:51:00 UTC ≥ 2 ≥ 0 ≥ 23"
    assert older == "09:46:00 UTC – – –"


@pytest.mark.parametrize(("most", "top"), [(0, 2), (2, 2), (3, 4), (11, 20), (60, 60), (61, 100), (4100, 6000)])
def test_a_chart_ends_at_a_round_number_above_its_highest_value(most: int, top: int) -> None:
    assert top_of([None, 0, most]) == top


def test_minutes_without_figures_are_not_drawn_as_zero(ada: FlaskClient) -> None:
    page = Page(ada.get(PATH))
    assert [each.text for each in page.all("figcaption") if "No data yet" in each.text]
    assert page.all("path", **{"class": "near"})[0]["d"] == ""


# --- what happened and what goes on


def test_the_last_switches_are_told_with_who_and_why(ada: FlaskClient, container: Container) -> None:
    for minute in range(12):
        mode = Mode.ACTIVE if minute % 2 else Mode.STANDBY
        at = NOW + timedelta(minutes=minute)
        container.modes.switch(ModeState(mode, at, "fallback", f"reason {minute}.", Decider.MACHINE))
    text = Page(ada.get(PATH)).one("ol", id="log").text
    assert "active" in text
    assert [minute for minute in range(12) if f"reason {minute}." in text] == list(range(2, 12))


def test_an_incident_that_is_not_closed_is_one_click_away(ada: FlaskClient, container: Container) -> None:
    assert "No open incident." in Page(ada.get(PATH)).text
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ana", "the shop is down"))
    follow_mode(container)
    incident = container.incidents.last()
    assert incident
    assert Page(ada.get(PATH)).one("a", href=f"/console/incidents/{incident.id}").text == incident.id


def test_the_on_call_page_shows_its_time_and_a_link_to_reload(ada: FlaskClient) -> None:
    page = Page(ada.get(PATH))
    assert "As of 10:00:00 UTC." in page.text
    assert page.one("a", id="again")["href"] == PATH


def test_the_on_call_page_is_in_german(ada: FlaskClient) -> None:
    page = Page(ada.get(PATH, headers={"Accept-Language": "de"}))
    assert first_words(page) == "Alles in Ordnung: Der Shop bedient seine Kasse selbst. Nichts zu tun."


# --- clocks


@pytest.mark.parametrize(
    ("happens", "saying"),
    [
        (
            lambda heartbeats: heartbeats.machine_is_off("web-1", 312, NOW),
            "The clock of web-1 is 312 s ahead of Redis'.",
        ),
        (
            lambda heartbeats: heartbeats.webhook_was_stale(312),
            "Webhooks of the payment provider are refused: their signature time is 312 s behind our clock.",
        ),
    ],
)
def test_clocks_that_disagree_are_named_while_it_lasts(
    ada: FlaskClient, container: Container, happens: Callable[[FakeHeartbeats], None], saying: str
) -> None:
    assert saying not in first_words(Page(ada.get(PATH)))
    happens(container.heartbeats)
    assert saying in first_words(Page(ada.get(PATH)))
