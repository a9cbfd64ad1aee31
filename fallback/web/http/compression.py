"""gzip for slow lines, where a browser takes it (RFC 9110, 8.4.1.3): customers' pages, style sheets and scripts."""

from __future__ import annotations

from gzip import compress

from flask import Response, g, request

# Smaller ones fit into one packet anyway.
LEAST_BYTES = 1_000


def pack(body: bytes) -> bytes:
    """The same for the same body."""
    return compress(body, 6, mtime=0)


def packed(response: Response, body: bytes | None = None) -> Response:
    """The response, compressed if the browser takes it. `body`: its body compressed before.

    Pages of the console are not: their length would tell a listener on the line, who makes the browser search for
    words, which of them stand there (https://breachattack.com). A page that needs an order's link is safe from that.
    """
    response.vary.add("Accept-Encoding")
    if g.get("person") or not request.accept_encodings.quality("gzip") or len(response.data) < LEAST_BYTES:
        return response
    response.data = body or pack(response.data)
    response.content_encoding = "gzip"
    return response
