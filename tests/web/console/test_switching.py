"""/console/oncall: observations, recommendations, and manual switches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.outage.failover import Advice, Customers, Evidence, Observation, Probe, Why
from fallback.domain.outage.mode import Decider, Mode, ModeState
from fallback.domain.support.accounts import Role
from tests.builders import an_order
from tests.web.filling import forge, press
from tests.web.html import Page
from tests.web.world import NOW

Colleague = Callable[[str, Role], FlaskClient]
WELL, DOWN = Probe(NOW, page=True, health=True), Probe(NOW, page=False, elsewhere=True)


def seen(container: Container, look: Probe, advice: Advice, **evidence: object) -> None:
    container.observations.write(Observation(NOW, Evidence((look,), **evidence), advice))


@pytest.fixture
def oncall(colleague: Colleague) -> FlaskClient:
    return colleague("Nora", Role.ONCALL)


def switch(browser: FlaskClient, **fields: str) -> Page:
    typed = {"mode": "active", "reason": "the shop is down", "until": "usual"} | fields
    return press(browser, Page(browser.get("/console/oncall")), "/console/oncall/mode", typed)


def test_who_is_on_call_switches_and_stands_in_the_log_with_the_reason(
    oncall: FlaskClient, container: Container
) -> None:
    page = switch(oncall)
    assert "Mode: active" in page.text
    [state] = container.modes.log()
    assert (state.mode, state.who, state.reason, state.by) == (Mode.ACTIVE, "Nora", "the shop is down", Decider.PERSON)


@pytest.mark.parametrize(
    ("mode", "until", "stands"),
    [
        ("active", "usual", None),
        ("standby", "usual", timedelta(hours=1)),
        ("draining", "usual", timedelta(minutes=15)),
        ("active", "4", timedelta(hours=4)),
        ("standby", "open", None),
    ],
)
def test_the_agent_says_until_when_the_machine_leaves_it_alone(
    oncall: FlaskClient, container: Container, mode: str, until: str, stands: timedelta | None
) -> None:
    switch(oncall, mode=mode, until=until)
    assert container.modes.read().until == (NOW + stands if stands else None)


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD])
def test_others_read_the_page_and_switch_nothing(colleague: Colleague, container: Container, role: Role) -> None:
    browser = colleague("Mara", role)
    page = Page(browser.get("/console/oncall"))
    assert page.status == 200
    assert page.all("form", action="/console/oncall/mode") == []
    assert forge(browser, "/console/oncall/mode", {"mode": "active", "reason": "x"}).status_code == 403
    assert container.modes.log() == []


def test_a_switch_without_a_reason_comes_back_with_what_was_chosen(oncall: FlaskClient, container: Container) -> None:
    page = switch(oncall, reason=" ")
    assert page.status == 400
    assert "Reason: give one" in page.text
    assert page.fields["mode"] == "active"
    assert container.modes.log() == []


def test_a_reason_with_a_card_number_is_not_kept(oncall: FlaskClient, container: Container) -> None:
    page = switch(oncall, reason="they paid with 4242 4242 4242 4242", until="4")
    assert page.status == 400
    assert page.errors == {"reason": "Reason: this looks like a card number, please remove it"}
    assert (page.fields["reason"], page.fields["mode"], page.fields["until"]) == ("", "active", "4")
    assert container.modes.log() == []


def test_a_switch_from_an_outdated_page_is_refused(oncall: FlaskClient, container: Container) -> None:
    form = Page(oncall.get("/console/oncall"))
    theirs = ModeState(Mode.DRAINING, NOW, "Ana", "the shop is back")
    container.modes.switch(theirs)
    page = press(oncall, form, "/console/oncall/mode", mode="active", reason="x")
    assert page.status == 409
    assert "someone else switched it in the meantime" in page.text
    assert "Switched by Ana" in page.text
    assert container.modes.read() == theirs


# --- asking once more


def test_to_standby_while_orders_are_held_is_asked_once_more(oncall: FlaskClient, container: Container) -> None:
    container.ledger.keep(an_order())
    page = switch(oncall, mode="standby")
    assert "Orders not handed over yet: 1." in page.text
    assert container.modes.log() == []
    press(oncall, page, "/console/oncall/mode")
    assert container.modes.read().reason == "the shop is down"


def test_to_active_while_the_shop_answers_well_is_asked_once_more(oncall: FlaskClient, container: Container) -> None:
    seen(container, WELL, Advice(Mode.STANDBY, Why.WELL))
    assert "moved away from a working checkout" in switch(oncall).text
    assert container.modes.log() == []


def test_back_to_a_shop_that_does_not_answer_is_asked_once_more(oncall: FlaskClient, container: Container) -> None:
    seen(container, DOWN, Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4}))
    assert "The last health check failed" in switch(oncall, mode="draining").text


def test_in_a_real_outage_nobody_is_asked_twice(oncall: FlaskClient, container: Container) -> None:
    seen(container, DOWN, Advice(Mode.STANDBY, Why.WELL))
    switch(oncall)
    assert container.modes.read().mode is Mode.ACTIVE


def test_what_was_seen_long_ago_raises_no_doubt(oncall: FlaskClient, container: Container) -> None:
    old = Observation(NOW - timedelta(minutes=10), Evidence((WELL,)), Advice(Mode.STANDBY, Why.WELL))
    container.observations.write(old)
    switch(oncall)
    assert container.modes.read().mode is Mode.ACTIVE


# --- what the machine sees


def test_the_page_says_what_the_machine_sees_and_advises(oncall: FlaskClient, container: Container) -> None:
    advice = Advice(Mode.ACTIVE, Why.CUSTOMERS_AND_LOOKS, {"customers": 2, "looks": 3})
    evidence = Evidence((DOWN,) * 3, Customers(2, 5, 1), None, provider=False, held=7)
    container.observations.write(Observation(NOW, evidence, advice))
    text = Page(oncall.get("/console/oncall")).text
    assert "Recommended: switch to active. Customers that the shop failed in the last minute: 2." in text
    for fact in ("Last health check the shop's page failed", "Stripe does not answer", "Orders to hand over 7"):
        assert fact in text


def test_after_a_switch_the_advice_is_for_the_mode_that_is_on(oncall: FlaskClient, container: Container) -> None:
    seen(container, WELL, Advice(Mode.DRAINING, Why.HANDING_OVER, {"held": 3}), held=3)
    assert "No sign of an outage." in Page(oncall.get("/console/oncall")).text


def test_the_page_says_when_nobody_looks(oncall: FlaskClient) -> None:
    assert "check the clock process." in Page(oncall.get("/console/oncall")).text
