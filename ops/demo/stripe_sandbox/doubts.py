"""Disputes, reviews and early fraud warnings about a charge. Pages: 'The Dispute object', 'The Review
object', 'The Early Fraud Warning object', and of 'Testing' those on disputes and on Radar.
"""

from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox.cards import Card
from ops.demo.stripe_sandbox.sandbox import Sandbox, new_id
from ops.demo.stripe_sandbox.store import Json


def raised(sandbox: Sandbox, charge: Json, card: Card) -> None:
    """The objects that Stripe creates with the charge, before a capture."""
    if card.reviewed:
        review = {"open": True, "reason": "rule", "opened_reason": "rule", "closed_reason": None}
        sandbox.emit("review.opened", sandbox.store.put(_about(sandbox, charge, "prv", "review") | review))
    if card.fraud_warning:
        warning = {"actionable": True, "fraud_type": card.fraud_warning}
        about = _about(sandbox, charge, "issfr", "radar.early_fraud_warning")
        sandbox.emit("radar.early_fraud_warning.created", sandbox.store.put(about | warning))


def approve(sandbox: Sandbox, id: str, _: Json) -> Json:
    """Page 'Approve a review'."""
    review = sandbox.fetch("review", id) | {"open": False, "reason": "approved", "closed_reason": "approved"}
    sandbox.emit("review.closed", sandbox.store.put(review))
    return review


def close(sandbox: Sandbox, id: str, _: Json) -> Json:
    """Page 'Close a dispute': the merchant gives up, and the dispute is lost."""
    return _decided(sandbox, id, "lost")


def update(sandbox: Sandbox, id: str, params: Json) -> Json:
    """Page 'Testing': two texts as evidence decide the dispute at once."""
    said = (read.mapping(params, "evidence") or {}).get("uncategorized_text")
    status = {"winning_evidence": "won", "losing_evidence": "lost"}.get(said or "")
    return _decided(sandbox, id, status) if status else sandbox.fetch("dispute", id)


def _decided(sandbox: Sandbox, id: str, status: str) -> Json:
    dispute = sandbox.fetch("dispute", id) | {"status": status}
    sandbox.emit("charge.dispute.closed", sandbox.store.put(dispute))
    return dispute


def dispute(sandbox: Sandbox, charge: Json) -> None:
    reason = sandbox.store.private(charge["id"])["dispute"]
    if reason is None:
        return
    sandbox.store.put(charge | {"disputed": True})
    asked = {
        "amount": charge["amount_captured"],
        "currency": charge["currency"],
        "is_charge_refundable": False,
        "metadata": {},
        "reason": reason,
        "status": "needs_response",
    }
    sandbox.emit("charge.dispute.created", sandbox.store.put(_about(sandbox, charge, "du", "dispute") | asked))


def _about(sandbox: Sandbox, charge: Json, prefix: str, kind: str) -> Json:
    return {
        "id": new_id(prefix),
        "object": kind,
        "charge": charge["id"],
        "created": sandbox.now(),
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
