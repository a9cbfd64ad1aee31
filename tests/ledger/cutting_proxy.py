"""A line to Redis that can be cut at the worst moment: after Redis did what was asked, before it could say so."""

from __future__ import annotations

import socket
from contextlib import suppress
from select import select
from threading import Event

from tests.ledger.listener import CHUNK, Listener, connect


class CuttingProxy(Listener):
    """`cut_after(word)`: the next request that holds `word` is executed, and its answer never arrives."""

    def __init__(self, redis_url: str) -> None:
        super().__init__()
        self._redis_url = redis_url
        self._word: bytes | None = None
        self.cut = Event()

    def cut_after(self, word: bytes) -> None:
        self.cut.clear()
        self._word = word

    def serve(self, client: socket.socket) -> None:
        """One request at a time, which is how the ledger uses a connection. Both may come in pieces."""
        request = b""
        with client, connect(self._redis_url) as redis, suppress(OSError):
            while True:
                for ready in select([client, redis], [], [])[0]:
                    piece = ready.recv(CHUNK)
                    if not piece:
                        return
                    if ready is client:
                        request += piece
                        redis.sendall(piece)
                    elif self._word and self._word in request:
                        self._word = None
                        self.cut.set()
                        return
                    else:
                        request = b""
                        client.sendall(piece)
