"""/v1/orders/{ref} while only this machine's journal has the order, or another order stands for it."""

from __future__ import annotations

from flask import Response, request

from fallback.domain.checkout.journal import Journalled
from fallback.domain.errors import TryAgain, UnknownOrder
from fallback.domain.order.ledger import first_events
from fallback.web.api.orders import blueprint, shown, taken_as
from fallback.web.http.auth import has_order_link
from fallback.web.http.problems import answer, from_try_again, from_unknown_order, or_its_error
from fallback.web.purchase.journalled_orders import cancel, first_of, in_journal


def _away(error: TryAgain) -> Response:
    found = in_journal(_ref())
    return _journalled(found) if found else from_try_again(error)


def _unknown(error: UnknownOrder) -> Response:
    ref = _ref()
    if found := in_journal(ref):
        return _journalled(found)
    first = first_of(ref)
    return answer(taken_as(first)) if first else from_unknown_order(error)


def _journalled(found: Journalled) -> Response:
    order, status = found.taken.order, 200
    if request.endpoint == "orders_api.cancel":
        try:
            cancel(found)
        except TryAgain as full:
            return from_try_again(full)
        status = 202
    elif request.endpoint != "orders_api.show":
        return from_try_again(TryAgain("the ledger is away"))
    return shown(order, has_order_link(order.ref), status, first_events(order))


def _ref() -> str:
    ref: str = (request.view_args or {}).get("ref", "")
    return ref


blueprint.register_error_handler(TryAgain, _away)
blueprint.register_error_handler(UnknownOrder, or_its_error(_unknown))
