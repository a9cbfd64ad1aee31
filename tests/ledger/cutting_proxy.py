"""A line to Redis that can be cut at the worst moment: after Redis did what was asked, before it could say so."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from urllib.parse import urlsplit

CHUNK = 65_536


class CuttingProxy:
    """`cut_after(word)`: the next request that holds `word` is executed, and its answer never arrives."""

    def __init__(self, redis_url: str) -> None:
        self._redis = urlsplit(redis_url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._word: bytes | None = None
        self.cut = Event()
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def cut_after(self, word: bytes) -> None:
        self.cut.clear()
        self._word = word

    def __enter__(self) -> CuttingProxy:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """One request at a time, which is how the ledger uses a connection."""
        redis = socket.create_connection((self._redis.hostname or "", self._redis.port or 0))
        with client, redis, suppress(OSError):
            while request := client.recv(CHUNK):
                redis.sendall(request)
                if self._word and self._word in request:
                    self._word = None
                    redis.recv(CHUNK)
                    self.cut.set()
                    return
                client.sendall(redis.recv(CHUNK))
