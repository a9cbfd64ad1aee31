"""Every operation of the HTTP API: its parameters, responses and problems. /openapi.json is generated from it."""

from __future__ import annotations

from typing import Any, NamedTuple

from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.payment.charging import SumLimit
from fallback.web.api.modes import SwitchMode
from fallback.web.api.self_service import AnswerRival, AskQuestion, RateHelp
from fallback.web.http.answers import ModeNow, OrderBrief, OrderInFull, Purchase, ReadyNow, Receipt, StatusNow
from fallback.web.http.idempotency import KEY_MAX_LENGTH
from fallback.web.purchase.bodies import GiveCard, OrderBody

TEXT = "text/plain"


class Parameter(NamedTuple):
    name: str
    place: str
    description: str
    required: bool = True
    max_length: int = 200


class Operation(NamedTuple):
    """One method of one path. `answers`: by status what the body may be, nothing where it is empty. `problems`: codes.

    `security`: any one of these is enough, '' is nobody's.
    """

    method: str
    path: str
    summary: str
    answers: dict[int, tuple[Any, ...]]
    problems: tuple[str, ...] = ()
    body: Any = None
    parameters: tuple[Parameter, ...] = ()
    security: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


REF = Parameter("ref", "path", "The order's ref, as FB-7K3M-92QX-5.")
CART_ID = Parameter("cart_id", "path", "The shop's id of the cart.")
MODE_SEEN = Parameter("If-Match", "header", "The ETag of the mode that was seen, or *.", required=False)
IF_NONE_MATCH = Parameter("If-None-Match", "header", "The ETag of the order that was seen.", required=False)
IF_MATCH = Parameter("If-Match", "header", "The ETag of the order that was seen, or *.", required=False)
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "A new random value for each order, the same when it is sent again. It is remembered for 48 hours.",
    required=False,
    max_length=KEY_MAX_LENGTH,
)
CARD_KEY = Parameter(KEY.name, "header", "A new random value for each card.", required=False, max_length=KEY_MAX_LENGTH)
SIGNATURE = Parameter("Stripe-Signature", "header", "Stripe's signature.", required=False, max_length=1_000)
BODY_PROBLEMS = ("invalid", "body_cut_short", "request_timeout", "request_entity_too_large", "unsupported_media_type")
CART_PROBLEMS = ("cart_forged", "cart_unreadable", "cart_foreign", "cart_expired", "totals_do_not_add_up", *SumLimit)

OPERATIONS = (
    Operation(
        "post",
        "/v1/orders",
        "Capture an order. The same key and body get the same answer, with Idempotency-Replayed: true.",
        {202: (Receipt,)},
        (
            *("idempotency_key_missing", "idempotency_key_invalid", *BODY_PROBLEMS, "card_number", *CART_PROBLEMS),
            *("unknown_delivery", "unknown_slot", "cart_already_captured", "idempotency_key_reused"),
            *("too_many_requests", "try_again"),
        ),
        body=OrderBody,
        parameters=(KEY,),
        headers=("Idempotency-Replayed",),
    ),
    Operation(
        "get",
        "/v1/orders/{ref}",
        "Where an order stands; with the key of its link also what is in it.",
        {200: (OrderInFull, OrderBrief), 304: ()},
        ("unknown_order", "too_many_requests", "try_again"),
        parameters=(REF, IF_NONE_MATCH),
        security=("", "link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "patch",
        "/v1/orders/{ref}",
        "Change the order. What the shop has already counts when it reads it back: until then `asked_for` names it.",
        {200: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "card_number", "unknown_delivery", "unknown_slot"),
            *("too_many_addresses", "priced_by_the_shop", "other_lines", "more_than_ordered", "nothing_left"),
            *("costs_more", "given_back"),
            *("not_possible_now", "precondition_failed", "if_match_missing"),
            *("too_much_done", "too_many_requests", "try_again"),
        ),
        body=ChangeOrder,
        parameters=(REF, IF_MATCH),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/payment",
        "Give a card: the first one after 'later', or another after a decline. The same card again gets "
        "the order as it is now, with Idempotency-Replayed: true.",
        {202: (OrderInFull,)},
        (
            *("unknown_order", "idempotency_key_invalid", *BODY_PROBLEMS, "card_number", "too_many_cards"),
            *("card_under_way", "already_paid", "nothing_to_pay", "order_given_up", "changed_meanwhile"),
            *("idempotency_key_reused", "too_much_done", "too_many_requests", "try_again"),
        ),
        body=GiveCard,
        parameters=(REF, CARD_KEY),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/cancellation",
        "Undo the purchase. Saying it twice is the same as saying it once.",
        {202: (OrderInFull,)},
        ("unknown_order", "not_possible_now", "changed_meanwhile", "too_many_requests", "try_again"),
        parameters=(REF,),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/questions",
        "Ask for a person. The order goes its way meanwhile; the answer comes by mail and stands on the order's page.",
        {202: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "card_number", "empty", "too_long"),
            *("not_possible_now", "changed_meanwhile", "too_much_done", "too_many_requests", "try_again"),
        ),
        body=AskQuestion,
        parameters=(REF,),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/rival-answer",
        "Did the customer already buy this (`possible_rival`), or pay for it in the shop (`maybe_paid`)? While such a "
        "hold stands; either answer finishes it.",
        {202: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "card_number", "not_possible_now", "changed_meanwhile"),
            *("too_much_done", "too_many_requests", "try_again"),
        ),
        body=AnswerRival,
        parameters=(REF,),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/ratings",
        "Say of one part whether it was good. What is said last counts.",
        {200: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "card_number", "changed_meanwhile"),
            *("too_much_done", "too_many_requests", "try_again"),
        ),
        body=RateHelp,
        parameters=(REF,),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "get",
        "/v1/purchases/{cart_id}",
        "Whether a cart was captured here: the shop asks before it sells it once more.",
        {200: (Purchase,)},
        ("token_needed", "not_captured", "try_again"),
        parameters=(CART_ID,),
        security=("shop",),
    ),
    Operation(
        "get",
        "/v1/mode",
        "Who serves the checkout now; X-Fallback-Route says the same to a proxy.",
        {200: (ModeNow,)},
        ("try_again",),
        headers=("X-Fallback-Route",),
    ),
    Operation(
        "put",
        "/v1/mode",
        "Switch the mode; with If-Match only instead of the one that was seen.",
        {200: (ModeNow,)},
        (*BODY_PROBLEMS, "card_number", "token_needed", "precondition_failed", "try_again"),
        parameters=(MODE_SEEN,),
        body=SwitchMode,
        security=("oncall",),
        headers=("X-Fallback-Route",),
    ),
    Operation(
        "get",
        "/v1/status",
        "How the checkout stands, for the banner of a shop's pages, which may read it from any origin.",
        {200: (StatusNow,)},
        ("try_again",),
    ),
    Operation(
        "post",
        "/webhooks/stripe",
        "What Stripe tells us.",
        {204: ()},
        ("bad_signature", "malformed", "changed_meanwhile", "request_entity_too_large", "try_again"),
        body=dict[str, Any],
        parameters=(SIGNATURE,),
    ),
    Operation("get", "/healthz", "The process responds.", {200: (TEXT,)}),
    Operation("get", "/readyz", "Whether an order that is accepted now is safe.", {200: (ReadyNow,), 503: (ReadyNow,)}),
    Operation(
        "get",
        "/metrics",
        "Figures in Prometheus' text format. Without FALLBACK_METRICS_TOKEN only from our own network.",
        {200: (TEXT,)},
        ("token_needed", "try_again"),
        security=("metrics",),
    ),
)
