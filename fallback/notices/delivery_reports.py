"""Reports of mail servers about mail that does not arrive: delivery status notifications (RFC 3464).

Only their fixed form counts. Other mail, such as an out-of-office reply, is none; nor is a report of a success.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32

from fallback.domain.order.refused_mail import Bounce

# The address of the report: the envelope's sender of the mail (RFC 3464, 2.2.1), as servers note it.
ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
# The last word of a server: it gave up, or still tries (RFC 3464, 2.3.3).
ACTIONS = {"failed": True, "delayed": False}
RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# Characters of a header that are read: anybody may write to the address of the reports, and Python's parser takes hours
# for a header of megabytes with parameters.
LONGEST_HEADER = 2_000


class _Brief(Compat32):
    """The old policy, which raises nothing, whatever is in a header."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


_POLICY = _Brief()


def read_report(raw: bytes) -> Bounce | None:
    """None for any other mail, also for one that Python's parser fails at, such as one that is nested too deeply."""
    try:
        return _read(raw)
    except (LookupError, RecursionError, TypeError, ValueError):
        return None


def _read(raw: bytes) -> Bounce | None:
    mail = BytesParser(policy=_POLICY).parsebytes(raw)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    parts = [part for part in mail.get_payload() if isinstance(part, Message)]
    for fields in _recipients(parts):
        action = str(fields.get("Action", "")).strip().lower()
        if action in ACTIONS:
            status = _STATUS.match(str(fields.get("Status", "")).strip())
            return Bounce("\n".join(_named(mail, parts)), ACTIONS[action], status[0] if status else "")
    return None


def _recipients(parts: list[Message]) -> Iterator[Message]:
    """The fields of each recipient. Those of the whole mail, which come first, have no action."""
    for part in parts:
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            blocks = part.get_payload()
            yield from (block for block in blocks if isinstance(block, Message)) if isinstance(blocks, list) else ()


def _named(mail: Message, parts: list[Message]) -> Iterator[str]:
    """Where the id of the returned mail may stand."""
    for name in ADDRESSED:
        yield from map(str, mail.get_all(name, ()))
    for part in parts:
        if part.get_content_type() in RETURNED:
            yield from _message_ids(part)


def _message_ids(part: Message) -> Iterator[str]:
    inner = part.get_payload()
    if isinstance(inner, list):
        yield from (str(each.get("Message-ID", "")) for each in inner if isinstance(each, Message))
    else:
        text = part.get_payload(decode=True)
        if isinstance(text, bytes):
            yield str(BytesParser(policy=_POLICY).parsebytes(text, headersonly=True).get("Message-ID", ""))
