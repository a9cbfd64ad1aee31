"""/webhooks/stripe: events from Stripe. They are verified, recorded and answered at once; a shift handles them."""

from __future__ import annotations

from flask import Blueprint, Response, request

from fallback.domain.order.order import Queue
from fallback.payments import webhooks
from fallback.usecases.payment.hear_concern import hear_concern
from fallback.usecases.payment.receive_payment_event import receive_payment_event
from fallback.web.http.auth import Rule, allow, container

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@blueprint.post("/stripe")
@allow(Rule.SIGNED)
def stripe() -> Response:
    built, payload = container(), request.get_data()
    header, secrets = request.headers.get(webhooks.HEADER), built.config.stripe_webhook_secret
    try:
        event = webhooks.receive(payload, header, secrets, built.clock())
    except webhooks.Stale as stale:
        built.heartbeats.webhook_was_stale(stale.behind)
        raise
    built.heartbeats.webhook_came(built.clock())
    if event.concern and event.intent_id:
        hear_concern(built, event.id, event.concern, event.intent_id)
        built.bells.ring(Queue.PLACEMENT)
    if event.news:
        receive_payment_event(built, event.id, event.news, event.intent_id, event.ref)
        built.bells.ring(Queue.PAYMENT)
    return Response(status=204)
