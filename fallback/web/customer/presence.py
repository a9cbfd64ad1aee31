"""Customers see on the order's page which agents have the order open, and agents see the customer."""

from __future__ import annotations

from datetime import timedelta

from flask import request

from fallback import i18n
from fallback.domain.errors import TryAgain
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.order import Order
from fallback.domain.support import claims
from fallback.domain.support.claims import PRESENT_FOR
from fallback.web.http.auth import container
from fallback.web.http.voice import N_, Voice

PAYS = N_("The payment is being made at this moment.")
WORKS = N_("%(who)s at the shop is working on your order right now.")
# Of one person, and of several.
TYPES = N_("%(who)s at the shop is typing a message to you."), N_("%(who)s at the shop are typing a message to you.")
LOOKS = (
    N_("%(who)s at the shop has your order open right now."),
    N_("%(who)s at the shop have your order open right now."),
)
# The customer's page polls less and less often while nothing happens, and announces each pause.
LONGEST_SILENCE = 60


def stays() -> timedelta:
    """How long the customer counts as present: the page tells when it polls again."""
    silence = min(max(request.args.get("silence", 0, type=int), 0), LONGEST_SILENCE)
    return PRESENT_FOR + timedelta(seconds=silence)


def at_the_shop(order: Order, voice: Voice, stays: timedelta = PRESENT_FOR) -> str:
    """A line about agents who have the order open; empty if there are none, or if that is unknown."""
    now = container().clock()
    try:
        here = container().claims.look(order.ref, CUSTOMER, now, stays, types="typing" in request.args)
        claim = claims.alive(container().claims.current(order.ref), now)
    except TryAgain:
        return ""
    if claims.payment_runs(order, now):
        return voice.say(PAYS)
    writers = [name for name in here.typing if name != CUSTOMER]
    if writers:
        return voice.sentence(TYPES[len(writers) > 1], who=i18n.listed(writers, voice.locale))
    if claim and claim.holder != CUSTOMER:
        return voice.sentence(WORKS, who=claim.holder)
    others = [name for name in here.names if name != CUSTOMER]
    return voice.sentence(LOOKS[len(others) > 1], who=i18n.listed(others, voice.locale)) if others else ""
