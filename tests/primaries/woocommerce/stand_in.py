"""Stands in for us while a shop is recorded: it takes large carts and says which purchases are in hand.

The test tells it what to do, and asks what it got, by calls of its own, so these are part of the recording.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

SHORT_FORM = "c2hvcnQ.ZGlnZXN0"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/test/pushed":
            return self._answer(200, self.server.pushed)
        taken = {
            "captured": True,
            "ref": "FB-7K3M-92QX-5",
            "order_url": "https://fallback.example/orders/FB-7K3M-92QX-5",
        }
        return self._answer(*((200, taken) if self.server.in_hand else (404, {})))

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/test":
            vars(self.server).update(body)
            return self._answer(200, {})
        if not self.server.takes_carts:
            return self._answer(503, {})
        self.server.pushed = {"path": self.path, "authorization": self.headers["Authorization"], **body}
        return self._answer(200, {"fallback_cart": SHORT_FORM})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def standing_in(url: str) -> Iterator[None]:
    address = urlsplit(url)
    with ThreadingHTTPServer((address.hostname or "", address.port or 0), _Handler) as server:
        vars(server).update(pushed={}, in_hand=False, takes_carts=True)
        Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()
