"""Whether an address can be one. A host that is missing, or a port that is none, is noticed at the first call only."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

WEB, MAIL = ("http", "https"), ("smtp", "smtps")
# Python drops these before it reads a URL, others that use it do not.
_BLANK = re.compile(r"^\s|\s$|[\t\r\n]")
# As in a template that nobody filled in.
_IN_NO_HOST = re.compile(r"[\s<>{}$*,;\"'\\^`|]")
# A password with one of the first three ends the host, so the rest of it passes for a port.
_WRITTEN = "; in a user's name or password '/' is written %2F, '?' %3F, '#' %23, '[' %5B and ']' %5D"


def fault_of(url: str, schemes: tuple[str, ...] = WEB) -> str:
    """What is wrong with it, to follow its name; empty if nothing is. The URL is not quoted: it may have a password."""
    if _BLANK.search(url):
        return "begins or ends with a blank, or has a tab or line break in it"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host.encode("idna")  # a part between two dots is missing, or too long
        is_no_host = _IN_NO_HOST.search(host)
        is_readable = parts.port != 0 and not (is_no_host or _is_twice(parts) or _is_cut(parts))
    except ValueError:
        is_readable = False
    if not is_readable:
        return f"has a host or a port that cannot be read{_WRITTEN if '@' in url else ''}"
    if parts.scheme not in schemes:
        return f"is not an {' or '.join(schemes)} URL"
    return "" if parts.hostname else "has no host"


def _is_twice(parts: SplitResult) -> bool:
    """https://https://shop.example"""
    return parts.netloc.endswith(":") and parts.path.startswith("//")


def _is_cut(parts: SplitResult) -> bool:
    """smtp://shop:25/s3cret@mail.example: what a password begins with can be a port."""
    return parts.scheme not in WEB and "@" in f"{parts.path}{parts.query.partition('=')[0]}{parts.fragment}"
