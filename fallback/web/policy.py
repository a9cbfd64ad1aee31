"""/policy: what may be given back and by whom, for customers. It is the policy that the console works by."""

from __future__ import annotations

from flask import Blueprint, Response

from fallback.web import policy_words
from fallback.web.auth import Rule, allow, container
from fallback.web.pages import page, visitor

blueprint = Blueprint("policy", __name__)


@blueprint.get("/policy")
@allow(Rule.PUBLIC)
def show() -> Response:
    voice, policy = visitor(), container().policy
    return page(
        "policy.html",
        voice,
        always=[sentence.say(voice.language) for sentence in policy.customer],
        kinds=policy_words.kind_rows(policy, voice),
    )
