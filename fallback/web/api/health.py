"""/healthz: the process responds. /readyz: orders can be accepted safely."""

from __future__ import annotations

from flask import Blueprint, Response

from fallback.web.http.answers import ReadyNow, respond
from fallback.web.http.auth import Rule, allow, container

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allow(Rule.PUBLIC)
def alive() -> Response:
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@allow(Rule.PUBLIC)
def ready() -> Response:
    readiness = container().readiness
    problems = readiness.problems()
    return respond(ReadyNow(not problems, problems, readiness.durability(), readiness.seen()), 503 if problems else 200)
