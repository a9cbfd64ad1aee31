import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.demo.__main__ import main
from ops.demo.mail_sink import mails
from ops.demo.places import ROOT
from ops.demo.running import answers
from tests.demo.waiting import eventually
from tests.ports import free_port


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "ops.demo.mail_sink", str(port), str(tmp_path / "mail")]
    sink = subprocess.Popen(command, cwd=ROOT)
    eventually(lambda: answers(f"tcp://127.0.0.1:{port}"))
    yield port
    sink.kill()
    sink.wait()


def a_mail(subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "orders@shop.example", "Zoë <zoe@example.org>", subject
    mail.set_content(text)
    return mail


def send(port: int, *all_mails: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for mail in all_mails:
            smtp.send_message(mail)


def test_every_mail_is_a_file_as_soon_as_it_is_taken(port: int, tmp_path: Path) -> None:
    send(port, a_mail("Order received", "Thank you."), a_mail("Bestellung größer", "Danke schön."))

    kept = list(mails(tmp_path / "mail"))
    assert [mail["Subject"] for mail in kept] == ["Order received", "Bestellung größer"]
    assert kept[1].get_content().strip() == "Danke schön."
    assert [file.suffix for file in (tmp_path / "mail").iterdir()] == [".eml", ".eml"]


def test_the_list_of_mails_shows_whom_what_and_which_links(port: int, tmp_path: Path) -> None:
    send(port, a_mail("Order received", "See http://localhost:8000/orders/FB-7K3M-92QX-5?key=a.b for more."))

    shown = CliRunner().invoke(main, ["mail", "--state", str(tmp_path)]).output

    assert "Zoë <zoe@example.org>  Order received" in shown
    assert "    http://localhost:8000/orders/FB-7K3M-92QX-5?key=a.b\n" in shown
