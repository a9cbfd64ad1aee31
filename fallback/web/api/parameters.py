"""The parameters of the API's operations, in paths, queries and headers."""

from __future__ import annotations

from typing import Any, NamedTuple

from fallback.domain.order.lifecycle import Headline
from fallback.web.api.order_search import MOST as MOST_FOUND
from fallback.web.http.idempotency import KEY_MAX_LENGTH


class Parameter(NamedTuple):
    name: str
    place: str
    description: str
    required: bool = True
    max_length: int = 200
    schema: dict[str, Any] | None = None  # if it is not any short text


REF = Parameter("ref", "path", "The order's ref, as FB-7K3M-92QX-5.")
CART_ID = Parameter("cart_id", "path", "The shop's id of the cart.")
MODE_SEEN = Parameter("If-Match", "header", "The ETag of the mode that you read, or *.", required=False)
IF_NONE_MATCH = Parameter("If-None-Match", "header", "The ETag of the order that you read.", required=False)
IF_MATCH = Parameter("If-Match", "header", "The ETag of the order that you read, or *.", required=False)
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "A new random value for each order. Send the same value when you retry. It is stored for 48 hours.",
    required=False,
    max_length=KEY_MAX_LENGTH,
)
CARD_KEY = Parameter(KEY.name, "header", "A new random value for each card.", required=False, max_length=KEY_MAX_LENGTH)
WITHDRAWAL_KEY = Parameter(
    KEY.name, "header", "A new random value for each withdrawal.", required=False, max_length=KEY_MAX_LENGTH
)
FOUND_BY = (
    Parameter("email", "query", "The customer's e-mail address, in any letter case.", False, 254),
    Parameter("state", "query", "The order's `status`.", False, schema={"enum": list(Headline)}),
    Parameter(
        *("since", "query", "Received then or later (RFC 3339, with an offset).", False),
        schema={"type": "string", "format": "date-time"},
    ),
    Parameter("after", "query", "The `next` of the page before.", False),
    Parameter(
        "limit", "query", "Orders on a page.", False, schema={"type": "integer", "minimum": 1, "maximum": MOST_FOUND}
    ),
)
SIGNED_BY = (
    Parameter("webhook-id", "header", "The id of the event."),
    Parameter("webhook-timestamp", "header", "When it was sent, in seconds of Unix time."),
    Parameter("webhook-signature", "header", "One for each secret in use: `v1,` and Base64, separated by spaces."),
)
SIGNATURE = Parameter("Stripe-Signature", "header", "Stripe's signature.", required=False, max_length=1_000)
