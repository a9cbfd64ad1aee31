"""What on call wrote for customers, as rows of the status page: lines, the next update, planned maintenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fallback.domain.outage.public_status import Maintenance, PublicNote, PublicStatus
from fallback.web.http.voice import N_, Voice

NEXT = N_("Next update by %(when)s.")
LATE = N_("We promised an update by %(when)s. It is late.")
BY_ITSELF = N_("This page updates itself.")
PLANNED = N_("Planned maintenance from %(begins)s to %(ends)s")
UNDER_WAY = N_("Planned maintenance is under way until %(ends)s")
TOOK_PLACE = N_("There was planned maintenance from %(begins)s to %(ends)s.")


@dataclass(frozen=True)
class NoteRow:
    moment: str
    text: str


@dataclass(frozen=True)
class PlannedRow:
    title: str
    text: str


def next_update(public: PublicStatus, out_since: datetime | None, now: datetime, voice: Voice) -> str:
    """By when customers read more. `out_since`: since when we help out; None if all is as usual, and then empty."""
    newest = public.notes[0] if public.notes else None
    if newest and newest.next_by and newest.next_by > now:
        return voice.say(NEXT, when=voice.moment(newest.next_by))
    if out_since is None:
        return ""
    if newest and newest.next_by and newest.at >= out_since:
        return voice.say(LATE, when=voice.moment(newest.next_by))
    return voice.say(BY_ITSELF)


def note_row(note: PublicNote, voice: Voice) -> NoteRow:
    return NoteRow(voice.moment(note.at), note.text)


def planned_row(each: Maintenance, now: datetime, voice: Voice) -> PlannedRow:
    return PlannedRow(title_of(each, now, voice), each.text)


def title_of(each: Maintenance, now: datetime, voice: Voice) -> str:
    times = {"begins": voice.moment(each.begins), "ends": voice.moment(each.ends)}
    return voice.say(UNDER_WAY if each.begins <= now else PLANNED, **times)


def past_row(each: Maintenance, voice: Voice) -> str:
    return voice.say(TOOK_PLACE, begins=voice.moment(each.begins), ends=voice.moment(each.over_at))
