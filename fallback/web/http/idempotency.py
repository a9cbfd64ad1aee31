"""The header Idempotency-Key, read strictly: a value that a proxy may have changed is refused."""

from __future__ import annotations

from flask import request

from fallback.web.http.problems import Problem

HEADER = "Idempotency-Key"
KEY_MAX_LENGTH = 255


def idempotency_key(needed: bool = True) -> str:
    """The key of this request; empty if it has none and needs none. Raises Problem, which names the header.

    The server joins headers of the same name with commas (RFC 9110, 5.3), and passes values that are not ASCII as
    empty.
    """
    if HEADER not in request.headers:
        if not needed:
            return ""
        detail = f"Send an {HEADER} header: a new random value for each order, the same when you send it again."
        raise _refusal("missing", detail)
    return read_key(request.headers[HEADER])


def read_key(header: str) -> str:
    """The key in the header's value. Raises Problem."""
    key = header.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise _refusal("invalid", f"The {HEADER} is empty, or has characters other than printable ASCII.")
    if "," in key:
        raise _refusal("invalid", f"Send one {HEADER} header, and no comma in it.")
    if len(key) > KEY_MAX_LENGTH:
        raise _refusal("invalid", f"The {HEADER} is longer than {KEY_MAX_LENGTH} characters.")
    return key


def _refusal(what: str, detail: str) -> Problem:
    return Problem(400, f"idempotency_key_{what}", detail, field=HEADER)
