"""The page of an order that the ledger does not show: what this machine's journal has of it, or where it stands now."""

from __future__ import annotations

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.checkout.journal import Journalled
from fallback.domain.errors import TryAgain, UnknownOrder
from fallback.web.customer import order_page
from fallback.web.customer.order_page import address, blueprint
from fallback.web.http.auth import container
from fallback.web.http.pages import page, visitor, voice_in
from fallback.web.http.problems import from_try_again, from_unknown_order, or_its_error
from fallback.web.purchase import order_view
from fallback.web.purchase.cart_rows import rows_of_order
from fallback.web.purchase.journalled_orders import cancel, first_of, in_journal


def _away(error: TryAgain) -> AnyResponse:
    found = in_journal(_ref())
    if found:
        return _journalled(found)
    return _not_shown(_ref()) if request.endpoint == "orders.show" else from_try_again(error)


def _unknown(error: UnknownOrder) -> AnyResponse:
    """Whoever came this far has the key of the ref, so we promised an order: another machine may still have it."""
    ref = _ref()
    if found := in_journal(ref):
        return _journalled(found)
    if first := first_of(ref):
        return redirect(address(first), 303)
    return _not_shown(ref) if container().journal and request.method == "GET" else from_unknown_order(error)


def _journalled(found: Journalled) -> AnyResponse:
    order = found.taken.order
    match request.endpoint:
        case "orders.ask_to_cancel" if not found.cancel_asked:
            return order_page.asked_to_cancel(order)
        case "orders.cancel":
            try:
                cancel(found)
            except TryAgain as full:
                return from_try_again(full)
        case "orders.show":
            return _page(found)
    return redirect(address(order.ref), 303)


def _page(found: Journalled) -> Response:
    order = found.taken.order
    voice = voice_in(order.locale)
    return page(
        "customer/order/journalled.html",
        voice,
        ref=order.ref,
        cancelled=found.cancel_asked is not None,
        cart=rows_of_order(order, voice, container().config.storefront.shop_url),
        agreed=order_view.agreed(order, voice),
        addresses={"page": address(order.ref), "cancellation": address(order.ref, "orders.ask_to_cancel")},
    )


def _not_shown(ref: str) -> Response:
    """Without a claim: whether the order was received, only the ledger or another machine knows."""
    return page("customer/order/not_shown.html", visitor(), 503, ref=ref, addresses={"page": address(ref)})


def _ref() -> str:
    ref: str = (request.view_args or {}).get("ref", "")
    return ref


blueprint.register_error_handler(TryAgain, _away)
blueprint.register_error_handler(UnknownOrder, or_its_error(_unknown))
