"""`fallback bounces read`: a mail server pipes reports into it, or it reads a mailbox; on a real Redis."""

from __future__ import annotations

import mailbox
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, NoticeKind, NoticeState
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW, an_order
from tests.notices.reports import a_report
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

Read = Callable[..., Result]
SENT = Notice(id="1", kind=NoticeKind.ANSWER, due_at=NOW, state=NoticeState.SENT)


@pytest.fixture
def ledger(redis_server: RedisServer) -> RedisLedger:
    return RedisLedger(redis_server.client, Crypto(a_config().secret_key))


@pytest.fixture
def read(redis_server: RedisServer) -> Read:
    settings = environment(a_config(redis_url=redis_server.url))
    return lambda source, mail=b"": CliRunner().invoke(main, ["bounces", "read", str(source)], input=mail, env=settings)


@pytest.fixture
def ref(ledger: RedisLedger) -> str:
    order = an_order(notices=(SENT,))
    ledger.accept(order, order.ref, "print")
    return order.ref


def about(ref: str) -> bytes:
    id = Links(a_config().secret_key, "").mails.of(ref, "1")
    return a_report(f"<{id}@pay.example>")


def is_held(ledger: RedisLedger, ref: str) -> bool:
    return [hold.code for hold in ledger.load(ref).holds] == [HoldCode.MAIL_REFUSED]


def test_a_mail_server_pipes_a_report_into_it(read: Read, ledger: RedisLedger, ref: str) -> None:
    done = read("-", about(ref))
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Read: 1. About mails of ours: 1.")
    assert is_held(ledger, ref)
    assert read("-", b"Subject: away\n\nI am away.\n").output == "Read: 1. About mails of ours: 0.\n"


def test_each_mail_of_a_maildir_is_read_once(read: Read, ledger: RedisLedger, ref: str, tmp_path: Path) -> None:
    box = mailbox.Maildir(str(tmp_path / "box"))
    for mail in (b"Subject: away\n\nI am away.\n", about(ref)):
        box.add(mail)
    assert read(tmp_path / "box").output.splitlines()[-1] == "Read: 2. About mails of ours: 1."
    assert is_held(ledger, ref)
    assert read(tmp_path / "box").output == "Read: 0. About mails of ours: 0.\n"
    assert len(box) == 2


def test_a_mail_that_nobody_can_read_stops_no_other(read: Read, ledger: RedisLedger, ref: str, tmp_path: Path) -> None:
    """Anybody can write one to the address of reports."""
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "box" / folder).mkdir(parents=True)
    nested = b"Content-Type: multipart/report; boundary=b\n\n--b\n" + b"Content-Type: message/rfc822\n\n" * 2_000
    (tmp_path / "box/new/1.first").write_bytes(nested)
    (tmp_path / "box/cur/2.second:2,F").write_bytes(about(ref))
    assert read(tmp_path / "box").output.splitlines()[-1] == "Read: 2. About mails of ours: 1."
    assert is_held(ledger, ref)
    assert sorted(file.name for file in (tmp_path / "box/cur").iterdir()) == ["1.first:2,S", "2.second:2,FS"]
    assert read(tmp_path / "box").output == "Read: 0. About mails of ours: 0.\n"


def test_an_mbox_and_a_file_with_one_mail_are_read(read: Read, ledger: RedisLedger, ref: str, tmp_path: Path) -> None:
    box = mailbox.mbox(str(tmp_path / "mbox"))
    for mail in (b"Subject: away\n\nI am away.\n", about(ref)):
        box.add(mail)
    box.close()
    (tmp_path / "one").write_bytes(about(ref))
    assert read(tmp_path / "mbox").output.splitlines()[-1] == "Read: 2. About mails of ours: 1."
    assert read(tmp_path / "one").output.splitlines()[-1] == "Read: 1. About mails of ours: 1."
    assert is_held(ledger, ref)
    assert [event.what for event in ledger.timeline(ref)].count("notice_returned") == 1


def test_when_the_ledger_is_away_the_mail_server_keeps_the_mail(
    read: Read, ref: str, redis_server: RedisServer
) -> None:
    env = environment(a_config(redis_url="redis://127.0.0.1:1/0"))
    done = CliRunner().invoke(main, ["bounces", "read", "-"], input=about(ref), env=env)
    assert done.exit_code == 75


def test_a_folder_that_is_no_maildir_is_a_plain_sentence(read: Read, tmp_path: Path) -> None:
    refused = read(tmp_path)
    assert (refused.exit_code, refused.output) == (2, f"Error: {tmp_path}/new: No such file or directory\n")
