"""Our own look at the primary: a page as a customer loads it, and the port's health call."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from urllib.parse import urlsplit

import requests
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from fallback.domain.clock import Clock
from fallback.domain.errors import FallbackError, NotAuthorized, RateLimited
from fallback.domain.outage.failover import Probe
from fallback.primaries.transport import LARGEST_ANSWER
from fallback.runtime.outgoing import punctual_session

# Whoever answers at all does so at once; it is asked only while the primary does not.
ELSEWHERE_WITHIN = 1.0
MOST_REDIRECTS = 4
# Seconds: with less than that left, a call is not begun.
LEAST = 0.1


class HttpProber:
    """Implements outage.ports.Prober, with connections of its own, so that it waits for no order and no order for it.

    `health`: of a primary of any kind, built for this prober alone. `page`: a URL of the primary that does not lead
    through the proxy, which would answer for it. `elsewhere`: a host that has nothing to do with the primary.
    `patience`: seconds for the page; `health` has a deadline of its own.
    """

    def __init__(self, health: Callable[[], object], page: str, elsewhere: str, patience: float, clock: Clock) -> None:
        self._health = health
        self._page = page
        self._elsewhere = elsewhere
        self._patience = patience
        self._clock = clock
        self._session = punctual_session()
        self._session.headers.update({"User-Agent": "fallback-checkout", "Accept": "text/html"})

    def look(self) -> Probe:
        at, status = self._clock(), self._status(self._page, self._patience)
        health = self._is_healthy() if 0 < status < 500 else None
        # A page that is refused or is not there (401, 404) shows no shop that sells: then the health call decides.
        if status and (status < 400 or (status < 500 and health is not False)):
            return Probe(at, page=True, health=health)
        return Probe(at, False, health, elsewhere=self._status(self._elsewhere, ELSEWHERE_WITHIN) > 0)

    def _status(self, url: str, within: float) -> int:
        """The status of the answer; 0 if no whole answer comes in time.

        Redirects are followed on the primary alone: elsewhere the proxy might answer for it.
        """
        until = monotonic() + within
        for _ in range(MOST_REDIRECTS):
            status, leads_to = self._get(url, until - monotonic())
            if leads_to is None or origin(leads_to) != origin(url):
                return status
            url = leads_to
        return 0

    def _get(self, url: str, within: float) -> tuple[int, str | None]:
        """The status, 0 for none in time, and where a redirect leads to."""
        seconds = max(within, LEAST)
        timeout = Timeout(connect=seconds, total=seconds)
        try:
            with self._session.get(url, timeout=timeout, stream=True, allow_redirects=False) as response:  # type: ignore[arg-type]
                response.raw.read(LARGEST_ANSWER)
        except (requests.RequestException, HTTPError):
            return 0, None
        return response.status_code, self._session.leads_to(response)

    def _is_healthy(self) -> bool | None:
        """None: our own credentials were refused, or our calls are too many, which says nothing about the shop."""
        try:
            self._health()
        except (NotAuthorized, RateLimited):
            return None
        except FallbackError:
            return False
        return True


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
