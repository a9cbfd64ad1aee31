"""The HTTP under Stripe's library: one try ends after its timeout, whatever the other side does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn

import requests
import stripe
import urllib3

from fallback.domain.errors import TooLate
from fallback.runtime.outgoing import CONNECTIONS, PunctualAdapter

# Stripe answers the handshake in milliseconds; who does not within this time is not there.
CONNECT_SECONDS = 2.0
CHUNK = 65_536


class BoundedClient(stripe.RequestsClient):
    """Stripe's own client with a total time: the timeout of `requests` starts anew with every byte that comes."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout=(CONNECT_SECONDS, timeout - CONNECT_SECONDS), session=_session())
        self._seconds = timeout

    def request(  # type: ignore[override]  # the library names no type for what is sent
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        until = time.monotonic() + self._seconds
        reply, status, reply_headers = self.request_stream(method, url, headers, post_data)
        try:
            return b"".join(_chunks(reply, until)), status, reply_headers
        except (urllib3.exceptions.HTTPError, TimeoutError) as error:
            raise stripe.APIConnectionError("the answer broke off") from error  # type: ignore[no-untyped-call]
        finally:
            reply.close()

    def _handle_request_error(self, e: Exception) -> NoReturn:
        if isinstance(e, TooLate):  # ours, and no trouble on the way to Stripe
            raise e
        super()._handle_request_error(e)


def _session() -> requests.Session:
    """One for all threads: it keeps no cookies, so nothing in it changes."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, PunctualAdapter(pool_maxsize=CONNECTIONS))
    return session


def _chunks(reply: urllib3.BaseHTTPResponse, until: float) -> Iterator[bytes]:
    while chunk := reply.read1(CHUNK, decode_content=True):
        yield chunk
        if time.monotonic() > until:
            raise TimeoutError
