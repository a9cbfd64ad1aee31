"""Every operation of the HTTP API: its parameters, responses and problems. /openapi.json is generated from it."""

from __future__ import annotations

from typing import Any

from fallback.domain.checkout.requests import ChangeOrder, WithdrawContract
from fallback.domain.payment.charging import SumLimit
from fallback.web.api.bounces import BounceBody
from fallback.web.api.carts import PUSHES_PER_MINUTE, PushCart
from fallback.web.api.modes import SwitchMode
from fallback.web.api.operation import BODY_PROBLEMS, TEXT, Operation
from fallback.web.api.parameters import (
    CARD_KEY,
    CART_ID,
    FOUND_BY,
    IF_MATCH,
    IF_NONE_MATCH,
    KEY,
    MODE_SEEN,
    REF,
    SIGNATURE,
    WITHDRAWAL_KEY,
)
from fallback.web.api.self_service import AnswerRival, AskQuestion, ChooseTexts, RateHelp
from fallback.web.http.answers import (
    CartKept,
    FoundOrders,
    ModeNow,
    OrderBrief,
    OrderInFull,
    Purchase,
    ReadyNow,
    Receipt,
    StatusNow,
)
from fallback.web.purchase.bodies import GiveCard, OrderBody

SIGNED_PROBLEMS = ("cart_forged", "cart_unreadable", "cart_foreign", "cart_expired", "totals_do_not_add_up")
CART_PROBLEMS = (*SIGNED_PROBLEMS, "cart_gone", *SumLimit)

OPERATIONS = (
    Operation(
        "post",
        "/v1/orders",
        "placeOrder",
        "Place an order. The same key and body get the same response, with Idempotency-Replayed: true.",
        {202: (Receipt,)},
        (
            *("idempotency_key_missing", "idempotency_key_invalid", *BODY_PROBLEMS, "card_number", *CART_PROBLEMS),
            *("unknown_delivery", "unknown_slot", "address_missing", "no_delivery_there", "not_delivered_there"),
            *("cart_already_captured", "idempotency_key_reused"),
            *("too_many_requests", "try_again"),
        ),
        body=OrderBody,
        parameters=(KEY,),
        headers=("Idempotency-Replayed",),
    ),
    Operation(
        "get",
        "/v1/orders",
        "findOrders",
        "Find orders for a help desk, newest first, page by page: those that match all that is given.",
        {200: (FoundOrders,)},
        ("token_needed", "invalid", "too_many_requests", "try_again"),
        parameters=FOUND_BY,
        security=("search",),
    ),
    Operation(
        "get",
        "/v1/orders/{ref}",
        "readOrder",
        "The status of an order. With the key of its link also its content.",
        {200: (OrderInFull, OrderBrief), 304: ()},
        ("unknown_order", "too_many_requests", "try_again"),
        parameters=(REF, IF_NONE_MATCH),
        security=("", "link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "patch",
        "/v1/orders/{ref}",
        "changeOrder",
        "Change the order. If the shop has the order, `asked_for` lists the change until the shop confirms it.",
        {200: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "card_number", "unknown_delivery", "unknown_slot"),
            *("too_many_addresses", "priced_by_the_shop", "other_lines", "more_than_ordered", "nothing_left"),
            *("costs_more", "given_back", "address_missing", "not_delivered_there", "taxed_elsewhere"),
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
        "payOrder",
        "Pay by card, after choosing to pay later or after a decline. The same card again returns "
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
        "cancelOrder",
        "Cancel the order. Idempotent.",
        {202: (OrderInFull,)},
        ("unknown_order", "not_possible_now", "changed_meanwhile", "too_many_requests", "try_again"),
        parameters=(REF,),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/questions",
        "askQuestion",
        "Ask an agent a question. The order continues. The answer is emailed and shown on the order page.",
        {202: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "card_number", "empty"),
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
        "answerRival",
        "Answer whether the customer already bought this (`possible_rival`) or paid for it in the shop (`maybe_paid`). "
        "Possible while the order has such a hold; either answer releases it. With the hold's `about` it answers this "
        "question and no later one.",
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
        "/v1/orders/{ref}/withdrawal",
        "withdrawFromContract",
        "Withdraw from the contract, for all or for some pieces. What the shop does not have yet is cancelled at once, "
        "all else is put to the shop. The receipt is emailed. The same key is one withdrawal; without a key, the same "
        "body.",
        {202: (OrderInFull,)},
        (
            *("unknown_order", "idempotency_key_invalid", *BODY_PROBLEMS, "card_number"),
            *("other_lines", "more_than_bought", "nothing_withdrawn", "not_possible_now", "changed_meanwhile"),
            *("too_much_done", "too_many_requests", "try_again"),
        ),
        body=WithdrawContract,
        parameters=(REF, WITHDRAWAL_KEY),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "post",
        "/v1/orders/{ref}/ratings",
        "rateHelp",
        "Rate one part of the service as good or not. The last rating counts.",
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
        "post",
        "/v1/orders/{ref}/text-messages",
        "chooseTextMessages",
        "The customer agrees to text messages about what cannot wait, or withdraws that: `customer.sms`.",
        {200: (OrderInFull,)},
        (
            *("unknown_order", *BODY_PROBLEMS, "not_possible_now", "changed_meanwhile"),
            *("too_much_done", "too_many_requests", "try_again"),
        ),
        body=ChooseTexts,
        parameters=(REF,),
        security=("link", "bearer"),
        headers=("ETag",),
    ),
    Operation(
        "put",
        "/v1/carts/{cart_id}",
        "pushCart",
        "Push a cart whose token is too long for a cookie, and get the short form for the cookie. Safe to repeat. The "
        "two newest versions of a cart are kept as long as their tokens are valid. At most "
        f"{PUSHES_PER_MINUTE} pushes a minute for each cart.",
        {200: (CartKept,)},
        (
            *("token_needed", "not_found", *BODY_PROBLEMS, "card_number", *SIGNED_PROBLEMS, "other_cart"),
            *("cart_outdated", "too_many_requests", "try_again"),
        ),
        body=PushCart,
        parameters=(CART_ID,),
        security=("shop",),
    ),
    Operation(
        "get",
        "/v1/purchases/{cart_id}",
        "readPurchase",
        "Whether we have an order for a cart. The shop asks before it accepts an order for the same cart.",
        {200: (Purchase,)},
        ("token_needed", "not_captured", "try_again"),
        parameters=(CART_ID,),
        security=("shop",),
    ),
    Operation(
        "get",
        "/v1/mode",
        "readMode",
        "Which system serves the checkout now. X-Fallback-Route has the same for a proxy.",
        {200: (ModeNow,)},
        ("try_again",),
        headers=("X-Fallback-Route",),
    ),
    Operation(
        "put",
        "/v1/mode",
        "switchMode",
        "Switch the mode. With If-Match only if the mode has not changed since you read it.",
        {200: (ModeNow,)},
        (*BODY_PROBLEMS, "card_number", "empty", "token_needed", "precondition_failed", "try_again"),
        parameters=(MODE_SEEN,),
        body=SwitchMode,
        security=("oncall",),
        headers=("X-Fallback-Route",),
    ),
    Operation(
        "get",
        "/v1/status",
        "readStatus",
        "The checkout's status, for a banner on the shop's pages. Any origin may read it.",
        {200: (StatusNow,)},
        ("try_again",),
    ),
    Operation(
        "post",
        "/webhooks/stripe",
        "receiveStripeEvent",
        "Receive an event from Stripe.",
        {204: ()},
        ("bad_signature", "malformed", "changed_meanwhile", "request_entity_too_large", "try_again"),
        body=dict[str, Any],
        parameters=(SIGNATURE,),
    ),
    Operation(
        "post",
        "/webhooks/bounces",
        "receiveBounce",
        "Receive a report that a mail did not arrive, or is late. A mail that is not ours changes nothing.",
        {204: ()},
        (*BODY_PROBLEMS, "token_needed", "changed_meanwhile", "too_many_requests", "try_again"),
        body=BounceBody,
        security=("bounces",),
    ),
    Operation("get", "/healthz", "readHealth", "The process responds.", {200: (TEXT,)}),
    Operation(
        "get",
        "/readyz",
        "readReadiness",
        "Whether orders can be accepted safely now.",
        {200: (ReadyNow,), 503: (ReadyNow,)},
    ),
    Operation(
        "get",
        "/metrics",
        "readMetrics",
        "Metrics in the Prometheus text format. Without FALLBACK_METRICS_TOKEN only from the internal network.",
        {200: (TEXT,)},
        ("token_needed", "try_again"),
        security=("metrics",),
    ),
)
