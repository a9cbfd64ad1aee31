"""Refunds. Pages: 'The Refund object', 'Create a refund' (at most what remains of the charge), 'Failed refunds'."""

from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox.errors import invalid_parameter, invalid_request
from ops.demo.stripe_sandbox.sandbox import Sandbox, new_id
from ops.demo.stripe_sandbox.store import Json

STATUSES = ("pending", "requires_action", "succeeded", "failed", "canceled")
CAME_BACK = ("failed", "canceled")
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(sandbox: Sandbox, params: Json) -> Json:
    charge = _charge(sandbox, params)
    remaining = charge["amount_captured"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise invalid_request(f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge_disputed")
    if remaining <= 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid_request(message, "charge_already_refunded")
    amount = read.integer(params, "amount", minimum=1) or remaining
    if amount > remaining:
        raise invalid_request(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({remaining})", param="amount"
        )
    kind = charge["payment_method_details"]["type"]
    refund = {
        "id": new_id("re_3", 22).replace("re_3_", "re_3"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": sandbox.now(),
        "currency": charge["currency"],
        "destination_details": _destination(kind),
        "metadata": read.metadata(params, {}),
        "payment_intent": charge["payment_intent"],
        "reason": read.choice(params, "reason", REASONS),
        "receipt_number": None,
        # Klarna decides later (page 'Klarna payments').
        "status": "pending" if kind == "klarna" else "succeeded",
    }
    _count(sandbox, charge, amount)
    sandbox.emit("refund.created", sandbox.store.put(refund))
    sandbox.emit("charge.refunded", charge)
    return refund


def _destination(kind: str) -> Json:
    details = {"reference_status": "pending", "type": "refund"} if kind == "card" else {}
    return {kind: details, "type": kind}


def change(sandbox: Sandbox, id: str, status: str) -> Json:
    """The bank responds later. A failed refund returns to the merchant, who can refund the amount again."""
    refund = sandbox.fetch("refund", id)
    if status not in STATUSES or refund["status"] in CAME_BACK:
        raise ValueError(f"a refund that is {refund['status']} cannot become {status}")
    refund["status"] = status
    if status in CAME_BACK:
        refund["failure_reason"] = "lost_or_stolen_card" if status == "failed" else None
        _count(sandbox, sandbox.fetch("charge", refund["charge"]), -refund["amount"])
    sandbox.store.put(refund)
    for event in ("charge.refund.updated", "refund.updated", *(["refund.failed"] if status == "failed" else [])):
        sandbox.emit(event, refund)
    return refund


def _count(sandbox: Sandbox, charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    sandbox.store.put(charge)


def _charge(sandbox: Sandbox, params: Json) -> Json:
    if read.text(params, "charge"):
        charge = sandbox.fetch("charge", params["charge"], "charge")
    elif read.text(params, "payment_intent"):
        intent = sandbox.fetch("payment_intent", params["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise invalid_request(message, param="payment_intent")
        charge = sandbox.fetch("charge", intent["latest_charge"])
    else:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid_parameter(message, "payment_intent", "parameter_missing")
    if not charge["captured"] and not charge["refunded"]:
        raise invalid_request(
            f"Charge {charge['id']} was not captured; cancel its PaymentIntent.", "charge_not_refundable"
        )
    return charge


def update(sandbox: Sandbox, id: str, params: Json) -> Json:
    refund = sandbox.fetch("refund", id)
    refund["metadata"] = read.metadata(params, refund["metadata"])
    sandbox.emit("refund.updated", sandbox.store.put(refund))
    return refund
