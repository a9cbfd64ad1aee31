"""What stands beside the demo that night: a door of the shop that counts orders, and somebody's pager."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from bisect import bisect_left
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import NamedTuple

ABOUT_AN_ORDER = re.compile(rb"(?:GET|PUT) /fallback/v1/orders/(FB-[-0-9A-Z]+) HTTP")


class ShopDoor:
    """Passes on to the shop what fallback says, and notes when each order first came up.

    It counts where the shop stands, so that neither our own books nor the shop's speed hide how much was asked of it.
    """

    def __init__(self, port: int, shop: int) -> None:
        self._came: dict[bytes, float] = {}
        self._server = _Server(("127.0.0.1", port), _welcome(self._came, shop))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def came(self) -> list[float]:
        return sorted(self._came.values())

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


def _welcome(came: dict[bytes, float], shop: int) -> type[BaseRequestHandler]:
    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", shop)) as inside:
                back = threading.Thread(target=_pass_on, args=(inside, self.request, {}))
                back.start()
                _pass_on(self.request, inside, came)
                back.join()

    return Handler


def _pass_on(source: socket.socket, to: socket.socket, came: dict[bytes, float]) -> None:
    """Until one side ends; then the other one is told."""
    with suppress(OSError):
        while chunk := source.recv(65536):
            for ref in ABOUT_AN_ORDER.findall(chunk):
                came.setdefault(ref, time.monotonic())
            to.sendall(chunk)
    for end in (source, to):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def most_within(seconds: float, came: list[float]) -> int:
    """`came`: in order."""
    return max((bisect_left(came, at + seconds) - place for place, at in enumerate(came)), default=0)


class Page(NamedTuple):
    at: float
    title: str
    text: str


class Pager:
    """Takes alerts as apprise sends them to json://."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self.pages))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self._server.server_port}/"

    def page(self, about: str) -> Page | None:
        """The first one that has these words."""
        return next((page for page in list(self.pages) if about in page.text), None)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler_of(pages: list[Page]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            pages.append(Page(time.monotonic(), said["title"], said["message"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler
