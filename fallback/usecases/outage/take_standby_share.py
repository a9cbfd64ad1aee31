"""Whether a share of the shop's customers may come to us in standby: only while nothing at all is the matter.

It is an exercise, and a purchase is none to the customer: where her order might wait, the shop had better serve her.
"""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.clock import Clock
from fallback.domain.incident.ports import Halts
from fallback.domain.oncall.alerts import Limits, Outlook, all_is_well
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.pace import Pace


def take_standby_share(
    mode: Mode,
    *,
    wanted: bool,
    outlook: Outlook,
    limits: Limits,
    pace: Pace,
    halts: Halts,
    calls_go: Callable[[], bool],
    clock: Clock,
) -> bool:
    """Asked by the proxy, each second. `calls_go`: no breaker is open.

    May raise TryAgain in standby, where the shop serves whoever gets no answer; in an outage nothing is read for it.
    """
    if not wanted or mode is not Mode.STANDBY:
        return False
    now = clock()
    return all_is_well(outlook.see(now), limits, now) and not pace.rule().paused and halts.read() is None and calls_go()
