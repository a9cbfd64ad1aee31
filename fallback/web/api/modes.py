"""/v1/mode: read by the proxy to route requests, and switched by on-call engineers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from flask import Blueprint, Response, request
from msgspec import UNSET, Meta, Struct, UnsetType

from fallback.domain.checkout.requests import LINE
from fallback.domain.errors import Conflict
from fallback.domain.outage.last_mode import KnownMode, known_mode
from fallback.domain.outage.mode import Mode, serves
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.usecases.outage.take_standby_share import take_standby_share
from fallback.web.http.answers import ModeNow, respond
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.problems import Problem
from fallback.web.http.security import proxy_reason
from fallback.web.http.strict_json import read_json

blueprint = Blueprint("modes", __name__, url_prefix="/v1")

Words = Annotated[str, Meta(min_length=1, max_length=300, pattern=LINE)]
Moment = Annotated[datetime, Meta(tz=True)]


class SwitchMode(Struct, frozen=True, forbid_unknown_fields=True):
    """`until`: the failover monitor does not change the mode before then; null: until an operator switches again."""

    mode: Mode
    reason: Words
    who: Words = "on call"
    until: Moment | UnsetType | None = UNSET


SWITCH_MODE = msgspec.json.Decoder(SwitchMode)
CHANGED = Problem(412, "precondition_failed", "The mode has changed since you read it. Please read it again.")


@blueprint.get("/mode")
@allow(Rule.PUBLIC)
def show() -> Response:
    """X-Fallback-Share tells a proxy whether it may send us its share of the customers.

    Pages of other origins may read it, for failover.js.
    """
    known = known_mode(container().modes, container().last_mode)
    answer = _answer(known)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    if known.at is None and take_standby_share(container(), known.state.mode):
        answer.headers["X-Fallback-Share"] = "yes"
    return answer


@blueprint.put("/mode")
@allow(Rule.ONCALL)
def switch() -> Response:
    """With If-Match (RFC 9110, 13.1.1) only if the mode has not changed since it was read."""
    requested = read_json(SWITCH_MODE)
    seen = container().modes.read() if "If-Match" in request.headers else None
    if seen and seen.tag not in request.if_match:
        raise CHANGED
    try:
        state = switch_mode(
            container(), requested.mode, requested.who, requested.reason, requested.until, instead_of=seen
        )
    except Conflict:
        raise CHANGED from None
    return _answer(KnownMode(state))


def _answer(known: KnownMode) -> Response:
    """Without name and reason of the switch, which only the console shows. The proxy reads the header every second."""
    state = known.state
    now = ModeNow(state.mode, state.switched_at, serves(state.mode), known.at)
    response = respond(now)
    response.headers["X-Fallback-Route"] = now.serves
    response.headers["ETag"] = f'"{state.tag}"'
    response.headers["Cache-Control"] = "max-age=1"
    if reason := proxy_reason():  # for operators who set up a proxy: the reason it gave for this request, if trusted
        response.headers["X-Fallback-Reason"] = reason
    return response
