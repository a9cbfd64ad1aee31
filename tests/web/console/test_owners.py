"""Owners of orders, handovers, and the list of own work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.handover_and_callback import Handover
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, Notice, NoticeKind, NoticeState, PaymentState
from fallback.domain.support.accounts import Person, Role
from fallback.usecases.support.accept_handover import accept_handover
from fallback.usecases.support.assign_owner import assign_owner
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.console.at_work import ME, AtWork
from tests.web.filling import press
from tests.web.html import Page

BEN = Person("Ben", Role.AGENT)


# --- the owner


def test_an_agent_can_assign_an_unowned_order_to_themselves(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    assert "the desk Next update to the customer by 21 Nov 2026, 18:00 UTC." in work.page().text
    page = work.does("owner")
    assert work.order.owner == ME
    assert not page.all("form", action=f"/console/orders/{work.ref}/owner")


@pytest.mark.parametrize(
    ("state", "owner", "said"),
    [(NoticeState.FAILED, "Ann", True), (NoticeState.SENT, "Ann", False), (NoticeState.FAILED, "Ben", False)],
)
def test_whom_no_mail_reaches_has_to_be_told_in_another_way(
    agent: FlaskClient, ledger: FakeLedger, state: NoticeState, owner: str, said: bool
) -> None:
    told = Notice(id="1", kind=NoticeKind.OWNER, due_at=NOW, state=state, owner="Ann")
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),), owner=owner, notices=(told,)))
    assert (f"{owner} cannot be reached by mail" in work.page().text) is said


def test_the_timeline_says_why_the_owner_was_not_written_to(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),), owner="Ann"))
    failed = Event(NOW, "notice_failed", "worker", {"kind": "owner", "owner": "Ann", "why": "no_email"})
    ledger.commit(work.order, work.order, (failed,))
    assert "To the owner · Ann · the account has no e-mail address" in work.page().text


def test_the_timeline_says_which_mail_came_back_and_which_text_message_left(
    agent: FlaskClient, ledger: FakeLedger
) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MAIL_REFUSED, "answer 5.1.1"),)))
    returned = Event(NOW, "notice_returned", "worker", {"kind": "answer", "status": "5.1.1"})
    sent = Event(NOW, "sms_sent", "worker", {"kind": "answer"})
    ledger.commit(work.order, work.order, (returned, sent))
    text = work.page().text
    assert "A mail was returned: it did not arrive" in text
    assert "Our answer · 5.1.1" in text
    assert "A text message was sent" in text


def test_an_order_that_is_over_has_no_owner(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(payment=a_payment(PaymentState.REFUNDED)))
    assert work.forge("owner").status_code == 409
    assert "Owner" not in work.page().text


# --- hand-over


def test_a_handover_goes_to_a_person_who_becomes_the_owner_on_accepting(
    agent: FlaskClient, ledger: FakeLedger, container: Container
) -> None:
    container.duty.begin(BEN, NOW)
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),), owner=ME))
    packet = {"asked": "Where are my books?", "tried": "Asked the shop", "promised": "Two, not one"}
    page = work.does("handovers", to="Ben", by="2026-11-21T12:00", **packet)
    assert "From console to Ben, accept by 21 Nov 2026, 10:30 UTC" in page.text
    assert all(text in page.text for text in packet.values())
    assert (work.order.owner, work.order.holds[0].next_word_by) == (ME, NOW + timedelta(hours=2))
    accept_handover(container, work.ref, "Ben", seen=99)
    assert (work.order.owner, work.order.handover) == ("Ben", None)


def test_their_own_words_stand_in_the_form(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(owner=ME, customer=replace(CUSTOMER, note="Please ring twice")))
    assert work.page().fields["asked"] == "Please ring twice"


def test_a_handover_to_an_unknown_recipient_is_refused(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    page = Page(work.forge("handovers", to="Zoe", asked="A wick", tried="The shop was rung"))
    assert (page.status, list(page.errors)) == (400, ["to"])
    assert page.fields.items() >= {"asked": "A wick", "tried": "The shop was rung"}.items()
    assert work.order.handover is None


def test_what_goes_to_somebody_else_is_not_for_me_to_accept(agent: FlaskClient, ledger: FakeLedger) -> None:
    handover = Handover(to="Ben", by="Ann", accept_by=NOW + timedelta(minutes=30), asked=0)
    work = AtWork(agent, ledger, an_order(owner="Ann", handover=handover))
    assert work.forge("handovers/acceptance").status_code == 409
    assert work.order.owner == "Ann"


# --- for you


def test_my_work_lists_overdue_orders_first(agent: FlaskClient, ledger: FakeLedger) -> None:
    later = ledger.keep(an_order(owner=ME, next_word_by=NOW + timedelta(hours=1)))
    overdue = ledger.keep(an_order(owner=ME, next_word_by=NOW - timedelta(hours=1)))
    handover = Handover(to=ME, by="Ann", accept_by=NOW + timedelta(minutes=9), asked=0)
    handed = ledger.keep(an_order(owner="Ann", handover=handover))
    desk = ledger.keep(an_order(owner="checkout desk"))
    ledger.keep(an_order(owner="Ann"))
    page = Page(agent.get("/console/mine"))
    assert [link.text for link in page.all("a", **{"class": "ref"})] == [handed.ref, overdue.ref, later.ref, desk.ref]
    assert page.all("li")[1].text.startswith(f"{overdue.ref} Waiting for the shop Overdue")


def test_the_agent_goes_on_duty_and_off_again(agent: FlaskClient, container: Container) -> None:
    assert "Nobody is on duty: new orders are spread over all agents." in Page(agent.get("/console/mine")).text
    container.duty.begin(Person("Ann", Role.AGENT), NOW)
    assert "You are off duty: no new orders are assigned to you." in Page(agent.get("/console/mine")).text
    on = press(agent, Page(agent.get("/console/mine")), "/console/duty")
    assert "On duty: Ann, console" in on.text
    assert container.duty.roster().leads == (ME,)
    press(agent, on, "/console/duty")
    assert container.duty.roster().leads == ()


def test_an_agent_who_claims_an_owned_order_is_told_who_owns_it(
    app: Flask, agent: FlaskClient, ledger: FakeLedger
) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    form = work.page()
    assign_owner(app.extensions["container"], work.ref, "Ann", seen=0)
    page = Page(work.send("owner", form))
    assert (page.status, work.order.owner) == (409, "Ann")
    assert "Ann acted first: Ann handles the order" in page.text
