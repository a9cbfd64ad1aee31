"""POST /v1/orders without Flask and without a thread: an ordinary order is accepted in the event loop.

It takes the steps of the view (orders.py) with the same functions, and answers only what it accepts. The view answers
everything else, an invalid body as well as a Redis that is away, as if nobody had looked at the request before:
accepting is safe to repeat. See ops/decisions/accept.md.
"""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Iterable
from functools import lru_cache
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from flask import Flask
from redis.exceptions import RedisError
from werkzeug.sansio.utils import host_is_trusted

from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import PlaceOrder
from fallback.domain.errors import FallbackError, TryAgain
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.order import Order, Queue
from fallback.domain.order.refs import new_ref
from fallback.runtime.logs import get_logger
from fallback.usecases.checkout.place_order import order_for
from fallback.web.api.orders import REPLAYED, place, receipt
from fallback.web.http.answers import encode
from fallback.web.http.idempotency import HEADER, read_key
from fallback.web.http.limits import limit_of
from fallback.web.http.problems import Problem
from fallback.web.http.security import always, proxys_word, sender
from fallback.web.http.strict_json import JSON, decode
from fallback.web.purchase.bodies import PLACE_ORDER
from fallback.web.purchase.intake import fingerprint, possible

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from fallback.web.http.door import Answer

log = get_logger()

# Bytes of a body: the cart of a longer one would keep the loop from its other requests for milliseconds.
USUAL = 16 * 1024

# What the client and the proxy tell us besides the body, by its name in WSGI.
_READ = (
    ("HTTP_X_FALLBACK_PROXY", "x-fallback-proxy"),
    ("HTTP_X_FALLBACK_REASON", "x-fallback-reason"),
    ("HTTP_X_FORWARDED_FOR", "x-forwarded-for"),
)


class Express:
    """Called by the door with each complete request for /v1/orders."""

    def __init__(self, app: Flask, container: Container) -> None:
        self._built = container
        self._journal = container.journal
        self._limit = limit_of(app, place)
        self._token: str = app.config["FALLBACK_PROXY_TOKEN"]
        trusted: list[str] = app.config["TRUSTED_HOSTS"]
        self._is_trusted = lru_cache(maxsize=100)(lambda host: host_is_trusted(host, trusted))
        self._headers = always(container.config)

    async def __call__(self, scope: Any, body: bytes) -> Answer | None:
        """None if the view is to answer. The limit of an address counts no request twice.

        Raises TryAgain: Redis did not take it, and there is no journal.
        """
        headers = dict(scope.headers.items())
        if not self._is_ordinary(scope, headers, body):
            return None
        said = _said(scope, headers)
        address = sender(said, self._token)
        if self._limit.hit(address, monotonic()) is None:
            try:
                answer = await self._accept(body, headers.get(HEADER.lower(), ""), said)
            except TryAgain:
                if not self._journal:
                    raise
                self._journal.away = True
                answer = None
            except (Problem, FallbackError, RedisError):  # the view answers it
                answer = None
            except Exception as bug:
                log.error("bug", route="express", exc_info=bug)
                answer = None
            if answer:
                return answer
        self._limit.give_back(address)
        return None

    def _is_ordinary(self, scope: Any, headers: dict[str, str], body: bytes) -> bool:
        """Every few seconds a view asks Redis for its state and its time; the loop never waits for an answer.

        While orders go to the journal, or are in it, they are looked for there by the view.
        """
        return (
            scope.method == "POST"
            and len(headers) == len(scope.headers.keys())  # none is repeated, or not ASCII
            and len(body) <= USUAL
            and headers.get("content-type", "").partition(";")[0].strip().lower() == JSON
            and self._is_trusted(scope.authority or headers.get("host", ""))
            and self._built.readiness.is_known_good()
            and not (self._journal and (self._journal.away or self._journal.holds))
            and self._built.clock_knows()
        )

    async def _accept(self, body: bytes, key: str, said: WSGIEnvironment) -> Answer | None:
        began, built = perf_counter(), self._built
        key, requested = read_key(key), possible(built, decode(PLACE_ORDER, body))
        cart = built.cart_tokens.read(requested.cart_token, built.clock())
        maybe_taken = proxys_word(said, self._token) == "maybe_taken"
        order = order_for(built, requested, cart, new_ref(), maybe_taken=maybe_taken)
        outcome = await built.ledger.accept_in_loop(order, key, fingerprint(body), built.terms)
        if not isinstance(outcome, Accepted):
            return None
        if outcome.ring:
            get_running_loop().run_in_executor(None, self._ring, outcome.ring)
        if not order.drill:
            built.metrics.accepted(perf_counter() - began)
        return self._answer(order, requested, outcome)

    def _answer(self, order: Order, requested: PlaceOrder, accepted: Accepted) -> Answer:
        said = encode(receipt(self._built, order, requested, accepted))
        headers = [("Content-Type", JSON), ("Content-Length", str(len(said))), *self._headers]
        if accepted.replayed:
            headers.append(REPLAYED)
        return 202, headers, said

    def _ring(self, queues: Iterable[Queue]) -> None:
        for queue in queues:
            self._built.bells.ring(queue)


def _said(scope: Any, headers: dict[str, str]) -> WSGIEnvironment:
    said = {name: headers[header] for name, header in _READ if header in headers}
    said["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    return said
