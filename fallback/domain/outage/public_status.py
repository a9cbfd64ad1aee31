"""What customers read on the status page besides the mode: lines written by on call, and planned maintenance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from msgspec import Struct, structs

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.texts_by_people import checked
from fallback.domain.outage.failover import Observation
from fallback.domain.outage.mode import Mode, ModeState

LONGEST_TEXT = 500
# Each names the next update by itself, so older ones only stay to be read.
MOST_NOTES, MOST_MAINTENANCE = 50, 20
# Further ahead it is a mistake in the year.
FURTHEST = timedelta(days=180)
LONGEST_MAINTENANCE = timedelta(days=3)
# A shop that answers again for a moment is not back.
BACK_AFTER = timedelta(minutes=2)


class PublicNote(Struct, frozen=True, omit_defaults=True):
    """`who` wrote it is not public. `next_by`: by when the next one was promised."""

    at: datetime
    who: str
    text: str
    next_by: datetime | None = None


class Maintenance(Struct, frozen=True, omit_defaults=True):
    """`ended`: a person ended it, or withdrew it before it began."""

    id: str
    begins: datetime
    ends: datetime
    text: str
    who: str
    announced: datetime
    ended: datetime | None = None
    ended_by: str = ""

    @property
    def over_at(self) -> datetime:
        return min(self.ended or self.ends, self.ends)

    @property
    def took_place(self) -> bool:
        return self.begins < self.over_at


class PublicStatus(Struct, frozen=True, omit_defaults=True):
    """Both newest first."""

    notes: tuple[PublicNote, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()

    def planned(self, now: datetime) -> list[Maintenance]:
        """What is to come or under way, the next first."""
        return sorted((each for each in self.maintenance if now < each.over_at), key=lambda each: each.begins)

    def past(self, since: datetime, now: datetime) -> list[Maintenance]:
        return [each for each in self.maintenance if each.took_place and since < each.over_at <= now]

    def notes_since(self, moment: datetime) -> list[PublicNote]:
        return [note for note in self.notes if note.at >= moment]


def noted(status: PublicStatus, who: str, text: str, next_in: timedelta | None, now: datetime) -> PublicStatus:
    """Raises Invalid."""
    note = PublicNote(now, who, checked("text", text, LONGEST_TEXT), now + next_in if next_in else None)
    return structs.replace(status, notes=(note, *status.notes)[:MOST_NOTES])


def announced(
    status: PublicStatus, who: str, times: tuple[datetime, datetime], text: str, now: datetime
) -> PublicStatus:
    """`times`: its begin and its end. Raises Invalid."""
    begins, ends = times
    for field, code, detail in _faults(begins, ends, now):
        raise Invalid(field, code, detail)
    each = Maintenance(_new_id(status, begins, now), begins, ends, checked("text", text, LONGEST_TEXT), who, now)
    return structs.replace(status, maintenance=(each, *status.maintenance)[:MOST_MAINTENANCE])


def _new_id(status: PublicStatus, begins: datetime, now: datetime) -> str:
    """Two that are announced in one second may begin at the same time of different months."""
    first, taken = f"{now:%Y%m%d-%H%M%S}-{begins:%d%H%M}", {each.id for each in status.maintenance}
    return first if first not in taken else next(each for n in count(2) if (each := f"{first}-{n}") not in taken)


def _faults(begins: datetime, ends: datetime, now: datetime) -> Iterator[tuple[str, str, str]]:
    if ends <= begins:
        yield "ends", "ends_before", "The end has to be after the begin."
    if ends <= now:
        yield "ends", "past", "This is over already."
    if begins > now + FURTHEST:
        yield "begins", "too_far", "This is more than half a year ahead."
    if ends - begins > LONGEST_MAINTENANCE:
        yield "ends", "too_long_a_time", "This is longer than three days."


def ended(status: PublicStatus, maintenance_id: str, who: str, now: datetime) -> PublicStatus:
    """Now, or withdrawn if it had not begun. Raises NotAllowedNow if it is over, or unknown."""
    if not any(each.id == maintenance_id for each in status.planned(now)):
        raise NotAllowedNow("over", "end")
    changed = [
        structs.replace(each, ended=now, ended_by=who) if each.id == maintenance_id else each
        for each in status.maintenance
    ]
    return structs.replace(status, maintenance=tuple(changed))


def is_back(mode: ModeState, seen: Observation | None, now: datetime) -> bool:
    """Whether the shop takes orders itself again, and has for a while."""
    if mode.mode is Mode.ACTIVE or now - mode.since < BACK_AFTER:
        return False
    return seen is None or seen.advice.mode is not Mode.ACTIVE
