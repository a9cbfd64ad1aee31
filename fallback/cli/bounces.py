"""`fallback bounces`: reports of mail servers about mail that did not arrive."""

from __future__ import annotations

import mailbox
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from fallback.bootstrap.container import Container
from fallback.cli.command import NotDone, container
from fallback.domain.errors import FallbackError
from fallback.notices.delivery_reports import read_report
from fallback.usecases.order.note_bounce import note_bounce

# A mail server that pipes a mail into us keeps it and tries again (sysexits.h, EX_TEMPFAIL).
TRY_AGAIN = 75
# A report returns our mail or its header, so a larger one is not about a mail of ours.
MOST_BYTES = 2**22
MBOX = b"From "
# Before the flags, at the end of the name of a mail in a Maildir.
INFO = ":2,"


@click.group()
def bounces() -> None:
    """Reports of mail servers that our mail did not arrive."""


@bounces.command()
@click.argument("source", type=click.Path(exists=True, allow_dash=True))
def read(source: str) -> None:
    """Read such reports (RFC 3464) from SOURCE.

    SOURCE is a Maildir, an mbox, a file with one mail, or '-' for standard input.

    A mail that is no report, or not about a mail of ours, changes nothing. Reading one twice changes nothing either.
    """
    built, seen, ours = container(), 0, 0
    try:
        for raw in _mails(source):
            seen += 1
            if ref := _note(built, raw):
                ours += 1
                click.echo(f"{ref}  a mail did not arrive, or is late")
    except FallbackError as error:
        click.echo(f"Not all was read; read it again later: {error}", err=True)
        sys.exit(TRY_AGAIN)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        # no Maildir, or one that may not be changed
        raise NotDone(f"{error.filename}: {error.strerror}") from None
    click.echo(f"Read: {seen}. About mails of ours: {ours}.")


def _note(built: Container, raw: bytes) -> str | None:
    report = read_report(raw) if len(raw) <= MOST_BYTES else None
    return note_bounce(built, report) if report else None


def _mails(source: str) -> Iterator[bytes]:
    """A mail of a Maildir is marked as seen once it was read; what was seen is not read again."""
    if source == "-":
        yield sys.stdin.buffer.read(MOST_BYTES + 1)
    elif Path(source).is_dir():
        yield from _unseen(Path(source))
    elif _begins(source) == MBOX:
        with closing(mailbox.mbox(source, create=False)) as box:
            yield from (box.get_bytes(key) for key in box.iterkeys())
    else:
        yield _start(Path(source))


def _begins(source: str) -> bytes:
    with Path(source).open("rb") as file:
        return file.read(len(MBOX))


def _unseen(maildir: Path) -> Iterator[bytes]:
    """Not by Python's mailbox: it parses a mail to mark it, and fails at some (https://cr.yp.to/proto/maildir.html)."""
    for file in sorted([*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]):
        name, _, flags = file.name.partition(INFO)
        if "S" in flags or name.startswith("."):
            continue
        yield _start(file)
        file.rename(maildir / "cur" / f"{name}{INFO}{''.join(sorted({*flags, 'S'}))}")


def _start(file: Path) -> bytes:
    with file.open("rb") as mail:
        return mail.read(MOST_BYTES + 1)
