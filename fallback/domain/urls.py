"""Whether an address can be one. A host that is missing, or a port that is none, is noticed at the first call only."""

from __future__ import annotations

from urllib.parse import urlsplit

WEB, MAIL = ("http", "https"), ("smtp", "smtps")
# A password with one of these ends the host, so the rest of it passes for a port.
_WRITTEN = "; in a user's name or password '/' is written %2F, '?' %3F and '#' %23"


def fault_of(url: str, schemes: tuple[str, ...] = WEB) -> str:
    """What is wrong with it, to follow its name; empty if nothing is. The URL is not quoted: it may have a password."""
    try:
        parts = urlsplit(url)
        is_readable = parts.port != 0
    except ValueError:
        is_readable = False
    if not is_readable:
        return f"has a host or a port that cannot be read{_WRITTEN if '@' in url else ''}"
    if parts.scheme not in schemes:
        return f"is not an {' or '.join(schemes)} URL"
    return "" if parts.hostname else "has no host"
