"""Connections with deadlines, to the shop and to Stripe: no write leaves late, no response drips for ever."""

from __future__ import annotations

import io
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from socket import socket
from time import monotonic
from typing import Any
from urllib.parse import urljoin

from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from fallback.domain.call_deadline import may_leave

# More than one shift has in flight, so that every thread finds an open connection.
CONNECTIONS = 32
# Seconds for a response, where the caller sets no timeout.
WITHOUT_A_WORD = 10.0


class _UntilDeadline(io.RawIOBase):
    """Reads one response before one deadline: a socket's own timeout restarts with every byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket) -> None:
        self._raw = raw
        self._sock = sock
        self._until = monotonic() + (sock.gettimeout() or WITHOUT_A_WORD)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("the response was not complete by its deadline")
        self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(HTTPResponse):
    """Its status line, headers and body together have the read timeout that urllib3 gave the socket."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_UntilDeadline(self.fp.detach(), sock))


class _PlainConnection(HTTPConnection):
    """A write checks its deadline when it is connected, before its headers and before its body.

    Held back after its headers, it is an incomplete request that the other side discards (RFC 9112, 8).
    """

    response_class = _DeadlineResponse
    _writes = False

    def putrequest(self, method: str, *args: Any, **kwargs: Any) -> None:
        self._writes = method != "GET"
        super().putrequest(method, *args, **kwargs)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if self._writes:
            may_leave()
        super().send(data)


class _TlsConnection(_PlainConnection, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


POOLS = {"http": _PlainPool, "https": _TlsPool}


class PunctualAdapter(HTTPAdapter):
    """For a session of `requests`: its writes leave in time, and its responses arrive in time."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


class Unled(Session):
    """Follows no redirect. To say where one leads, `requests` would read its whole body first, however large."""

    def get_redirect_target(self, _: Response) -> None:
        return None

    def leads_to(self, answer: Response) -> str | None:
        """Where a redirect leads; None for any other answer, and for a redirect that nobody can follow."""
        try:
            location = super().get_redirect_target(answer)
            return urljoin(answer.url, location) if location else None
        except ValueError:
            return None


def punctual_session() -> Unled:
    """One session for all threads: it keeps no cookies, since another thread's call would send them."""
    session = Unled()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, PunctualAdapter(pool_maxsize=CONNECTIONS))
    return session
