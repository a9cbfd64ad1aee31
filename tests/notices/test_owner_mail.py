"""The mail to the owner of an order, on a real mail server."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused, TryAgain
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.handover_and_callback import Handover
from fallback.domain.order.hold_names import HOLD_NAMES
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, NoticeKind, Order
from fallback.domain.support.accounts import Account, Role
from fallback.notices.mailer import SmtpMailer
from tests.builders import CUSTOMER, NOW, an_order
from tests.notices.mail_server import HOST, MailServer
from tests.notices.mails import text
from tests.ports import free_port

LINKS = Links(("a-secret-for-the-tests-of-the-mail-0123",), "https://pay.example", "https://desk.example/")
LEA = Account("Lea", Role.LEAD, email="lea@shop.example")
NOTICE = Notice(id="3", kind=NoticeKind.OWNER, due_at=NOW, owner="Lea")
BERLIN = ZoneInfo("Europe/Berlin")


def a_grant(amount: int, who: str = "Mara", state: GrantState = GrantState.ASKED) -> Grant:
    return Grant(
        id=1, kind=GrantKind.REFUND, amount=amount, reason="price", who=who, at=NOW, incident="standby", state=state
    )


def held(*codes: HoldCode, grants: tuple[Grant, ...] = ()) -> Order:
    return an_order(owner="Lea", holds=tuple(new_hold(code, "desk", NOW) for code in codes), grants=grants)


def sent(server: MailServer, order: Order, language: str = "en") -> EmailMessage:
    SmtpMailer(server.url, "orders@pay.example", LINKS, BERLIN, language).tell(LEA, order, NOTICE, lambda: None)
    [mail] = server.mails
    return mail


def test_the_mail_to_the_owner_names_the_request_and_its_deadline_in_the_shops_time(server: MailServer) -> None:
    order = held(HoldCode.REFUND_ASKED, grants=(a_grant(1206), a_grant(500, state=GrantState.DECLINED)))
    mail = sent(server, order)
    by = f"{(NOW + timedelta(hours=8)).astimezone(BERLIN):%-d %b %Y, %H:%M %Z}"
    assert mail["To"] == "lea@shop.example"
    assert mail["Subject"] == f"Order {order.ref}: refund of €12.06 to approve or decline by {by}"
    for part in ("plain", "html"):
        assert "Hello Lea," in text(mail, part)
        assert "Mara requests a refund of €12.06" in text(mail, part)
        assert "€5.00" not in text(mail, part)
        assert f"https://desk.example/console/orders/{order.ref}" in text(mail, part)


def test_two_requests_are_one_sum_in_the_subject_and_two_sentences(server: MailServer) -> None:
    mail = sent(server, held(HoldCode.REFUND_ASKED, grants=(a_grant(1206), a_grant(500, "Otto"))))
    assert mail["Subject"].endswith("refund of €17.06 to approve or decline by 21 Nov 2026, 19:00 CET")
    assert "Otto requests a refund of €5.00" in text(mail)


def test_the_mail_to_the_owner_is_in_the_language_of_the_desk(server: MailServer) -> None:
    mail = sent(server, held(HoldCode.REFUND_ASKED, HoldCode.PRICE_CHANGED, grants=(a_grant(1206),)), "de")
    assert ": Erstattung von 12,06 € bis " in mail["Subject"].replace("\N{NO-BREAK SPACE}", " ")
    assert "Die Bestellung ist angehalten: Preis geändert." in text(mail)
    assert mail["Content-Language"] == "de"


@pytest.mark.parametrize("code", sorted(set(HoldCode) - {HoldCode.REFUND_ASKED}))
def test_every_hold_has_its_name_and_its_time(server: MailServer, code: HoldCode) -> None:
    order = held(code)
    mail = sent(server, order)
    by = f"{order.holds[0].next_word_by.astimezone(BERLIN):%-d %b %Y, %H:%M %Z}"
    assert mail["Subject"].strip() == f"Order {order.ref}: {HOLD_NAMES[code]}, to resolve by {by}"
    assert f"The order is on hold: {HOLD_NAMES[code]}." in text(mail)


def test_a_request_that_is_taken_back_meanwhile_still_makes_a_mail(server: MailServer) -> None:
    assert ": Refund to approve, to resolve by " in sent(server, held(HoldCode.REFUND_ASKED))["Subject"]


@pytest.mark.parametrize(
    ("language", "subject", "said"),
    [
        ("en", "Mara hands order ", "You become the owner when you accept."),
        ("de", "Mara übergibt Ihnen die Bestellung ", "Wenn Sie annehmen, gehört die Bestellung Ihnen."),
    ],
)
def test_who_is_handed_an_order_reads_by_whom_and_until_when(
    server: MailServer, language: str, subject: str, said: str
) -> None:
    handover = Handover(to="Lea", by="Mara", accept_by=NOW + timedelta(minutes=30), asked=1)
    order = replace(held(HoldCode.REFUND_ASKED, grants=(a_grant(1206),)), owner="Mara", handover=handover)
    mail = sent(server, order, language)
    assert mail["Subject"].strip().startswith(subject)
    assert "11:30 CET" in mail["Subject"]
    assert said in text(mail)
    assert "12.06" not in text(mail).replace(",", ".")


def test_nothing_about_the_customer_is_in_it(server: MailServer) -> None:
    order = held(HoldCode.REFUND_ASKED, grants=(a_grant(1206),))
    mail = sent(server, order).as_string()
    address = CUSTOMER.address
    for personal in (CUSTOMER.name, CUSTOMER.email, address.line1, address.city, LINKS.key(order.ref)):
        assert personal not in mail


@pytest.mark.parametrize(
    ("url", "email", "error"),
    [
        (f"smtp://{HOST}:{free_port()}", LEA.email, TryAgain),
        (f"smtp://{HOST}:{free_port()}", "no address", Refused),
        ("", LEA.email, Refused),
    ],
    ids=["away", "no address", "no mail"],
)
def test_who_cannot_be_written_to_is_told_from_a_server_that_is_away(
    url: str, email: str, error: type[Exception]
) -> None:
    mailer = SmtpMailer(url, "orders@pay.example", LINKS)
    with pytest.raises(error):
        mailer.tell(Account("Lea", Role.LEAD, email=email), held(HoldCode.MISMATCH), NOTICE, lambda: None)


@pytest.mark.parametrize(
    ("language", "subject", "named"),
    [
        (
            "en",
            "25 orders on hold are yours: the first to resolve by 21 Nov 2026, 19:00 CET",
            "one email for all of them",
        ),
        ("de", "25 angehaltene Bestellungen gehören Ihnen", "eine E-Mail für alle"),
    ],
)
def test_a_summary_says_how_many_they_are_and_links_to_the_most_urgent(
    server: MailServer, language: str, subject: str, named: str
) -> None:
    theirs = [held(HoldCode.MISMATCH) for _ in range(25)]
    mailer = SmtpMailer(server.url, "orders@pay.example", LINKS, BERLIN, language)
    mailer.tell(LEA, theirs[7], NOTICE, lambda: None, theirs)
    [mail] = server.mails
    assert mail["Subject"].strip().startswith(subject)
    for part in ("plain", "html"):
        assert named in text(mail, part)
        assert "https://desk.example/console/mine" in text(mail, part)
        links = [each.ref for each in theirs if f"https://desk.example/console/orders/{each.ref}" in text(mail, part)]
        assert links == [each.ref for each in theirs[:20]]
