"""Accept a customer's order, from the API and from the checkout page."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from time import perf_counter

from msgspec import structs

from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import PlaceOrder
from fallback.domain.errors import Invalid, TryAgain
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.order import Order
from fallback.usecases.checkout.place_order import place_order
from fallback.usecases.checkout.read_cart import read_cart
from fallback.web.http.auth import container
from fallback.web.http.security import proxy_reason

# The proxy's reasons for a request that the shop failed.
SHOP_FAILED = frozenset({"failed", "maybe_taken"})


def fingerprint(body: bytes) -> str:
    """Identifies the content of a request, to recognize a repetition."""
    return urlsafe_b64encode(sha256(body).digest()[:16]).rstrip(b"=").decode()


def bear_witness(head: str) -> None:
    """Records evidence of an outage if the primary failed this request. `head`: the customer."""
    reason = proxy_reason()
    if reason in SHOP_FAILED:
        with suppress(TryAgain):  # the customer is served anyway
            container().observations.count(reason, head, container().clock())
            container().incidents.shop_failed(container().clock())


def possible(built: Container, requested: PlaceOrder) -> PlaceOrder:
    """Without what this installation does not offer."""
    if requested.text_messages and not built.config.contact_ways.sms_url:
        return structs.replace(requested, text_messages=False)
    return requested


def take_order(
    requested: PlaceOrder, key: str, body_print: str, maybe_taken: bool = False
) -> tuple[Order, Accepted | KeyReused | CartTaken]:
    """Returns the order and the ledger's result. Raises Invalid (cart, delivery) and TryAgain."""
    began, built = perf_counter(), container()
    requested = possible(built, requested)
    if built.readiness.problems():
        if built.journal is None or built.readiness.is_elsewhere:
            raise TryAgain("orders cannot be stored safely now")
        built.journal.away = True
    try:
        cart = read_cart(built, requested.cart_token)
    except Invalid:
        # A cart expires, but not the answer that an equal request got before.
        before = built.ledger.replay(key, body_print)
        if isinstance(before, Accepted):
            return built.ledger.load(before.ref), before
        raise
    taken = maybe_taken or proxy_reason() == "maybe_taken"

    def accept(trace: str = "") -> tuple[Order, Accepted | KeyReused | CartTaken]:
        return place_order(built, requested, cart, key, body_print, maybe_taken=taken, trace=trace)

    order, outcome = built.traces.accepting(accept) if built.traces else accept()
    if isinstance(outcome, Accepted):
        for queue in outcome.ring:
            built.bells.ring(queue)
        if order.drill:
            return order, outcome
        built.metrics.accepted(perf_counter() - began)
    return order, outcome
