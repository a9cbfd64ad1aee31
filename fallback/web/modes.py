"""/v1/mode: what the proxy asks for its route decision, and what the on-call engineer switches."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint, Response
from msgspec import Meta, Struct

from fallback.domain.mode import Mode, ModeState, serves
from fallback.domain.wishes import LINE
from fallback.web.answers import ModeNow, respond
from fallback.web.auth import Rule, allow, container
from fallback.web.strict_json import read_json

blueprint = Blueprint("modes", __name__, url_prefix="/v1")

Words = Annotated[str, Meta(min_length=1, max_length=300, pattern=LINE)]


class SwitchMode(Struct, frozen=True, forbid_unknown_fields=True):
    mode: Mode
    reason: Words
    who: Words = "on call"


SWITCH_MODE = msgspec.json.Decoder(SwitchMode)


@blueprint.get("/mode")
@allow(Rule.PUBLIC)
def show() -> Response:
    return _answer(container().modes.read())


@blueprint.put("/mode")
@allow(Rule.ONCALL)
def switch() -> Response:
    wish = read_json(SWITCH_MODE)
    state = ModeState(wish.mode, container().clock(), wish.who, wish.reason)
    container().modes.switch(state)
    return _answer(state)


def _answer(state: ModeState) -> Response:
    """Who switched and why is for the console; the route header is what the proxy reads, each second."""
    now = ModeNow(state.mode, state.since, serves(state.mode))
    response = respond(now)
    response.headers["X-Fallback-Route"] = now.serves
    response.headers["Cache-Control"] = "max-age=1"
    return response
