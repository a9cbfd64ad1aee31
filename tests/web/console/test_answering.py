"""An agent answers questions, adds notes, sends payment links, schedules calls and cancels orders."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order import texts_by_people
from fallback.domain.order.handover_and_callback import Callback
from fallback.domain.order.order import Event, NoticeKind, PaymentState
from fallback.domain.order.sentence import Said
from tests.builders import CUSTOMER, NOW, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.console.at_work import ME, AtWork
from tests.web.filling import press
from tests.web.html import Page

# --- notes


def test_a_note_is_kept_with_the_personal_data_and_read_in_the_timeline(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    page = work.does("notes", note="The customer is at sea until Monday")
    assert work.told == [("noted", ME)]
    assert page.one("q", **{"class": "long"}).text == "The customer is at sea until Monday"
    assert "at sea" not in str(ledger.timeline(work.ref))


@pytest.mark.parametrize("note", ["", "  ", "4242 4242 4242 4242"])
def test_a_note_that_cannot_be_kept_is_refused_on_the_orders_page(
    agent: FlaskClient, ledger: FakeLedger, note: str
) -> None:
    work = AtWork(agent, ledger, an_order())
    page = Page(work.send("notes", note=note))
    assert (page.status, list(page.errors)[:1]) == (400, ["note"])
    assert work.told == []


# --- payment link


def test_a_payment_link_goes_out_with_the_agents_own_sentence(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(payment=a_payment(PaymentState.NONE)))
    work.does("payment-link", sentence="As we said on the phone.")
    [notice] = work.order.notices
    assert (notice.kind, texts_by_people.read(work.order, notice.said)) == (
        NoticeKind.PAYMENT_NEEDED,
        "As we said on the phone.",
    )
    assert work.told == [("payment_link_sent", ME)]


def test_nobody_who_has_paid_gets_a_payment_link(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    assert work.forge("payment-link", sentence="").status_code == 409
    assert work.order.notices == ()


# --- calls


def test_a_callback_is_scheduled_listed_and_closed_with_its_result(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    page = work.does("callback", phone="+44 1482 300300", at="2026-11-21T15:30")
    assert "Callback +44 1482 300300, 21 Nov 2026, 15:30 UTC" in page.text
    assert page.all("a", href="tel:+441482300300")
    [row] = Page(agent.get("/console/callbacks")).all("li")
    assert row.text == f"{work.ref} Iris Murdoch +44 1482 300300 21 Nov 2026, 15:30 UTC"
    work.does("callback/closure", word="The customer will pay tonight")
    assert "No callbacks scheduled." in Page(agent.get("/console/callbacks")).text
    assert [what for what, _ in work.told] == ["call_arranged", "called"]


@pytest.mark.parametrize(
    ("phone", "at"), [("nobody", "2026-11-21T15:30"), ("+44 1", "soon"), ("+44 1", ""), ("+44 1", "2026-11-21T09:00")]
)
def test_a_call_needs_a_number_and_a_time_to_come(agent: FlaskClient, ledger: FakeLedger, phone: str, at: str) -> None:
    work = AtWork(agent, ledger, an_order())
    page = Page(work.send("callback", phone=phone, at=at))
    assert page.status == 400
    assert {"phone": phone, "at": at}.items() <= page.fields.items()
    assert {"phone", "at"} & page.errors.keys()
    assert work.order.callback is None


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
@pytest.mark.parametrize("at", ["9999-12-31T23:59", "0001-01-01T00:00", "2062-11-21T15:30"])
def test_a_year_that_was_mistyped_is_refused_wherever_the_shop_is(
    agent: FlaskClient, container: Container, ledger: FakeLedger, zone: str, at: str
) -> None:
    container.zone = ZoneInfo(zone)
    page = Page(AtWork(agent, ledger, an_order()).send("callback", phone="+44 1482 300300", at=at))
    assert (page.status, list(page.errors)) == (400, ["at"])


def test_a_call_whose_time_is_over_is_overdue(agent: FlaskClient, ledger: FakeLedger) -> None:
    customer = replace(CUSTOMER, said=(Said(1, "+44 1482 300300"),))
    ledger.keep(an_order(customer=customer, callback=Callback(1, NOW - timedelta(minutes=1))))
    assert "Overdue" in Page(agent.get("/console/callbacks")).text


# --- cancelling


def test_cancelling_says_first_what_becomes_of_the_money(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    page = Page(agent.get(f"/console/orders/{work.ref}/cancellation"))
    assert "Nothing was captured." in page.text
    press(agent, page, "/cancellation", reason="The customer asked")
    assert work.order.cancel_asked


def test_cancelling_says_how_much_is_still_to_go_back(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(payment=a_payment(PaymentState.CAPTURED, refunded=500)))
    page = Page(agent.get(f"/console/orders/{work.ref}/cancellation"))
    assert "€25.93 will be refunded to the card." in page.text


def test_the_mail_about_a_cancellation_has_the_agents_own_sentence(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(payment=a_payment(PaymentState.NONE)))
    work.does("cancellation", reason="Out of print", sentence="We have looked for it everywhere.")
    [notice] = work.order.notices
    told = texts_by_people.read(work.order, notice.said)
    assert (notice.kind, told) == (NoticeKind.CANCELLED, "We have looked for it everywhere.")


def test_a_cancellation_without_a_reason_comes_back_with_the_sentence(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    page = Page(work.send("cancellation", reason=" ", sentence="We have looked for it everywhere."))
    assert (page.status, list(page.errors)) == (400, ["reason"])
    assert page.fields["sentence"] == "We have looked for it everywhere."
    assert not work.order.cancel_asked


def test_what_was_written_when_somebody_else_was_first_is_not_lost(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    form = work.form("cancellation")
    ledger.commit(work.order, work.order, [Event(NOW, "changed", "customer", {"what": "note"})])
    page = Page(work.send("cancellation", form, reason="Out of print", sentence="It is sold out."))
    assert page.status == 409
    assert "Your message was not sent. This is what you wrote: It is sold out. Out of print" in page.text


def test_what_is_undone_is_not_cancelled_again(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(cancel_asked=True))
    assert agent.get(f"/console/orders/{work.ref}/cancellation").status_code == 409
    ledger.commit(work.order, work.order, [Event(NOW, "cancel_asked", "customer")])
    page = Page(work.forge("cancellation", reason="again"))
    assert page.status == 409
    assert "That is no longer possible: Cancellation was requested (the customer, " in page.text
