"""What an agent does with an order: note, payment link, call, holds, owner, hand-over; and what waits for them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order import texts_by_people
from fallback.domain.order.grants import GrantDecision, GrantKind, GrantState, Refund, RefundState
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import BOUGHT_THERE, HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Event, Notice, NoticeKind, NoticeState, Order, PaymentState, PlacementState
from fallback.domain.order.sentence import Said
from fallback.domain.support.accounts import Person, Role
from fallback.usecases.support.accept_handover import accept_handover
from fallback.usecases.support.assign_owner import assign_owner
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, an_order
from tests.domain.order.test_grants import a_grant
from tests.fakes.ledger import FakeLedger
from tests.web.filling import forge, press, send
from tests.web.html import Page, follow

ME = "console"
BEN = Person("Ben", Role.AGENT)


class AtWork:
    """An agent with an order before their."""

    def __init__(self, agent: FlaskClient, ledger: FakeLedger, order: Order) -> None:
        self.agent = agent
        self.ledger = ledger
        self.ref = ledger.keep(order).ref

    def page(self) -> Page:
        return Page(self.agent.get(f"/console/orders/{self.ref}"))

    def form(self, noun: str) -> Page:
        """The order's page if the form stands on it, or its own page."""
        address, page = f"/console/orders/{self.ref}/{noun}", self.page()
        return page if page.all("form", action=address) else Page(self.agent.get(address))

    def send(self, noun: str, page: Page | None = None, **typed: str) -> TestResponse:
        """`page`: with the form as it was when it was opened."""
        return send(self.agent, page or self.form(noun), f"/{noun}", typed)

    def forge(self, noun: str, **fields: str) -> TestResponse:
        """What the page does not offer now; an old one may have."""
        seen = str(len(self.ledger.timeline(self.ref)))
        return forge(self.agent, f"/console/orders/{self.ref}/{noun}", {"seen": seen} | fields)

    def does(self, noun: str, **fields: str) -> Page:
        return follow(self.agent, self.send(noun, **fields))

    @property
    def order(self) -> Order:
        return self.ledger.load(self.ref)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(event.what, event.who) for event in self.ledger.timeline(self.ref)]


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


def test_a_call_is_promised_listed_and_closed_with_what_came_of_it(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    page = work.does("callback", phone="+44 1482 300300", at="2026-11-21T15:30")
    assert "Callback: +44 1482 300300, 21 Nov 2026, 15:30 UTC" in page.text
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


# --- holds


def test_a_hold_is_released_by_its_form(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK, "BK-1"),)))
    assert work.page().all("form", action=f"/console/orders/{work.ref}/holds/out_of_stock/release")
    work.does("holds/out_of_stock/release")
    assert work.order.holds == ()
    assert work.told == [("hold_released", ME)]


def test_the_promise_outlives_its_hold(agent: FlaskClient, ledger: FakeLedger) -> None:
    hold = a_hold(HoldCode.OUT_OF_STOCK)
    work = AtWork(agent, ledger, an_order(holds=(hold,)))
    work.does("holds/out_of_stock/release")
    assert work.order.next_word_by == hold.next_word_by


@pytest.mark.parametrize(
    ("act", "answer", "state"),
    [("release", GrantDecision.AGAIN, GrantState.GRANTED), ("settle", GrantDecision.OTHERWISE, GrantState.MADE)],
)
def test_what_a_refund_did_not_bring_is_sent_again_or_was_paid_otherwise(
    agent: FlaskClient, ledger: FakeLedger, act: str, answer: GrantDecision, state: GrantState
) -> None:
    refund = Refund("re_1", 1_000, RefundState.FAILED, 1)
    order = an_order(
        payment=a_payment(PaymentState.CAPTURED, refunds=(refund,)),
        placement=PlacementState.VERIFIED,
        grants=(a_grant(1, GrantKind.GOODWILL, 1_000, GrantState.FAILED),),
        holds=(a_hold(HoldCode.REFUND_FAILED, "re_1"),),
    )
    work = AtWork(agent, ledger, order)
    assert "€10.00" in work.page().all("form", action=f"/console/orders/{work.ref}/holds/refund_failed/{act}")[0].text
    page = work.page()
    work.does(f"holds/refund_failed/{act}")
    assert (work.order.holds, work.order.payment.refunds[0].answer) == ((), answer)
    assert work.order.grants[0].state is state
    work.send("holds/refund_failed/settle", page)
    assert work.order.payment.refunds[0].answer is answer


def test_the_same_purchase_is_undone_and_the_other_stands(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.POSSIBLE_RIVAL, "100077"),)))
    work.does("holds/possible_rival/merge")
    assert headline(work.order) in (Headline.UNDOING, Headline.CANCELLED)
    assert ("rival_same", ME) in work.told


def test_an_agent_answers_whether_it_is_paid_in_the_shop(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MAYBE_PAID, "100077"),)))
    assert "Not paid in the shop: release hold" in work.page().text
    work.does("holds/maybe_paid/merge")
    assert ("rival_same", ME) in work.told


def test_only_a_rival_can_be_the_same_purchase(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    assert work.forge("holds/mismatch/merge").status_code == 409
    assert work.told == []


@pytest.mark.parametrize("code", sorted(BOUGHT_THERE))
def test_what_a_person_finds_in_the_shop_is_merged_under_its_number(
    agent: FlaskClient, ledger: FakeLedger, code: HoldCode
) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(code),)))
    assert "Already bought in the shop" in work.page().text
    page = work.does(f"holds/{code}/merge", number="#100077", paid="yes")
    assert (work.order.placement.state, work.order.placement.number) == (PlacementState.MERGED, "100077")
    assert (work.told, work.order.holds) == ([("merged", ME)], ())
    assert "The shop already had this order as number 100077" in page.text


@pytest.mark.parametrize("number", ["", "Iris Murdoch", "4242 4242 4242 4242", "4242424242424242"])
def test_what_cannot_be_a_number_merges_nothing(agent: FlaskClient, ledger: FakeLedger, number: str) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK),)))
    page = Page(work.send("holds/out_of_stock/merge", number=number, paid="yes"))
    assert "not an order number" in page.text
    assert work.told == []


def test_an_agent_cannot_merge_without_confirming_that_the_shops_order_is_paid(
    agent: FlaskClient, ledger: FakeLedger
) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK),)))
    page = Page(work.send("holds/out_of_stock/merge", number="100077"))
    assert (page.status, [*page.errors], page.fields["number"]) == (400, ["paid"], "100077")
    assert (work.told, work.order.placement.state) == ([], PlacementState.WAITING)


def test_what_the_shop_has_of_ours_is_no_other_purchase(agent: FlaskClient, ledger: FakeLedger) -> None:
    refused = an_order(holds=(a_hold(HoldCode.PRIMARY_REFUSED),), placement=PlacementState.VERIFIED)
    work = AtWork(agent, ledger, refused)
    assert work.forge("holds/primary_refused/merge", number="100077").status_code == 409


def test_what_cannot_be_done_is_cancelled_with_a_reason(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK),)))
    assert work.page().all("a", href=f"/console/orders/{work.ref}/cancellation")
    page = work.does("cancellation", reason="Out of print")
    assert work.order.cancel_asked
    assert ("cancel_asked", ME) in work.told
    assert "Out of print" in page.text


@pytest.mark.parametrize("act", ["release", "merge"])
def test_a_hold_that_is_gone_is_said_to_be_gone(agent: FlaskClient, ledger: FakeLedger, act: str) -> None:
    work = AtWork(agent, ledger, an_order())
    assert work.forge(f"holds/mismatch/{act}", reason="x").status_code == 409


# --- cancelling


def test_cancelling_says_first_what_becomes_of_the_money(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order())
    page = Page(agent.get(f"/console/orders/{work.ref}/cancellation"))
    assert "Nothing was captured." in page.text
    press(agent, page, "/cancellation", reason="The customer asked")
    assert work.order.cancel_asked


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


# --- the owner


def test_whoever_looks_at_it_may_take_it_on(agent: FlaskClient, ledger: FakeLedger) -> None:
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


def test_an_order_that_is_over_has_no_owner(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(payment=a_payment(PaymentState.REFUNDED)))
    assert work.forge("owner").status_code == 409
    assert "Owner" not in work.page().text


# --- hand-over


def test_a_packet_goes_to_a_person_and_is_theirs_when_they_accept_it(
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


def test_a_packet_to_nobody_is_refused(agent: FlaskClient, ledger: FakeLedger) -> None:
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


def test_for_you_lists_what_waits_overdue_first(agent: FlaskClient, ledger: FakeLedger) -> None:
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


def test_who_was_not_seen_first_is_told_who_was(app: Flask, agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    form = work.page()
    assign_owner(app.extensions["container"], work.ref, "Ann", seen=0)
    page = Page(work.send("owner", form))
    assert (page.status, work.order.owner) == (409, "Ann")
    assert "Ann acted first: Ann handles the order" in page.text
