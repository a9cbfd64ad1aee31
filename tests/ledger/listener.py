"""An address of loopback on the way to Redis; what becomes of each connection is for whoever listens to say."""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

CHUNK = 65_536


class Listener(ABC):
    """`url`: by which a client connects. It listens inside a `with` statement."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @abstractmethod
    def serve(self, client: socket.socket) -> None:
        """One connection, in a thread of its own."""

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self.serve, args=(client,), daemon=True).start()


def connect(redis_url: str) -> socket.socket:
    there = urlsplit(redis_url)
    return socket.create_connection((there.hostname or "", there.port or 0))
