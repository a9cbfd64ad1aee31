"""A line to Redis that can be cut at the worst moment: after Redis did what was asked, before it could say so."""

from __future__ import annotations

import socket
from contextlib import suppress
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
        """One request at a time, which is how the ledger uses a connection."""
        with client, connect(self._redis_url) as redis, suppress(OSError):
            while request := client.recv(CHUNK):
                redis.sendall(request)
                if self._word and self._word in request:
                    self._word = None
                    redis.recv(CHUNK)
                    self.cut.set()
                    return
                client.sendall(redis.recv(CHUNK))
