"""What verifying finds."""

from __future__ import annotations

from msgspec import Struct

A_DOCUMENT = "a document that can be read"


class Difference(Struct, frozen=True):
    """`key`: as in Redis. `of`: the ref, field or member that it is about; empty: all of it.

    `expected`, `found`: a score or a count; a ref or words; None: nothing. `mended`: it has been corrected.
    """

    key: str
    of: str
    expected: float | str | None
    found: float | str | None
    mended: bool = False
