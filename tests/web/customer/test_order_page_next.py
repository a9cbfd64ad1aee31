"""The order's page says what comes next, by when, and what becomes of the money."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.grants import GrantDecision, Refund, RefundState
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, STOPS_NOTHING, HoldCode, new_hold
from fallback.domain.order.order import (
    Decline,
    Event,
    Notice,
    NoticeKind,
    NoticeState,
    Payment,
    Placement,
    PlacementState,
)
from fallback.domain.payment.news import PaymentNews
from fallback.domain.payment.refunds import give_difference
from fallback.web.purchase import event_words
from tests.builders import a_payment, an_order
from tests.web.customer.order_page import (
    CANCELLED,
    DECLINED,
    MERGED,
    NOT_PAID,
    ON_HOLD,
    PAYMENT_UNKNOWN,
    SETTLED,
    WAITING,
    P,
    S,
    WithLink,
    payment,
)
from tests.web.world import NOW


def test_a_hold_names_the_time_of_the_next_word(with_link: WithLink) -> None:
    page = with_link(ON_HOLD).open()
    assert "An item that you ordered is out of stock." in page.text
    assert "We will write to you by 21 Nov 2026, 18:00 UTC." in page.text
    assert "2026-11-21T18:00:00+00:00" in [time["datetime"] for time in page.all("time")]


@pytest.mark.parametrize("code", sorted(set(HoldCode) - ASKS_ABOUT_RIVAL - STOPS_NOTHING))
def test_every_hold_that_a_person_decides_has_its_words(with_link: WithLink, code: HoldCode) -> None:
    page = with_link(replace(ON_HOLD, holds=(new_hold(code, "checkout desk", NOW),))).open()
    assert page.title == "An agent is reviewing your order"
    assert code not in page.one("div", id="status").text.split()


@pytest.mark.parametrize("code", sorted(set(HoldCode) - STOPS_NOTHING))
@pytest.mark.parametrize(("state", "told"), [(P.CAPTURED, "was successful"), (P.REFUNDED, "We have refunded €30.93")])
def test_no_hold_says_that_nothing_is_charged_of_money_charged_by_hand(
    with_link: WithLink, code: HoldCode, state: P, told: str
) -> None:
    held = (new_hold(code, "checkout desk", NOW),)
    said, before = (
        with_link(an_order(payment=a_payment(each), holds=held)).open().one("div", id="status").text
        for each in (state, P.AUTHORIZED)
    )
    assert "othing is charged" not in said
    assert told in said or "othing is charged" not in before


@pytest.mark.parametrize(
    ("codes", "changes", "told"),
    [
        ([HoldCode.POSSIBLE_RIVAL], {}, "Nothing is charged until you answer."),
        ([HoldCode.POSSIBLE_RIVAL, HoldCode.OUT_OF_STOCK], {}, "Nothing is charged in the meantime."),
        ([HoldCode.PRICE_CHANGED, HoldCode.OUT_OF_STOCK], {}, "Nothing is charged in the meantime."),
        ([HoldCode.POSSIBLE_RIVAL], {"cancel_asked": True}, "Nothing is charged in the meantime."),
    ],
)
def test_of_several_holds_and_of_a_question_that_is_not_asked_it_is_said_once_that_nothing_is_charged(
    with_link: WithLink, codes: list[HoldCode], changes: dict[str, object], told: str
) -> None:
    holds = tuple(new_hold(code, "checkout desk", NOW) for code in codes)
    said = (
        with_link(an_order(payment=a_payment(P.AUTHORIZED), holds=holds, **changes)).open().one("div", id="status").text
    )
    assert said.count("Nothing is charged") == said.count(told) == 1


OTHERWISE = Refund("re_1", 3093, RefundState.FAILED, answer=GrantDecision.OTHERWISE)


@pytest.mark.parametrize(
    ("refunded", "failed", "told"),
    [
        (0, 3093, "We have refunded €30.93 to you in another way."),
        (
            2093,
            1000,
            "We have refunded €20.93 to the card that you paid with. We have refunded €10.00 to you in another",
        ),
        (3093, 0, "We have refunded €30.93 to the card that you paid with. Banks take up to 10 working days"),
    ],
)
@pytest.mark.parametrize("state", [S.VERIFIED, S.CANCELLED, S.MERGED])
def test_money_that_was_paid_back_in_another_way_did_not_go_to_the_card(
    with_link: WithLink, state: PlacementState, refunded: int, failed: int, told: str
) -> None:
    refunds = (replace(OTHERWISE, amount=failed),) if failed else ()
    given_back = a_payment(P.REFUNDED, refunded=refunded, refunds=refunds)
    said = with_link(an_order(payment=given_back, placement=state)).open().one("div", id="status").text
    assert (told.partition(" Banks")[0] if state is S.MERGED else told) in said
    assert "€0.00" not in said


def test_who_cannot_be_reached_by_mail_reads_it_and_can_give_another_address(with_link: WithLink) -> None:
    page = with_link(replace(NOT_PAID, holds=(new_hold(HoldCode.MAIL_REFUSED, "Ann", NOW),))).open()
    assert page.title == "We have your order, but it is not paid yet"
    assert (
        "Our emails to iris@example.org do not arrive. Please enter another address."
        in page.one("div", id="status").text
    )
    assert [link for link in page.all("a") if link.text == "Edit contact details"]


def test_where_a_mail_came_back_the_page_asks_for_another_address(with_link: WithLink) -> None:
    returned = Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW, state=NoticeState.FAILED, refused_at=NOW)
    page = with_link(replace(WAITING, notices=(returned,))).open()
    assert "Our emails to iris@example.org do not arrive." in page.one("div", id="status").text
    [link] = [each for each in page.all("a") if each.text == "Enter another e-mail address"]
    assert link["href"].startswith(f"/orders/{WAITING.ref}/contact?")


def test_the_deadline_of_the_bank_is_named(with_link: WithLink) -> None:
    assert "The amount is reserved until 28 Nov 2026, 10:00 UTC." in with_link(WAITING).open().text


def test_after_a_change_of_price_the_page_says_what_is_reserved_charged_and_released(with_link: WithLink) -> None:
    cheaper = with_link(an_order(payment=a_payment(P.AUTHORIZED, amount=1794)))
    assert (
        "€30.93 is reserved on your card. The order now costs €17.94: we charge only that, and "
        "your bank releases the other €12.99." in cheaper.open().text
    )
    dearer = with_link(an_order(payment=a_payment(P.AUTHORIZED, amount=3388))).open().text
    assert "€30.93 was reserved on your card before your order was changed. We are releasing it." in dearer
    paid = an_order(payment=a_payment(P.CAPTURED, amount=1794, captured=3093), placement=S.VERIFIED)
    less = give_difference(paid, "customer", NOW).order
    assert "Your order costs less now, so we are refunding €12.99 to your card." in with_link(less).open().text


def test_the_timeline_says_what_was_changed_and_what_it_costs_since_then(
    with_link: WithLink, container: Container
) -> None:
    customer = with_link(WAITING)
    data: dict[str, str | int] = {"what": "delivery lines", "amount": 1794, "before": 3093}
    container.ledger.commit(customer.order, customer.order, [Event(NOW, "changed", "customer", data)])
    said = customer.open().text
    assert "Your details were changed: Delivery, Items. The new total is €17.94 instead of €30.93" in said


@pytest.mark.parametrize("code", ["authorization_expired", "authorization_cancelled", "card_token_expired"])
@pytest.mark.parametrize("placed", [False, True], ids=["only ours", "in the shop"])
def test_what_no_bank_declined_is_not_told_as_declined(with_link: WithLink, code: str, placed: bool) -> None:
    again = an_order(
        payment=payment(P.ACTION_REQUIRED, decline=Decline(code, "customer"), pay_by=NOW + timedelta(days=1)),
        placement=S.VERIFIED if placed else S.WAITING,
    )
    page = with_link(again).open()
    assert page.title == "Please enter your card again"
    assert ("The shop already has your order" in page.text) is placed
    assert "We keep your order until 22 Nov 2026, 10:00 UTC." in page.text


@pytest.mark.parametrize("named", [NOW + timedelta(days=7), None], ids=["reminded", "from the beginning"])
def test_the_end_of_an_unpaid_order_is_named(with_link: WithLink, named: datetime | None) -> None:
    unpaid = an_order(payment=payment(P.NONE, pay_by=named), received_at=NOW)
    said = "We keep your order until 28 Nov 2026, 10:00 UTC. If it is not paid by then, it is cancelled"
    assert said in with_link(unpaid).open().text


def test_the_timeline_tells_what_happened_and_what_is_to_come(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    customer.ledger.commit(
        customer.order,
        customer.order,
        [
            Event(NOW, "received", "customer"),
            Event(NOW + timedelta(seconds=4), "authorized", "stripe", {"amount": 3093}),
            Event(NOW + timedelta(seconds=9), "notice_sent", "worker", {"kind": "received"}),
            Event(NOW + timedelta(seconds=9), PaymentNews.CAPTURED, "stripe"),
        ],
    )
    assert [line.text for line in customer.open().all("li") if line.attributes.get("class") in ("done", "ahead")] == [
        "We have your order 21 Nov 2026, 10:00 UTC",
        "The amount was reserved 21 Nov 2026, 10:00 UTC",
        "Next: The shop receives your order and gives it a number",
        "You are charged",
    ]


def test_only_a_step_forward_is_marked_as_done(with_link: WithLink) -> None:
    customer = with_link(DECLINED)
    events = [("received", "customer"), ("declined", "stripe"), ("asked_again", "worker")]
    customer.ledger.commit(customer.order, customer.order, [Event(NOW, what, who) for what, who in events])
    lines = customer.open().one("ol", **{"class": "timeline"}).all("li")
    assert [line.attributes["class"] for line in lines][:3] == ["done", "went-wrong", "noted"]
    marked = event_words.WENT_WRONG | event_words.NOTED
    assert marked <= set(event_words.EVENTS)
    assert set() == event_words.WENT_WRONG & event_words.NOTED


# Their events refer to texts and figures of the order.
WITH_MORE = ("contract_withdrawn", "asked_for_a_person", "answered")


def test_a_sentence_begins_with_a_capital_whoever_it_is_about(with_link: WithLink) -> None:
    customer = with_link(ON_HOLD)
    data: dict[str, str | int] = {"owner": "checkout desk", "to": "warehouse", "rival": "B-7", "number": "1"}
    events = [Event(NOW, what, "worker", data) for what in event_words.EVENTS if what not in WITH_MORE]
    customer.ledger.commit(customer.order, customer.order, events)
    page = customer.open()
    said = [each.text for each in page.all("li") + page.all("p") if " " in each.text]
    assert [text for text in said if text[0].islower()] == []
    assert [text for text in said if text.startswith("Checkout desk handles the order")]


RESERVED = "The €30.93 reserved on your card is released."

PERHAPS = "Any amount reserved on your card is released."

PART_BACK = a_payment(P.CAPTURED, refunded=500)


@pytest.mark.parametrize(
    ("paid", "said", "not_said"),
    [
        (a_payment(P.VOIDED, authorized=3093), RESERVED, "Any amount"),
        (a_payment(P.VOIDED, cards=0), "Nothing was charged, and nothing is reserved on your card.", "Some banks"),
        (a_payment(P.VOIDED, decline=Decline("expired_card", "never")), "nothing is reserved", "Some banks"),
        (a_payment(P.VOIDED), PERHAPS, "€30.93 reserved"),
    ],
    ids=["reserved", "no card", "declined", "not known"],
)
def test_a_reservation_is_in_doubt_only_where_it_is_not_known(
    with_link: WithLink, paid: Payment, said: str, not_said: str
) -> None:
    cancelled = with_link(replace(CANCELLED, payment=paid)).open().one("div", id="status").text
    assert said in cancelled
    assert not_said not in cancelled


@pytest.mark.parametrize(
    ("paid", "said", "ahead"),
    [
        (a_payment(P.AUTHORIZED), "We are releasing the €30.93 reserved", ["Next: The amount reserved on your card"]),
        (a_payment(P.NONE), "nothing is reserved on your card", []),
        (a_payment(P.UNKNOWN), "We release any amount reserved", ["Next: Any amount reserved on your card"]),
        (a_payment(P.CAPTURED), "€30.93 will be refunded to the card.", ["Next: The amount charged is refunded"]),
        (PART_BACK, "€25.93 will be refunded to the card.", ["Next: The amount charged is refunded"]),
    ],
    ids=["reserved", "no card", "not known", "charged", "a part was given back"],
)
def test_cancelling_says_what_becomes_of_the_money(
    with_link: WithLink, paid: Payment, said: str, ahead: list[str]
) -> None:
    page = with_link(an_order(payment=paid, cancel_asked=True)).open()
    assert said in page.one("div", id="status").text
    next_ = [line.text for line in page.all("li", **{"class": "ahead"})]
    assert len(next_) == len(ahead)
    assert all(line.startswith(expected) for line, expected in zip(next_, ahead, strict=True))


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        (a_payment(P.AUTHORIZED), "the €30.93 reserved on it is released"),
        (a_payment(P.NONE), "Your card is not charged."),
        (a_payment(P.UNKNOWN), "any amount reserved on it is released"),
        (a_payment(P.CAPTURED), "We refund €30.93 to your card, unless the goods have already been shipped."),
        (PART_BACK, "We refund €25.93 to your card, unless the goods have already been shipped."),
    ],
)
def test_the_question_before_says_it_too(with_link: WithLink, paid: Payment, said: str) -> None:
    assert said in with_link(an_order(payment=paid)).open("/cancellation").text


@pytest.mark.parametrize("placement", [S.WAITING, S.PLACING])
@pytest.mark.parametrize("authorized", [3093, 0])
def test_money_that_was_taken_before_the_shop_had_the_order_is_not_called_reserved(
    with_link: WithLink, authorized: int, placement: S
) -> None:
    by_hand = an_order(payment=a_payment(P.CAPTURED, authorized=authorized), placement=placement)
    page = with_link(by_hand).open()
    assert "Your payment of €30.93 was successful." in page.one("div", id="status").text
    assert "reserved" not in page.text
    assert "You are charged" not in page.text


@pytest.mark.parametrize(("authorized", "said"), [(3093, "The €30.93 reserved for the second one"), (0, "")])
def test_a_merged_order_without_a_reservation_releases_none(with_link: WithLink, authorized: int, said: str) -> None:
    merged = replace(MERGED, payment=a_payment(P.VOIDED, authorized=authorized, cards=int(authorized > 0)))
    text = with_link(merged).open().one("div", id="status").text
    assert "You pay only for the shop's order." in text
    assert (said or text) in text
    assert ("reserved" in text) is bool(authorized)


def test_an_order_that_costs_nothing_reserves_and_charges_nothing(with_link: WithLink) -> None:
    free = an_order(payment=Payment(amount=0))
    for order in (free, replace(free, placement=Placement(state=S.VERIFIED, number="100017"))):
        page = with_link(order).open()
        assert "Your order costs nothing." in page.one("div", id="status").text
        assert "card" not in page.one("section", id="progress").text
        assert "€0.00" not in page.one("div", id="status").text


def test_an_order_that_is_over_says_until_when_personal_data_is_kept(with_link: WithLink) -> None:
    kept = "We keep your name, addresses and messages until 19 Feb 2027, 10:00 UTC. Then we erase them."
    assert kept in with_link(SETTLED).open().text
    for order in (WAITING, replace(SETTLED, customer=None)):
        assert "Then we erase them" not in with_link(order).open().text


def test_an_order_that_ended_has_nothing_ahead(with_link: WithLink) -> None:
    for order in (SETTLED, MERGED, CANCELLED):
        assert with_link(order).open().all("li", **{"class": "ahead"}) == []


def test_without_javascript_the_page_looks_again_by_itself_while_something_moves(with_link: WithLink) -> None:
    assert with_link(PAYMENT_UNKNOWN).open().one("meta", http_equiv="refresh")["content"].startswith("5;url=/orders/")
    assert with_link(DECLINED).open().all("meta", http_equiv="refresh") == []


def test_the_script_finds_where_to_look_for_changes(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    order = customer.open().one("div", id="order")
    seen = {"If-None-Match": f'"{order["data-tag"]}"'}
    assert customer.browser.get(order["data-page"], headers=seen).status_code == 304
    assert customer.browser.get(order["data-page"]).status_code == 200
