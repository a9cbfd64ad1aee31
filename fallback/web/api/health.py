"""/healthz: the process responds. /readyz: orders can be accepted safely, if need be into the journal."""

from __future__ import annotations

from typing import Literal

from flask import Blueprint, Response

from fallback.ledger.journal.directory import OfAnotherShop
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
    """While the journal takes orders, the load balancer must send them: 200, with `ready` false and the problems."""
    readiness, kept = container().readiness, container().journal
    problems, state = readiness.problems(), kept.state() if kept and not readiness.is_elsewhere else None
    journal = state.takes if state else _unused(container().journal_refused)
    now = ReadyNow(not problems, problems, readiness.durability(), readiness.seen(), journal)
    return respond(now, 503 if problems and not (state and state.has_room) else 200)


def _unused(refused: OSError | None) -> Literal["off", "broken", "another_shops"]:
    if refused is None:
        return "off"
    return "another_shops" if isinstance(refused, OfAnotherShop) else "broken"
