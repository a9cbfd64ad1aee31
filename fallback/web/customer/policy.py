"""/policy: who may refund how much, for customers. The console applies the same policy."""

from __future__ import annotations

from flask import Blueprint, Response

from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.pages import page, visitor
from fallback.web.purchase import policy_words

blueprint = Blueprint("policy", __name__)


@blueprint.get("/policy")
@allow(Rule.PUBLIC)
def show() -> Response:
    voice, policy = visitor(), container().policy
    return page(
        "customer/payment/policy.html",
        voice,
        always=[policy_words.sentence(text, voice) for text in policy.customer],
        kinds=policy_words.kind_rows(policy, voice),
    )
