"""One module per kind of shop system, each an implementation of the port Primary."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.placement.primary import Primary
from fallback.primaries.http import HttpPrimary
from fallback.primaries.transport import Transport


def _http(url: str, token: str) -> Primary:
    return HttpPrimary(Transport(url, token))


# The words of PRIMARY_KIND. A new shop system gets a module beside http.py and a line here.
KINDS: dict[str, Callable[[str, str], Primary]] = {"http": _http}


def build_primary(kind: str, url: str, token: str) -> Primary:
    """The adapter that PRIMARY_KIND names. Raises ValueError for a kind that we do not have."""
    if kind not in KINDS:
        raise ValueError(f"PRIMARY_KIND is '{kind}'; it can be: {', '.join(sorted(KINDS))}")
    return KINDS[kind](url, token)
