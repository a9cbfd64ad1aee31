"""What counts as a report that a mail did not arrive (RFC 3464), and where the mail's id is found."""

from __future__ import annotations

import pytest

from fallback.domain.order.mail_ids import MailIds
from fallback.domain.order.refused_mail import Bounce
from fallback.notices.delivery_reports import read_report
from tests.notices.reports import BOUNDARY, a_report

IDS = MailIds(["the-secret-of-the-tests-0123456789"])
REF = "FB-7K3M-92QX-N"
ID = IDS.of(REF, "3")


def of(report: Bounce | None) -> tuple[tuple[str, str] | None, bool, str]:
    assert report
    return IDS.read(report.mail), report.hard, report.status


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822", "message/global"])
def test_a_report_names_the_mail_by_its_header(returned: str) -> None:
    assert of(read_report(a_report(f"<{ID}@pay.example>", returned=returned))) == ((REF, "3"), True, "5.1.1")


@pytest.mark.parametrize("address", [f"bounces+{ID}@pay.example", f"<BOUNCES+{ID.upper()}@pay.example>"])
def test_a_report_without_the_mail_names_it_by_the_address_that_it_comes_to(address: str) -> None:
    assert of(read_report(a_report(to=address))) == ((REF, "3"), True, "5.1.1")
    noted = a_report().replace(b"Return-Path: <>", b"X-Original-To: " + address.encode())
    assert of(read_report(noted)) == ((REF, "3"), True, "5.1.1")


def test_of_a_header_that_does_not_end_the_beginning_is_read() -> None:
    padded = f"{'x' * 2_000}, bounces+{ID}@pay.example"
    assert of(read_report(a_report(f"<{ID}@pay.example>", to=padded)))[0] == (REF, "3")
    assert of(read_report(a_report(to=padded)))[0] is None


def test_an_id_that_was_made_up_before_ours_is_passed_over() -> None:
    forged = f"bounces+{REF}.3.{'a' * 26}@pay.example"
    assert of(read_report(a_report(f"<{ID}@pay.example>", to=forged)))[0] == (REF, "3")


@pytest.mark.parametrize(
    ("action", "status", "hard", "read"),
    [
        ("delayed", "4.4.1 (no answer)", False, "4.4.1"),
        ("Failed", "4.4.7", True, "4.4.7"),  # given up after days: it does not arrive
        ("failed", "no status", True, ""),
    ],
)
def test_the_last_word_of_the_server_decides(action: str, status: str, hard: bool, read: str) -> None:
    assert of(read_report(a_report(f"<{ID}@pay.example>", action, status)))[1:] == (hard, read)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "", "failed?"])
def test_a_report_of_a_success_is_none(action: str) -> None:
    assert read_report(a_report(f"<{ID}@pay.example>", action)) is None


OUT_OF_OFFICE = f"""\
From: iris@example.org
To: bounces+{ID}@pay.example
Subject: Automatic reply: Your order
Auto-Submitted: auto-replied
In-Reply-To: <{ID}@pay.example>

I am away. Action: failed
""".encode()


@pytest.mark.parametrize(
    "mail",
    [
        OUT_OF_OFFICE,
        a_report(f"<{ID}@pay.example>", kind="multipart/mixed"),
        a_report(f"<{ID}@pay.example>").replace(b"message/delivery-status", b"text/plain"),
        a_report(f"<{ID}@pay.example>").replace(f"--{BOUNDARY}".encode(), b"--other"),
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nAction: failed",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed",
        b"",
        b"\x00\xff\r\n\r\n: :\n",
        b"Content-Type: multipart/report; boundary*=utf-8''%ff%fe",
        b"Content-Type: multipart/report; boundary=b\n\n--b\n" + b"Content-Type: message/rfc822\n\n" * 2_000,
        *(
            a_report(returned=f"text/rfc822-headers; charset{odd}").replace(b"Subject: Your order", b"Subject: \xff")
            for odd in ("=idna", "=undefined", '="\x00"', "*=utf-8'en'x")
        ),
    ],
)
def test_other_mail_is_no_report(mail: bytes) -> None:
    assert read_report(mail) is None
