"""A server that says what a test wants it to, byte by byte."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def speaking(speak: Callable[[socket.socket, Event], object]) -> Iterator[int]:
    """A server that hands each connection to `speak`, which stops when the event is set or its peer has gone."""
    listener = socket.create_server(("127.0.0.1", 0))
    left = Event()

    def serve() -> None:
        while not left.is_set():
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                try:
                    speak(line, left)
                except OSError:
                    continue

    thread = Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        left.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
