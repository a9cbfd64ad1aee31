"""Whether an address can be one. A host that is missing, or a port that is none, is noticed at the first call only."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

WEB, MAIL = ("http", "https"), ("smtp", "smtps")
# Python drops some of these unasked, and a name in a template that nobody filled in has others.
_BLANK = re.compile(r"^\s|\s$|[\t\r\n]")
_IN_NO_HOST = re.compile(r"[\s<>{}$*,;\"'\\^`|]")
# A password with one of these ends the host, so the rest of it passes for a port.
_WRITTEN = "; in a user's name or password '/' is written %2F, '?' %3F and '#' %23"


def fault_of(url: str, schemes: tuple[str, ...] = WEB) -> str:
    """What is wrong with it, to follow its name; empty if nothing is. The URL is not quoted: it may have a password."""
    if _BLANK.search(url):
        return "begins or ends with a blank, or has a tab or line break in it"
    try:
        parts = urlsplit(url)
        is_readable = parts.port != 0 and not _IN_NO_HOST.search(parts.hostname or "") and not _is_twice(parts)
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
