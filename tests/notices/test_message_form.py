"""Mails in each language, their headers, and what people and questions bring into them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import WithdrawContract
from fallback.domain.errors import Refused
from fallback.domain.order.cart import Line
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.links import Links
from fallback.domain.order.notices import reader
from fallback.domain.order.order import (
    Notice,
    NoticeKind,
    Order,
    PaymentState,
    Placement,
    PlacementState,
)
from fallback.domain.order.sentence import Said
from fallback.domain.order.texts_by_people import say
from fallback.domain.placement import contract_withdrawal, rivals
from fallback.domain.storefront import Storefront
from fallback.notices.mailer import SmtpMailer
from fallback.notices.message import compose
from tests.builders import CUSTOMER, NOW, a_hold, a_primary_order, an_order
from tests.notices.mail_server import MailServer
from tests.notices.mails import LINK, LINKS, REF, SENDER, paying, text, the_mail

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


# --- the shop


@pytest.mark.parametrize(("locale", "name"), [("en", "Terms and conditions"), ("de", "AGB")])
def test_a_mail_to_a_customer_leads_to_the_shops_pages_about_the_law(
    server: MailServer, locale: str, name: str
) -> None:
    storefront = Storefront(terms_url="https://shop.example/terms?a=1&b=2")
    mailer = SmtpMailer(server.url, SENDER, LINKS, storefront=storefront)
    received = Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW)
    mailer.deliver(an_order(locale=locale), CUSTOMER, received, lambda: None)
    assert text(server.mails[0]).endswith(f"{name}: https://shop.example/terms?a=1&b=2")
    assert f'<a href="https://shop.example/terms?a=1&amp;b=2">{name}</a>' in text(server.mails[0], "html")


@pytest.mark.parametrize(
    ("sender", "name"), [(SENDER, "Harbour Books"), (f"Orders <{SENDER}>", "Orders"), (f'"B, C" <{SENDER}>', "B, C")]
)
def test_a_mail_says_who_writes(server: MailServer, sender: str, name: str) -> None:
    shop = Storefront(shop_name="Harbour Books", shop_colour="#0b5c5a", shop_email="help@shop.example")
    received = Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW)
    SmtpMailer(server.url, sender, LINKS, storefront=shop).deliver(an_order(), CUSTOMER, received, lambda: None)
    [mail] = server.mails
    assert mail["From"].addresses[0].display_name == name
    assert text(mail).startswith("Harbour Books Hello Iris Murdoch,")
    assert "Contact: help@shop.example" in text(mail)
    assert "background:#0b5c5a;color:#ffffff" in text(mail, "html")


# --- headers


def test_a_mail_is_known_by_order_and_notice_and_nobody_answers_it_automatically() -> None:
    order = an_order()
    mail, again = the_mail(NoticeKind.RECEIVED, order), the_mail(NoticeKind.RECEIVED, order)
    assert mail["Message-ID"] == again["Message-ID"] == f"<{LINKS.mails.of(order.ref, '3')}@pay.example>"
    assert mail["X-PM-Metadata-mail"] == LINKS.mails.of(order.ref, "3")
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
    assert "Wir schreiben Ihnen bis 21. Nov. 2026, 18:00 UTC wieder" in text(mail)


def test_only_a_customer_who_is_not_charged_yet_reads_that_the_card_is_charged_later() -> None:
    later = "You are charged only once the shop has your order."
    assert later in text(the_mail(NoticeKind.NEXT_WORD))
    captured = paying(PaymentState.CAPTURED, authorized=3093, captured=3093)
    released = paying(PaymentState.VOIDED, authorized=3093)
    cancelled = an_order(payment=released, placement=Placement(state=PlacementState.CANCELLED), holds=(QUESTION,))
    for order in (
        an_order(payment=captured),
        an_order(cancel_asked=True, placement=Placement(state=PlacementState.PLACING)),
        cancelled,
        an_order(placement=PlacementState.PLACED, holds=(HOLD,)),
    ):
        assert later not in text(the_mail(NoticeKind.NEXT_WORD, order))


def test_a_persons_own_sentence_stands_first_in_any_mail_and_is_no_markup() -> None:
    order = an_order(customer=replace(CUSTOMER, said=(Said(1, "As we said <b>today</b>.\n\nAnn"),)))
    assert order.customer
    mail = compose(
        order, order.customer, Notice(id="1", kind=NoticeKind.PAYMENT_NEEDED, due_at=NOW, said=1), LINKS, SENDER
    )
    assert text(mail).startswith("Hello Iris Murdoch, As we said <b>today</b>. Ann Your order")
    assert "<p>As we said &lt;b&gt;today&lt;/b&gt;.</p>" in mail.get_body(("html",)).get_content()


def test_the_receipt_of_a_withdrawal_has_its_content_date_and_time_and_goes_where_it_was_stated(
    server: MailServer,
) -> None:
    order = an_order(ref=REF, placement=PlacementState.VERIFIED, payment=paying(PaymentState.CAPTURED))
    stated = WithdrawContract("Iris M.", "home@example.org")
    done = contract_withdrawal.withdraw(order, stated, "a", 14, NOW, lambda _: None)
    assert done
    assert done.order.customer
    [notice] = done.order.notices
    mailer = SmtpMailer(server.url, SENDER, LINKS)
    mailer.deliver(done.order, reader(done.order, notice), notice, lambda: None)
    [mail] = server.mails
    assert mail["To"] == "home@example.org"
    for part in ("plain", "html"):
        said = text(mail, part)
        assert "We received your withdrawal from the contract on 21 Nov 2026, 10:00 UTC." in said
        assert f"I, Iris M., withdraw from the contract with order number {REF} for these goods:" in said
        assert "2 × The Sea, the Sea" in said
        assert "1 Quay" not in said


@pytest.mark.parametrize(
    ("placement", "follows"),
    [(PlacementState.VERIFIED, True), (PlacementState.CANCELLED, False)],
)
def test_the_receipt_says_that_the_shop_gets_it_unless_the_order_was_undone_before(
    placement: PlacementState, follows: bool
) -> None:
    order = an_order(ref=REF, placement=PlacementState.VERIFIED, payment=paying(PaymentState.CAPTURED))
    done = contract_withdrawal.withdraw(
        order, WithdrawContract("Iris M.", "i@home.example"), "a", 14, NOW, lambda _: None
    )
    assert done
    [notice] = done.order.notices
    mail = compose(replace(done.order, placement=Placement(state=placement)), CUSTOMER, notice, LINKS, SENDER)
    assert ("the shop gets your withdrawal from us" in text(mail)) is follows
    assert "2 × The Sea, the Sea" in text(mail)


@pytest.mark.parametrize(("days", "there"), [(14, True), (0, False)])
def test_mails_lead_to_the_withdrawal_while_it_is_possible(server: MailServer, days: int, there: bool) -> None:
    mailer = SmtpMailer(server.url, SENDER, LINKS, storefront=Storefront(withdrawal_days=days))
    notice = Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW)
    mailer.deliver(an_order(ref=REF, placement=PlacementState.VERIFIED), CUSTOMER, notice, lambda: None)
    plain = server.mails[0].get_body(("plain",)).get_content()
    assert (f"Withdraw from contract here: {LINKS.order(REF, 'withdrawal')}" in plain.splitlines()) is there
    assert ("Withdraw from contract here</a>" in text(server.mails[0], "html")) is there
