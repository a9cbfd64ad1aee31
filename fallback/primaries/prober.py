"""Our own look at the primary: a page as a customer loads it, and the health call, both before one deadline."""

from __future__ import annotations

from time import monotonic
from urllib.parse import urlsplit

import requests
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from fallback.domain.clock import Clock
from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.outage.failover import Probe
from fallback.primaries.http import READ_HEALTH
from fallback.primaries.transport import LARGEST_ANSWER, NOT_AS_AGREED, Transport
from fallback.runtime.outgoing import punctual_session

# Whoever answers at all does so at once; it is asked only while the primary does not.
ELSEWHERE_WITHIN = 1.0
MOST_REDIRECTS = 4
# Seconds: with less than that left, a call is not begun.
LEAST = 0.1


class HttpProber:
    """Implements outage.ports.Prober, with connections of its own, so that it waits for no order and no order for it.

    `page`: a URL of the primary that does not lead through the proxy, which would answer for it. `elsewhere`: a host
    that has nothing to do with the primary. `patience`: seconds for the page and the health call together.
    """

    def __init__(self, url: str, token: str, page: str, elsewhere: str, patience: float, clock: Clock) -> None:
        self._page = page or f"{url.rstrip('/')}/"
        self._elsewhere = elsewhere
        self._patience = patience
        self._clock = clock
        self._contract = Transport(url, token, deadline=patience, connect_within=patience)
        self._session = punctual_session()
        self._session.headers.update({"User-Agent": "fallback-checkout", "Accept": "text/html"})

    def look(self) -> Probe:
        at, until = self._clock(), monotonic() + self._patience
        if self._answers(self._page, self._patience, worst=499):
            return Probe(at, page=True, health=self._is_healthy(until - monotonic()))
        return Probe(at, page=False, elsewhere=self._answers(self._elsewhere, ELSEWHERE_WITHIN, worst=599))

    def _answers(self, url: str, within: float, worst: int) -> bool:
        """Whether a whole answer comes in time, with the `worst` status or a better one.

        Redirects are followed on the primary alone: elsewhere the proxy might answer for it.
        """
        until = monotonic() + within
        for _ in range(MOST_REDIRECTS):
            status, leads_to = self._get(url, until - monotonic())
            if leads_to is None or origin(leads_to) != origin(url):
                return 0 < status <= worst
            url = leads_to
        return False

    def _get(self, url: str, within: float) -> tuple[int, str | None]:
        """The status, 0 for none in time, and where a redirect leads to."""
        seconds = max(within, LEAST)
        timeout = Timeout(connect=seconds, total=seconds)
        try:
            with self._session.get(url, timeout=timeout, stream=True, allow_redirects=False) as response:  # type: ignore[arg-type]
                response.raw.read(LARGEST_ANSWER)
        except (requests.RequestException, HTTPError):
            return 0, None
        return response.status_code, response.next.url if response.next else None

    def _is_healthy(self, within: float) -> bool:
        if within < LEAST:
            return False
        try:
            answer = self._contract.send("GET", "health", within=within)
            return answer.status == 200 and READ_HEALTH.decode(answer.body).status == "ok"
        except (TryAgain, OutcomeUnknown, *NOT_AS_AGREED):
            return False


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
