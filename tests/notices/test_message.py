from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.cart import Discount, Line, Tax
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.links import Links
from fallback.domain.order.order import (
    Decline,
    Notice,
    NoticeKind,
    Order,
    Payment,
    PaymentState,
    Placement,
    PlacementState,
)
from fallback.domain.order.sentence import Said
from fallback.domain.order.texts_by_people import say
from fallback.domain.payment.refunds import give_difference
from fallback.domain.placement import rivals
from fallback.notices.mailer import SmtpMailer
from fallback.notices.message import compose
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, a_primary_order, an_order
from tests.notices.mail_server import MailServer

REF = "FB-7K3M-92QX-5"
LINKS = Links(["a-secret-of-the-tests-of-mails-0123456789"], "https://pay.example")
LINK = LINKS.order(REF)
SENDER = "orders@pay.example"


def the_mail(kind: NoticeKind, order: Order | None = None, **changes: Any) -> EmailMessage:
    order = order or an_order(ref=REF, **changes)
    assert order.customer
    return compose(order, order.customer, Notice(id="3", kind=kind, due_at=NOW), LINKS, SENDER)


def text(mail: EmailMessage, subtype: str = "plain") -> str:
    part = mail.get_body((subtype,))
    assert part
    return " ".join(part.get_content().split()).replace("\N{NO-BREAK SPACE}", " ")


def paying(state: PaymentState, **changes: Any) -> Payment:
    return Payment(amount=3093, state=state, **changes)


# --- what each mail says


def test_it_says_what_was_bought_for_how_much_and_where_it_goes() -> None:
    for part in ("plain", "html"):
        said = text(the_mail(NoticeKind.RECEIVED), part)
        for fact in (
            "2 × The Sea, the Sea",
            "€25.98",
            "Standard delivery",
            "€4.95",
            "€30.93",
            "The goods include €3.19 of tax",
        ):
            assert fact in said
        assert "Monday, November 23" in said
        assert "1 Quay, HU1 1AA Hull, United Kingdom" in said
        assert LINK in said


def test_the_address_that_is_left_learns_nothing_of_who_is_written_to_now() -> None:
    theirs = ["Murdoch", "example.org", "1 Quay", "The Sea", "€30.93"]
    for part in ("plain", "html"):
        said = text(the_mail(NoticeKind.ADDRESS_LEFT), part)
        assert LINK in said
        assert [word for word in theirs if word in said] == []


def test_discounts_and_tax_on_top_stand_beside_the_goods() -> None:
    said = text(the_mail(NoticeKind.RECEIVED, discounts=(Discount("Welcome", 500),), tax=Tax(False, 400)))
    assert "Welcome: -€5.00" in said
    assert "Tax: €4.00" in said
    assert "is included" not in said


RECEIVED_SAYS = {
    PaymentState.NONE: "You chose to pay later.",
    PaymentState.PENDING: "We are asking your bank to reserve €30.93.",
    PaymentState.AUTHORIZED: "Your bank has reserved €30.93.",
    PaymentState.ACTION_REQUIRED: "Your payment is not complete yet.",
    PaymentState.UNKNOWN: "We do not know yet whether your bank has reserved €30.93.",
    PaymentState.CAPTURED: "Your payment of €30.93 was successful.",
    PaymentState.VOIDED: "Your order has changed since then.",
    PaymentState.REFUNDED: "Your order has changed since then.",
}


@pytest.mark.parametrize("state", PaymentState)
def test_received_says_how_the_payment_stands_and_nothing_else(state: PaymentState) -> None:
    said = text(the_mail(NoticeKind.RECEIVED, payment=paying(state)))
    assert {sentence for sentence in RECEIVED_SAYS.values() if sentence in said} == {RECEIVED_SAYS[state]}


def test_received_has_a_way_to_pay_for_who_chose_to_pay_later() -> None:
    assert f"Pay now: {LINK}" in text(the_mail(NoticeKind.RECEIVED, payment=paying(PaymentState.NONE)))


def test_received_promises_nothing_after_the_customer_changed_their_mind() -> None:
    said = text(the_mail(NoticeKind.RECEIVED, cancel_asked=True))
    assert "Your order has changed since then." in said
    assert "we send your order to the shop" not in said


@pytest.mark.parametrize(
    ("payment", "says"),
    [
        ({"next_action_url": "https://bank.example"}, "Your bank needs you to confirm this payment."),
        ({"decline": Decline("insufficient_funds", "soft")}, "You can try the same card again, or use another one."),
        ({"decline": Decline("stolen_card", "never")}, "Please use another card"),
        ({"decline": Decline("expired_card", "customer")}, "Please use another card"),
        (
            {"decline": Decline("authorization_expired", "customer")},
            "before the shop could accept your order.",
        ),
        (
            {"decline": Decline("authorization_cancelled", "customer")},
            "You did nothing wrong, and nothing was charged.",
        ),
        ({"decline": Decline("card_token_expired", "customer")}, "for a few hours only"),
        ({}, "Your order is not paid yet."),
    ],
)
def test_payment_needed_says_why(payment: dict[str, Any], says: str) -> None:
    said = text(the_mail(NoticeKind.PAYMENT_NEEDED, payment=paying(PaymentState.ACTION_REQUIRED, **payment)))
    assert says in said
    assert f"Complete the payment: {LINK}" in said


@pytest.mark.parametrize("code", ["authorization_expired", "authorization_cancelled"])
def test_who_is_asked_for_what_the_shop_has_is_not_told_that_it_goes_there_later(code: str) -> None:
    asked = paying(PaymentState.ACTION_REQUIRED, decline=Decline(code, "customer"), pay_by=NOW + timedelta(days=1))
    said = text(the_mail(NoticeKind.PAYMENT_NEEDED, payment=asked, placement=PlacementState.VERIFIED))
    assert "the shop already has your order, as number 100001" in said
    assert "we send the order to the shop" not in said
    assert "before the shop could accept your order" not in said
    assert "If the order is not paid by 22 Nov 2026" in said


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en", "Your order was changed and now costs €33.88. We have released the €30.93 that was reserved"),
        ("de", "kostet jetzt 33,88 €. Die 30,93 €, die auf Ihrer Karte reserviert waren"),
    ],
)
def test_payment_needed_names_both_sums_when_the_order_got_dearer(locale: str, says: str) -> None:
    raised = Payment(amount=3388, state=PaymentState.ACTION_REQUIRED, decline=Decline("amount_raised", "customer"))
    assert says in text(the_mail(NoticeKind.PAYMENT_NEEDED, payment=replace(raised, outgrown=3093), locale=locale))


@pytest.mark.parametrize(
    ("locale", "asked", "ended"),
    [
        (
            "en",
            "not paid by 22 Nov 2026, 10:00 UTC, we cancel",
            "was not paid in time, so it is cancelled",
        ),
        ("de", "10:00 UTC nicht bezahlt, stornieren wir die Bestellung", "wurde nicht rechtzeitig bezahlt"),
    ],
)
def test_who_does_not_pay_hears_by_when_it_ends_and_then_why_it_ended(locale: str, asked: str, ended: str) -> None:
    unpaid = an_order(ref=REF, payment=paying(PaymentState.NONE, pay_by=NOW + timedelta(days=1)), locale=locale)
    assert asked in text(the_mail(NoticeKind.PAYMENT_NEEDED, unpaid))
    by_customer = the_mail(NoticeKind.CANCELLED, unpaid)
    assert ended not in text(by_customer)
    late = Notice(id="1", kind=NoticeKind.CANCELLED, due_at=NOW + timedelta(days=1))
    assert ended in text(compose(unpaid, CUSTOMER, late, LINKS, SENDER))


@pytest.mark.parametrize(("locale", "says"), [("en", "your change is complete"), ("de", "Ihre Änderung ist erledigt")])
def test_a_change_that_is_done_shows_what_is_agreed_now(locale: str, says: str) -> None:
    mail = the_mail(NoticeKind.CHANGED, locale=locale)
    assert says in mail["Subject"]
    for part in ("plain", "html"):
        said = text(mail, part)
        assert "2 × The Sea, the Sea" in said
        assert "1 Quay" in said
    assert "refund" not in said


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        (
            1794,
            "€30.93 is reserved on your card: we charge €17.94, and your bank releases the other €12.99.",
        ),
        (0, "The new total is €0.00. We are releasing the €30.93 that was reserved on your card"),
    ],
)
def test_a_change_of_the_price_names_what_is_reserved_charged_and_released(amount: int, says: str) -> None:
    changed = an_order(ref=REF, payment=paying(PaymentState.AUTHORIZED, authorized=3093))
    changed = replace(changed, payment=replace(changed.payment, amount=amount))
    assert says in text(the_mail(NoticeKind.CHANGED, changed))


def test_a_change_that_costs_less_names_what_goes_back() -> None:
    paid = an_order(ref=REF, payment=a_payment(PaymentState.CAPTURED, captured=4392), placement=PlacementState.VERIFIED)
    cheaper = give_difference(paid, "customer", NOW).order
    assert "The new total is €30.93, which is less than you paid. We refund €12.99" in text(
        the_mail(NoticeKind.CHANGED, cheaper)
    )


def test_a_change_that_could_not_be_made_shows_what_stands() -> None:
    mail = the_mail(NoticeKind.NOT_CHANGED)
    assert "your change could not be made" in mail["Subject"]
    assert "Your order stays as it was." in text(mail)
    assert "2 × The Sea, the Sea" in text(mail)


def test_the_code_of_a_decline_is_not_read_out_to_them() -> None:
    payment = paying(PaymentState.ACTION_REQUIRED, decline=Decline("stolen_card", "never"))
    assert "stolen" not in text(the_mail(NoticeKind.PAYMENT_NEEDED, payment=payment))


def test_placed_gives_the_number_of_the_shop() -> None:
    mail = the_mail(NoticeKind.PLACED, placement=Placement(state=PlacementState.VERIFIED, number="100007"))
    assert "100007" in mail["Subject"]
    assert "The shop's order number is 100007." in text(mail)


def test_merged_says_that_it_was_not_bought_twice() -> None:
    merged = Placement(state=PlacementState.MERGED, number="100003")
    said = text(the_mail(NoticeKind.MERGED, placement=merged, payment=paying(PaymentState.VOIDED)))
    assert "The shop already had your order as number 100003, so we did not place it again" in said
    assert "We did not charge you for the second order." in said
    assert "reserved" not in said


def test_what_the_bank_had_set_aside_is_said_to_be_released_only_if_it_had() -> None:
    cancelled = Placement(state=PlacementState.CANCELLED)
    had = the_mail(NoticeKind.CANCELLED, placement=cancelled, payment=paying(PaymentState.VOIDED, authorized=3093))
    had_not = the_mail(NoticeKind.CANCELLED, placement=cancelled, payment=paying(PaymentState.VOIDED))
    assert "has been released" in text(had)
    assert "has been released" not in text(had_not)


def test_what_the_bank_took_back_is_said_to_be_with_the_customer() -> None:
    dispute = Concern("du_1", ConcernKind.DISPUTE, ConcernState.UPHELD, NOW, amount=3093)
    payment, cancelled = paying(PaymentState.REFUNDED, authorized=3093), Placement(state=PlacementState.CANCELLED)
    said = text(the_mail(NoticeKind.CANCELLED, placement=cancelled, payment=payment, concerns=(dispute,)))
    assert "Your order is cancelled. Your bank has already returned the payment to you." in said
    assert "nothing was charged" not in said
    assert "has been released" not in said


def test_refunded_says_how_much_comes_back() -> None:
    payment = paying(PaymentState.CAPTURED, captured=3093, refunded=1299)
    assert "We have refunded €12.99" in text(the_mail(NoticeKind.REFUNDED, payment=payment))


# --- languages


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - {NoticeKind.OWNER}))
@pytest.mark.parametrize(("locale", "greeting"), [("en", "Hello"), ("de-DE", "Guten Tag")])
def test_each_kind_arrives_once_in_the_language_of_the_customer(
    server: MailServer, kind: NoticeKind, locale: str, greeting: str
) -> None:
    order = an_order(locale=locale, placement=Placement(number="100007"))
    mailer = SmtpMailer(server.url, SENDER, Links(("a-secret-for-the-tests-of-the-mail-0123",), "https://pay.example"))
    mailer.deliver(order, CUSTOMER, Notice(id="1", kind=kind, due_at=NOW), lambda: None)
    [mail] = server.mails
    assert mail["Content-Language"] == locale[:2]
    assert order.ref in mail["Subject"]
    name = " Iris Murdoch" if kind is not NoticeKind.ADDRESS_LEFT else ""
    for part in ("plain", "html"):
        assert f"{greeting}{name}," in text(mail, part)
        assert f"https://pay.example/orders/{order.ref}" in text(mail, part)


def test_money_follows_the_region_of_the_customer() -> None:
    assert "30,93 €" in text(the_mail(NoticeKind.RECEIVED, locale="de-DE"))


def test_a_language_that_we_do_not_speak_is_english() -> None:
    assert "Hello" in text(the_mail(NoticeKind.RECEIVED, locale="fi"))


# --- headers


def test_a_mail_is_known_by_order_and_notice_and_nobody_answers_it_automatically() -> None:
    order = an_order()
    mail, again = the_mail(NoticeKind.RECEIVED, order), the_mail(NoticeKind.RECEIVED, order)
    assert mail["Message-ID"] == again["Message-ID"] == f"<{order.ref}.3@pay.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(mail["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_no_text_of_a_customer_or_a_shop_becomes_a_header() -> None:
    customer = replace(CUSTOMER, name="Iris\r\nBcc: all@example.org")
    mail = the_mail(NoticeKind.PLACED, customer=customer, placement=Placement(number="1\r\nBcc: all@example.org"))
    assert "Bcc" not in mail
    with pytest.raises(Refused):
        the_mail(NoticeKind.PLACED, customer=replace(CUSTOMER, email="iris@example.org\r\nBcc: all@example.org"))


def test_a_title_of_the_shop_is_text_in_the_html() -> None:
    lines = (Line("BK-1", "<script>alert(1)</script>", 1, 2598),)
    part = the_mail(NoticeKind.RECEIVED, lines=lines).get_body(("html",))
    assert part
    assert "<script>" not in part.get_content()
    assert "&lt;script&gt;" in part.get_content()


def test_a_line_that_begins_with_a_dot_arrives_whole(server: MailServer) -> None:
    lines = (Line("BK-1", "title " + "." * 300, 1, 2598),)
    mailer = SmtpMailer(server.url, SENDER, Links(("a-secret-for-the-tests-of-the-mail-0123",), "https://pay.example"))
    mailer.deliver(an_order(lines=lines), CUSTOMER, Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW), lambda: None)
    assert "title " + "." * 300 in text(server.mails[0])


# --- what people and questions bring


def test_an_answer_has_the_words_of_the_person_who_gives_it() -> None:
    order, said = say(an_order(ref=REF), "answer", "The lamp is not in it.\nWe send it on Monday.")
    notice = Notice(id="3", kind=NoticeKind.ANSWER, due_at=NOW, said=said)
    assert order.customer
    mail = compose(order, order.customer, notice, LINKS, SENDER)
    for part in ("plain", "html"):
        assert "The lamp is not in it." in text(mail, part)
        assert "We send it on Monday." in text(mail, part)
    assert LINK in text(mail)


def test_who_may_have_bought_it_before_answers_by_one_link_of_two() -> None:
    asked = rivals.ask_them(an_order(ref=REF), "100077", NOW).order
    mail = text(the_mail(NoticeKind.POSSIBLE_RIVAL, asked))
    assert "nearly the same items: 100077." in mail
    assert f"I already ordered this. Cancel this order: {LINKS.order(REF, 'rival/same')}" in mail
    assert f"Keep both orders: {LINKS.order(REF, 'rival/apart')}" in mail


def test_who_may_have_paid_in_the_shop_is_asked_that_and_not_whether_both_are_wanted() -> None:
    order = an_order(ref=REF)
    rival = a_primary_order(order, ref=None, number="100077")
    asked = rivals.ask_whether_paid(order, rival, NOW).order
    mail = text(the_mail(NoticeKind.POSSIBLE_RIVAL, asked))
    assert "The shop has an order for the same basket, number 100077, and does not tell us whether it is paid." in mail
    assert f"Yes, I paid there. Cancel this order: {LINKS.order(REF, 'rival/same')}" in mail
    assert f"No, keep this order: {LINKS.order(REF, 'rival/apart')}" in mail
    assert "both" not in mail


def test_the_way_back_leads_to_each_of_their_orders() -> None:
    order = an_order(ref=REF)
    notice = Notice(id="3", kind=NoticeKind.LINKS, due_at=NOW, refs=("FB-0000-0000-0",))
    assert order.customer
    mail = text(compose(order, order.customer, notice, LINKS, SENDER))
    assert LINK in mail
    assert LINKS.order("FB-0000-0000-0") in mail


# --- still working on it


HOLD, QUESTION = a_hold(HoldCode.MISMATCH), a_hold(HoldCode.ASKED_FOR_A_PERSON)


@pytest.mark.parametrize(
    ("order", "known"),
    [
        (an_order(holds=(HOLD,)), "Your order needs a decision by an agent"),
        (an_order(), "The shop cannot accept your order yet."),
        (an_order(placement=PlacementState.UNKNOWN), "we did not receive a response"),
        (an_order(placement=PlacementState.PLACED, cancel_asked=True), "We are cancelling your order."),
        (an_order(payment=paying(PaymentState.NONE), holds=(QUESTION,)), "Our answer to your question takes longer"),
    ],
)
def test_the_next_word_says_what_is_known_and_by_when_the_next_one_comes(order: Order, known: str) -> None:
    said = text(the_mail(NoticeKind.NEXT_WORD, order))
    assert known in said
    assert "we will write to you again by 21 Nov 2026, 18:00 UTC" in said


def test_the_next_word_is_there_in_german() -> None:
    mail = the_mail(NoticeKind.NEXT_WORD, locale="de", holds=(HOLD,))
    assert "Wir sind noch dabei" in mail["Subject"]
    assert "Wir schreiben Ihnen bis 21 Nov. 2026, 18:00 UTC wieder" in text(mail)


def test_only_a_customer_who_is_not_charged_yet_reads_that_the_card_is_charged_later() -> None:
    later = "Your card is charged only once the shop has your order."
    assert later in text(the_mail(NoticeKind.NEXT_WORD))
    captured = paying(PaymentState.CAPTURED, authorized=3093, captured=3093)
    assert later not in text(the_mail(NoticeKind.NEXT_WORD, payment=captured))


def test_a_persons_own_sentence_stands_first_in_any_mail_and_is_no_markup() -> None:
    order = an_order(customer=replace(CUSTOMER, said=(Said(1, "As we said <b>today</b>.\n\nAnn"),)))
    assert order.customer
    mail = compose(
        order, order.customer, Notice(id="1", kind=NoticeKind.PAYMENT_NEEDED, due_at=NOW, said=1), LINKS, SENDER
    )
    assert text(mail).startswith("Hello Iris Murdoch, As we said <b>today</b>. Ann Your order")
    assert "<p>As we said &lt;b&gt;today&lt;/b&gt;.</p>" in mail.get_body(("html",)).get_content()
