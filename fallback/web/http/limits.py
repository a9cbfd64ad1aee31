"""Limits per address, against card testing and loops: counted per process, in memory, for a minute each.

A limit costs no round trip and under a microsecond on the hot path (flask-limiter took 40 % of an accept, measured;
see ops/decisions/limits.md). Each process counts for itself, which is enough: the ledger enforces the exact limits of
cards per order and orders per cart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import AddressValueError, IPv6Address
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from flask import Flask, current_app

from fallback.config import Config
from fallback.web.http.problems import Problem
from fallback.web.http.security import client_address

View = TypeVar("View", bound=Callable[..., Any])

WINDOW_SECONDS = 60
# Bound memory during a distributed flood: the counts then restart before the minute is over, and of a longer name only
# the beginning counts. None that we know is longer.
MOST_ADDRESSES = 100_000
LONGEST = 200


class RateLimit:
    """At most `per_minute` hits for each address. Thread safe."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = Lock()
        self._began = float("-inf")
        self._hits: dict[str, int] = {}

    def hit(self, address: str, now: float) -> float | None:
        """Count a hit at `now` (seconds of a monotonic clock). Returns the seconds to wait if it is above the limit."""
        with self._lock:
            if now - self._began >= WINDOW_SECONDS or len(self._hits) >= MOST_ADDRESSES:
                self._began = now
                self._hits.clear()
            sender = _counted(address)
            hits = self._hits[sender] = self._hits.get(sender, 0) + 1
        return self._began + WINDOW_SECONDS - now if hits > self._per_minute else None

    def give_back(self, address: str) -> None:
        """Take back a hit, because the request is counted again elsewhere."""
        with self._lock:
            sender = _counted(address)
            if self._hits.get(sender):  # none of a minute that is over
                self._hits[sender] -= 1


def _counted(name: str) -> str:
    return network_of(name[:LONGEST])


def network_of(address: str) -> str:
    """The address, or for IPv6 its /64, which is what one customer gets (RFC 6177)."""
    if ":" not in address:
        return address
    try:
        return str(IPv6Address(address.partition("%")[0]).packed[:8].hex())
    except AddressValueError:
        return address


def limited(per_minute: Callable[[Config], int], by: Callable[[], str] = client_address) -> Callable[[View], View]:
    """Answer 429 with Retry-After to an address that uses this view more often than `per_minute(config)`.

    `by`: what is counted instead of the address.
    """

    def decorate(view: View) -> View:
        name = f"{view.__module__}.{view.__name__}.{by.__name__}"

        @wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            wait = _limit(current_app, name, per_minute).hit(by(), monotonic())
            if wait is not None:
                detail = "There were too many requests from your address. Please wait a minute and try again."
                raise Problem(429, "too_many_requests", detail, {"Retry-After": str(max(1, round(wait)))})
            return view(*args, **kwargs)

        counted.limit = (name, per_minute)  # type: ignore[attr-defined]
        return counted  # type: ignore[return-value]

    return decorate


def limit_of(app: Flask, view: View) -> RateLimit:
    """The limit that `limited` sets on this view."""
    return _limit(app, *view.limit)  # type: ignore[attr-defined]


def _limit(app: Flask, name: str, per_minute: Callable[[Config], int]) -> RateLimit:
    limits: dict[str, RateLimit] = app.extensions.setdefault("limits", {})
    return limits.get(name) or limits.setdefault(name, RateLimit(per_minute(app.extensions["container"].config)))
