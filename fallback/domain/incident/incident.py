"""Incidents: a period outside of standby, or one in which the shop failed customers before anybody switched.

An incident records how many orders had been accepted when it began and when it ended. Its orders are those between, so
orders need no field for their incident.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, structs

from fallback.domain.order.texts_by_people import checked
from fallback.domain.outage.mode import Mode, ModeState

# An incident without a switch ends when the shop has failed no customer for this time.
QUIET = timedelta(minutes=30)
# The name of automation in an incident's timeline.
ITSELF = "fallback"


class IncidentEvent(StrEnum):
    """`failed`: the shop failed a customer's request, and the incident's first order followed.

    `quiet`: it fails no more.

    `halted`, `lifted`: the drain, after the shop had lost orders.
    """

    SWITCHED = "switched"
    FAILED = "failed"
    QUIET = "quiet"
    NOTED = "noted"
    HALTED = "halted"
    LIFTED = "lifted"
    CLOSED = "closed"


class Entry(Struct, frozen=True, omit_defaults=True):
    """One line of the timeline. `text`: what a person wrote, or a few words and figures."""

    at: datetime
    what: IncidentEvent
    who: str
    text: str = ""
    mode: Mode | None = None


class Span(Struct, frozen=True):
    """The orders with an accept sequence above `after` and up to `upto`; None: including all future ones."""

    after: int
    upto: int | None = None


class Incident(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Its orders have an accept sequence above `after` and up to `upto`, which is None while it lasts.

    `followed`: until when the mode's log was read for it. `refused`: requests, by code, once it is over.
    """

    id: str
    reason: str
    began: datetime
    after: int
    followed: datetime
    ended: datetime | None = None
    upto: int | None = None
    closed: datetime | None = None
    timeline: tuple[Entry, ...] = ()
    refused: dict[str, int] = {}

    @property
    def span(self) -> Span:
        return Span(self.after, self.upto)

    @property
    def spans(self) -> tuple[Span, ...]:
        """All spans that are counted for it."""
        return (self.span,)

    @property
    def people(self) -> tuple[str, ...]:
        """The people who took part, in order of appearance."""
        return tuple(dict.fromkeys(entry.who for entry in self.timeline if entry.who != ITSELF))

    @property
    def switched(self) -> bool:
        """Somebody switched; then it lasts until the mode is standby again."""
        return any(entry.what is IncidentEvent.SWITCHED for entry in self.timeline)


def by_switch(state: ModeState, after: int) -> Incident:
    return _begun(
        state.since, state.reason, after, Entry(state.since, IncidentEvent.SWITCHED, state.who, mode=state.mode)
    )


def by_order(failing_since: datetime, after: int) -> Incident:
    """The shop failed customers, and we took an order, before any switch."""
    reason = "The shop failed requests of customers."
    return _begun(failing_since, reason, after, Entry(failing_since, IncidentEvent.FAILED, ITSELF))


def _begun(at: datetime, reason: str, after: int, first: Entry) -> Incident:
    """Named by its second, so that processes that notice it at the same time name it alike."""
    return Incident(id=f"{at:%Y-%m-%d-%H%M%S}", reason=reason, began=at, after=after, followed=at, timeline=(first,))


def switched(incident: Incident, state: ModeState, accepted: int) -> Incident:
    """The mode changed during it; standby ends it. `accepted`: how many orders there were by then. Safe to repeat."""
    if state.since <= incident.followed:
        return incident
    # A person who switches knows the reason better than we, who only saw requests fail.
    reason = incident.reason if incident.switched else state.reason
    incident = structs.replace(incident, followed=state.since, reason=reason)
    incident = told(incident, Entry(state.since, IncidentEvent.SWITCHED, state.who, state.reason, state.mode))
    return _ended(incident, state.since, accepted) if state.mode is Mode.STANDBY else incident


def quiet(incident: Incident, now: datetime, accepted: int) -> Incident:
    """The shop has failed no customer for a while, and no switch was needed."""
    if incident.ended or incident.switched:
        return incident
    return _ended(told(incident, Entry(now, IncidentEvent.QUIET, ITSELF)), now, accepted)


def _ended(incident: Incident, at: datetime, accepted: int) -> Incident:
    return structs.replace(incident, ended=at, upto=max(accepted, incident.after), followed=at)


def refusals_told(incident: Incident, refused: dict[str, int]) -> Incident:
    """How many requests it had refused for want of stock or of a payment. Safe to repeat."""
    return structs.replace(incident, refused=refused)


def told(incident: Incident, entry: Entry) -> Incident:
    """With one more line, once: a write whose response was lost may be repeated."""
    if entry in incident.timeline:
        return incident
    return structs.replace(incident, timeline=(*incident.timeline, entry))


def noted(incident: Incident, who: str, text: str, now: datetime) -> Incident:
    """A note by a person. Raises Invalid."""
    return told(incident, Entry(now, IncidentEvent.NOTED, who, checked("note", text)))


def closed(incident: Incident, who: str, now: datetime) -> Incident:
    if incident.closed:
        return incident
    return told(structs.replace(incident, closed=now), Entry(now, IncidentEvent.CLOSED, who))
