"""How the console shows incidents: their timeline, a halt of the hand-over, the last audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from fallback.domain.incident.audit import LOOKS_BACK, Audit, Halt
from fallback.domain.incident.incident import Entry, Incident, IncidentEvent
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.outage.mode import Mode
from fallback.web.console.desk.report import clock
from fallback.web.console.order import rows
from fallback.web.http.voice import N_, Voice

HAPPENED = {
    IncidentEvent.SWITCHED: N_("Switched"),
    IncidentEvent.FAILED: N_("The shop failed a customer's request, and we took the order"),
    IncidentEvent.QUIET: N_("No failed requests for a while"),
    IncidentEvent.NOTED: N_("Note"),
    IncidentEvent.HALTED: N_("Hand-over to the shop halted"),
    IncidentEvent.LIFTED: N_("Hand-over to the shop resumed"),
    IncidentEvent.CLOSED: N_("Closed"),
}
SWITCHED_TO = {
    Mode.STANDBY: N_("Switched to standby"),
    Mode.ACTIVE: N_("Switched to active"),
    Mode.DRAINING: N_("Switched to draining"),
}


@dataclass(frozen=True)
class IncidentRow:
    """`orders` is empty while the incident is open."""

    id: str
    title: str
    reason: str
    state: str
    began: str
    ended: str
    orders: str
    people: str
    over: bool
    closed: bool
    standby: bool


@dataclass(frozen=True)
class EntryRow:
    moment: str
    who: str
    what: str
    text: str


@dataclass(frozen=True)
class HaltRow:
    """`seen`: identifies the halt that this page shows."""

    seen: str
    since: str
    reason: str


def incident_row(incident: Incident, voice: Voice) -> IncidentRow:
    standby = incident.id == NO_INCIDENT
    state = N_("closed") if incident.closed else N_("over") if incident.ended else N_("ongoing")
    return IncidentRow(
        id=incident.id,
        title=voice.say("Standby") if standby else voice.say("Incident %(id)s", id=incident.id),
        reason=_of_standby(voice) if standby else incident.reason,
        state=voice.say(state),
        began=voice.moment(incident.began),
        ended=voice.moment(incident.ended) if incident.ended else "",
        orders="" if incident.upto is None else str(incident.upto - incident.after),
        people=", ".join(rows.name_of(name, voice) for name in incident.people),
        over=incident.ended is not None,
        closed=incident.closed is not None,
        standby=standby,
    )


def entry_rows(entries: Sequence[Entry], voice: Voice) -> list[EntryRow]:
    """Newest first."""
    return [
        EntryRow(
            moment=voice.moment(entry.at),
            who=rows.name_of(entry.who, voice),
            what=voice.say(SWITCHED_TO[entry.mode] if entry.mode else HAPPENED[entry.what]),
            text=entry.text,
        )
        for entry in reversed(entries)
    ]


def halt_row(halt: Halt, voice: Voice) -> HaltRow:
    return HaltRow(halt.tag, voice.moment(halt.since), halt.reason)


def _of_standby(voice: Voice) -> Markup:
    return voice.ngettext(
        "Orders of the last day that belong to no incident.",
        "Orders of the last %(count)s days that belong to no incident.",
        LOOKS_BACK.days,
    )


def audit_sentence(audit: Audit, voice: Voice) -> str:
    money = voice.say("Orders whose amount paid differs from the price: %(count)s.", count=len(audit.money))
    return Markup(" ").join([_of_shop(audit, voice), money]) if audit.money else _of_shop(audit, voice)


def _of_shop(audit: Audit, voice: Voice) -> Markup:
    if audit.why_not:
        return voice.say(
            "At %(when)s the shop did not list its orders. The next audit is within the hour.",
            when=voice.moment(audit.at),
        )
    return voice.say(
        "Audit %(when)s. Orders that the shop should have: %(checked)s. Missing of these: %(lost)s. Open there but "
        "ended here: %(standing)s.",
        when=voice.moment(audit.at),
        checked=audit.checked,
        lost=len(audit.lost),
        standing=len(audit.standing),
    )


def lasted(incident: Incident, now: datetime) -> str:
    return clock(((incident.ended or now) - incident.began).total_seconds())
