"""The money of each order in the sandbox, for tests that check the books."""

import json
from collections import defaultdict
from typing import Any

from ops.demo.stripe_sandbox.refunds import CAME_BACK
from ops.demo.stripe_sandbox.store import Json, Store


def summary(store: Store, ref: str | None = None) -> Json:
    """By `metadata.ref`: intents with their states, and money in minor units.

    `captures` counts captured charges; more than one means that a customer paid twice. `authorized` is the amount held
    now, `voided` the number of released holds.
    """
    orders: dict[str, Json] = defaultdict(_nothing)
    intents: dict[str, str | None] = {}
    for intent in _all(store, "payment_intent"):
        own = intent["metadata"].get("ref")
        intents[intent["id"]] = own
        if own is not None:
            order = orders[own]
            order["intents"].append({"id": intent["id"], "status": intent["status"], "amount": intent["amount"]})
            order["currency"] = intent["currency"]
            order["authorized"] += intent["amount_capturable"]
    for charge in _all(store, "charge"):
        own = intents[charge["payment_intent"]]
        if own is not None:
            orders[own]["captures"] += charge["captured"]
            orders[own]["captured"] += charge["amount_captured"]
            orders[own]["declines"] += charge["status"] == "failed"
            orders[own]["voided"] += charge["refunded"] and not charge["captured"]
    for refund in _all(store, "refund"):
        own = intents[refund["payment_intent"]]
        if own is not None and refund["status"] not in CAME_BACK:
            orders[own]["refunded"] += refund["amount"]
    shown = orders if ref is None else {name: order for name, order in orders.items() if name == ref}
    return {"orders": shown, "without_ref": sum(own is None for own in intents.values())}


def _nothing() -> Json:
    return {
        "intents": [],
        "currency": None,
        "authorized": 0,
        "captured": 0,
        "refunded": 0,
        "captures": 0,
        "declines": 0,
        "voided": 0,
    }


def _all(store: Store, kind: str) -> list[Any]:
    return [json.loads(body) for (body,) in store.rows("SELECT body FROM objects WHERE kind = ? ORDER BY seq", kind)]
