"""`python -m ops.demo.mail_sink PORT DIRECTORY`: receives every mail and stores it as a file."""

import asyncio
import itertools
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from ops.demo.places import LOOPBACK


class Sink:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002
        content = envelope.original_content or b""
        self.keep(content, now=datetime.now(UTC))
        return "250 kept"

    def keep(self, content: bytes, now: datetime) -> Path:
        """Stores a mail completely before the server responds: the file is written under another name, then renamed."""
        mail = self._directory / f"{now:%Y%m%dT%H%M%S.%f}-{next(self._numbers)}.eml"
        aside = mail.with_suffix(".part")
        with aside.open("wb") as file:
            file.write(content)
            os.fsync(file.fileno())
        aside.replace(mail)
        return mail


async def serve(port: int, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    sink = Sink(directory)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, enable_SMTPUTF8=True), LOOPBACK, port)
    await server.serve_forever()


def mails(directory: Path) -> Iterator[EmailMessage]:
    """All stored mails, oldest first."""
    for file in sorted(directory.glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        yield mail


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
