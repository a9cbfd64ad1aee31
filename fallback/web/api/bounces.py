"""/webhooks/bounces: a mail provider, or a program between it and us, reports mail that did not arrive."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from flask import Blueprint, Response
from msgspec import Meta, Struct

from fallback.domain.checkout.requests import END
from fallback.domain.order.order import Queue
from fallback.domain.order.refused_mail import Bounce
from fallback.usecases.order.note_bounce import note_bounce
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.limits import limited
from fallback.web.http.strict_json import read_json

blueprint = Blueprint("bounces", __name__, url_prefix="/webhooks")

PER_MINUTE = 600


class BounceKind(StrEnum):
    HARD = "hard"
    SOFT = "soft"


class BounceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /webhooks/bounces. `message_id`: the Message-ID of the mail, or its X-PM-Metadata-mail.

    `kind`: hard, it will never arrive; soft, it is late. `status`: the code of RFC 3463, such as 5.1.1.
    """

    message_id: Annotated[str, Meta(min_length=1, max_length=998)]
    kind: BounceKind
    status: Annotated[str, Meta(pattern=r"^[245]\.[0-9]{1,3}\.[0-9]{1,3}$" + END)] | None = None


BOUNCE = msgspec.json.Decoder(BounceBody)


@blueprint.post("/bounces")
@limited(lambda _: PER_MINUTE)
@allow(Rule.BOUNCES)
def bounce() -> Response:
    """The provider may send mail for others, too: what is not ours is accepted, and changes nothing."""
    told = read_json(BOUNCE)
    ref = note_bounce(container(), Bounce(told.message_id, told.kind is BounceKind.HARD, told.status or ""))
    if ref:
        container().bells.ring(Queue.NOTICE)
    return Response(status=204)
