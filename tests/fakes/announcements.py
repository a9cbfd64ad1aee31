"""announcements.Announcements in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from fallback.domain.order.announcements import Announcement, Away, DueAnnouncement


class FakeAnnouncements:
    def __init__(self) -> None:
        self._waiting: defaultdict[str, dict[DueAnnouncement, datetime]] = defaultdict(dict)
        self._away: dict[str, Away] = {}

    def add(self, to: str, announcement: Announcement) -> None:
        """As the commit does that it is about."""
        self._waiting[to][DueAnnouncement(announcement, 0)] = announcement.at

    def due(self, to: str, now: datetime, most: int) -> list[DueAnnouncement]:
        waiting = self._waiting[to]
        return sorted((due for due, at in waiting.items() if at <= now), key=lambda due: waiting[due])[:most]

    def count(self, to: str) -> int:
        return len(self._waiting[to])

    def sent(self, to: str, due: DueAnnouncement) -> None:
        self._waiting[to].pop(due, None)

    def put_off(self, to: str, due: DueAnnouncement, until: datetime) -> DueAnnouncement:
        self.sent(to, due)
        later = due._replace(tries=due.tries + 1)
        self._waiting[to][later] = until
        return later

    def away(self) -> Mapping[str, Away]:
        return dict(self._away)

    def note_away(self, to: str, away: Away | None) -> None:
        if away:
            self._away[to] = away
        else:
            self._away.pop(to, None)

    def keep_only(self, names: Sequence[str]) -> None:
        self._away = {name: away for name, away in self._away.items() if name in names}
