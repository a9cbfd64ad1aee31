"""An action of the customer takes the claim on their order."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, Response, request

from fallback.domain.errors import Conflict, TryAgain
from fallback.domain.support import claims
from fallback.web.http.auth import container, customer_acted


def register(app: Flask) -> None:
    app.after_request(_take_back)


def _take_back(response: Response) -> Response:
    """After each action of the customer, by form or API, the customer has the claim, even if an agent had it.

    The action is valid without it: the claim only informs the others.
    """
    if customer_acted(response):
        ref: str = (request.view_args or {})["ref"]
        with suppress(TryAgain, Conflict):
            order, now = container().ledger.load(ref), container().clock()
            container().claims.change(ref, lambda claim: claims.take_back(claim, order, now))
    return response
