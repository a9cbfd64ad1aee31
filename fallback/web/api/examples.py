"""Examples of requests, responses and events in /openapi.json. A test checks each against its schema."""

from __future__ import annotations

from typing import Any

TIME, REF = "2026-11-21T10:00:00Z", "FB-7K3M-92QX-5"
TOTAL = {"amount": 3093, "currency": "EUR"}
CUSTOMER_LINK = f"https://checkout.example.org/orders/{REF}?key=4Yw…"

BRIEF: dict[str, Any] = {
    "ref": REF,
    "status": "waiting",
    "payment": {"state": "authorized"},
    "placement": {"state": "held"},
    "total": TOTAL,
    "received_at": TIME,
}
RECEIPT = BRIEF | {"status": "received", "payment": {"state": "pending"}, "status_url": CUSTOMER_LINK}
FOUND = BRIEF | {
    "status": "on_hold",
    "payment": {"state": "authorized", "authorized": 3093, "captured": 0, "refunded": 0},
    "placement": {"state": "held", "number": None},
    "holds": [{"code": "mismatch", "next_word_by": "2026-11-21T18:00:00Z"}],
    "owner": "checkout desk",
    "console_url": f"https://checkout.example.org/console/orders/{REF}",
}
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": f"{REF}.3.held",
    "source": "https://checkout.example.org",
    "type": "order.held",
    "subject": REF,
    "time": TIME,
    "datacontenttype": "application/json",
    "data": {
        "ref": REF,
        "version": 3,
        "status": "on_hold",
        "payment": FOUND["payment"],
        "placement": {"state": "held"},
        "holds": ["mismatch"],
        "total": TOTAL,
    },
}

# By the id of the operation.
REQUESTS: dict[str, Any] = {
    "placeOrder": {
        "cart_token": "eyJhbGciOiJIUzI1NiIsImtpZCI6InNob3AtMSIsInR5cCI6ImNhcnQrand0In0.eyJpc3MiOiJzaG9wIn0.c2ln…",
        "contact": {"name": "Iris Murdoch", "email": "iris@example.org"},
        "shipping_address": {"line1": "1 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"},
        "delivery": {"id": "standard"},
        "payment": {"confirmation_token": "ctoken_1PaGqR2eZvKYlo2C"},
        "locale": "en-GB",
    },
    "changeOrder": {"delivery": {"id": "courier", "slot": "2026-11-23-am"}},
    "payOrder": {"payment": {"confirmation_token": "ctoken_1PaGqR2eZvKYlo2C"}},
    "askQuestion": {"question": "Can it be delivered to my neighbour?"},
    "answerRival": {"answer": "same", "about": "possible_rival 100077"},
    "rateHelp": {"part": "help", "good": True},
    "switchMode": {"mode": "active", "reason": "The payment page fails.", "who": "Jo"},
}
RESPONSES: dict[str, Any] = {
    "placeOrder": RECEIPT,
    "findOrders": {"orders": [FOUND], "next": "WzE3LjAsICJGQi03SzNNLTkyUVgtNSJd", "unread": []},
    "readOrder": BRIEF,
    "readPurchase": {
        "cart_id": "basket-17",
        "ref": REF,
        "status": "waiting",
        "order_url": CUSTOMER_LINK,
        "captured": True,
    },
    "readMode": {"mode": "standby", "since": TIME, "serves": "primary"},
}
