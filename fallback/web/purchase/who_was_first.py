"""Texts for a late action: what happened before, by whom and when, on the customer's pages and in the API."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from fallback.domain.order.order import Event, Order
from fallback.domain.support.late import TALK, Late
from fallback.web.http.auth import container
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase.event_words import EVENTS

FIRST = N_("%(who)s acted first: %(what)s. This is the order's current status.")
HAPPENED = N_("Your order has changed in the meantime: %(what)s (%(who)s, %(when)s). This is its current status.")
MEANWHILE = N_("Your order has changed in the meantime. This is its current status.")
NAMES = {
    "customer": N_("you"),
    "worker": N_("this checkout"),
    "stripe": N_("the bank"),
    "primary": N_("the shop"),
}


def as_it_stands(ref: str) -> tuple[Order, Sequence[Event]]:
    """An order and its timeline, for a form that contains the number of seen events.

    The timeline is read first, so that an event written in between is not counted as seen.
    """
    ledger = container().ledger
    timeline = ledger.timeline(ref)
    return ledger.load(ref), timeline


def last(timeline: Sequence[Event]) -> Event | None:
    """The last event that customers see and that changed the purchase."""
    told = (event for event in reversed(timeline) if event.what in EVENTS and event.what not in TALK)
    return next(told, None)


def sentence(timeline: Sequence[Event], voice: Voice, late: Late | None = None) -> str:
    """`late`: what another person did since the customer looked, where that is known."""
    if late and late.events[-1].what in EVENTS:
        event = late.events[-1]
        return voice.sentence(FIRST, who=event.who, what=what(event, voice))
    newest = last(timeline)
    if newest is None:
        return voice.say(MEANWHILE)
    return voice.say(HAPPENED, what=what(newest, voice), who=who(newest, voice), when=voice.moment(newest.at))


def what(event: Event, voice: Voice) -> Markup:
    return voice.say(EVENTS[event.what], **event.data)


def who(event: Event, voice: Voice) -> str:
    return voice.say(NAMES[event.who]) if event.who in NAMES else event.who
