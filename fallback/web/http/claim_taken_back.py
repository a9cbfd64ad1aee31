"""After each act of the customer the claim on their order is theirs again."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, Response, request

from fallback.domain.errors import Conflict, TryAgain
from fallback.domain.support import claims
from fallback.web.http.auth import container, customer_acted


def register(app: Flask) -> None:
    app.after_request(_take_back)


def _take_back(response: Response) -> Response:
    """After each act of the customer, by a form or by a program, the claim is theirs again, even if an agent had it.

    What was done stands without it: it only tells the others.
    """
    if customer_acted(response):
        ref: str = (request.view_args or {})["ref"]
        with suppress(TryAgain, Conflict):
            order, now = container().ledger.load(ref), container().clock()
            container().claims.change(ref, lambda claim: claims.take_back(claim, order, now))
    return response
