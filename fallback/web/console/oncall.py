"""/console/oncall: the mode, and what is due."""

from __future__ import annotations

from flask import Blueprint, Response

from fallback.domain.order import Queue
from fallback.domain.people import Permission
from fallback.web.auth import allow, container
from fallback.web.console import rows
from fallback.web.pages import page, visitor

blueprint = Blueprint("oncall", __name__, url_prefix="/console")


@blueprint.get("/oncall")
@allow(Permission.SEE)
def show() -> Response:
    voice = visitor()
    mode = container().modes.read()
    due = {queue: container().ledger.count_due(queue, container().clock()) for queue in Queue}
    return page(
        "console/oncall.html",
        voice,
        mode=mode.mode,
        sentence=voice.say(rows.MODES[mode.mode]),
        since=voice.moment(mode.since),
        who=mode.who,
        reason=mode.reason,
        due=[(voice.say(rows.QUEUES[queue]), count) for queue, count in due.items()],
        problems=container().readiness.problems(),
    )
