"""What the mode's log says of incidents is written down, and one that no switch will end is ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from fallback.domain.incident import quiet
from fallback.domain.mode import ModeState
from fallback.domain.mode_log import follow
from fallback.domain.oncall_ports import Incidents
from fallback.domain.ports import Clock


def follow_mode(*, incidents: Incidents, mode_log: Callable[[], Sequence[ModeState]], clock: Clock) -> None:
    """Safe to do at any time, by any number of processes at once."""
    lasting = follow(incidents, mode_log())
    if lasting and not lasting.switched and not incidents.shop_fails():
        now = clock()
        incidents.change(lasting.id, partial(quiet, now=now, accepted=incidents.accepted_before(now)))
