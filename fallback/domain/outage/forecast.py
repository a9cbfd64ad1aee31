"""Forecasts the end of the drain from a curve of its pace and the times at which orders become due."""

from __future__ import annotations

from math import sqrt

from msgspec import Struct

from fallback.domain.outage.pace import Bounds, Going, PaceRule, highest, pace_now


class Waiting(Struct, frozen=True):
    """Orders that the primary is to get. `due`: now, or under way. `later`: seconds until each of the others is due.

    `on_hold` wait for a person and `unpaid` for a payment: nobody knows for how long, so the forecast excludes them.
    """

    due: int
    later: tuple[float, ...] = ()
    on_hold: int = 0
    unpaid: int = 0


class Curve(Struct, frozen=True):
    """Orders per second: `begin` now, `step` more each second, up to `end`."""

    begin: float
    step: float
    end: float

    @property
    def _climbs_for(self) -> float:
        return (self.end - self.begin) / self.step if self.step else 0.0

    def gone_by(self, seconds: float) -> float:
        climbing = min(seconds, self._climbs_for)
        return self.begin * climbing + self.step * climbing**2 / 2 + self.end * (seconds - climbing)

    def takes(self, orders: float) -> float:
        """Seconds until this many have gone: the inverse of `gone_by`."""
        at_the_top = self.gone_by(self._climbs_for)
        if orders >= at_the_top:
            return self._climbs_for + (orders - at_the_top) / self.end
        return (sqrt(self.begin**2 + 2 * self.step * orders) - self.begin) / self.step


def curve(going: Going, rule: PaceRule, bounds: Bounds) -> Curve:
    """Assumes that the primary bears what the ramp still adds, and that workers keep what they reach now."""
    now, top = pace_now(going, rule, bounds), highest(rule, bounds)
    return Curve(now * going.used, bounds.step * going.used, top * going.used)


def seconds_left(waiting: Waiting, pace: Curve) -> float:
    """An order that becomes due later waits for those before it, unless they are gone by then."""
    count = waiting.due + len(waiting.later)
    ends = [pace.takes(count)]
    ends += [
        pace.takes(pace.gone_by(comes) + count - waiting.due - before)
        for before, comes in enumerate(sorted(waiting.later))
    ]
    return max(ends)
