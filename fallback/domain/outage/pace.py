"""How fast orders are handed to the primary: the pace that a person set, and the ramp below it.

Seconds are those of one clock that all workers share. All calculation is here; `Pace` stores the result.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from msgspec import Struct, structs

# Capacity that a slow moment left unused is made up for this long: 3 % of what may go in five seconds.
MADE_UP_FOR = 0.15
# Below this many a second, one more order in five seconds is more than 5 %: nothing is made up for.
ONE_BY_ONE_BELOW = 4.0
# After this time without an order, the capacity of the primary is unknown again.
FORGOTTEN_AFTER = 60.0

# How often the ramp takes a step. After a step down it waits for the results of most calls under way.
JUDGED_EVERY = 1.0
SETTLES_IN = 3.0
BACK_OFF = 0.5
# A share of failed calls above this is no accident.
ERRORS = 0.05
# Calls that take twice as long as usual, and at least a tenth of a second more, are queueing.
SLOWER = 2.0
SLOWER_BY = 0.1
# With fewer calls in a step, a single slow one would decide: such a low pace overloads nobody.
TELLING = 10
# How much of the difference to the present latency becomes usual with each step: a primary that has become slow for
# good is believed within a minute or two, one that is getting slower is not. One that has become fast is believed
# sooner, but not for one lucky second.
GETS_USED = 0.02
GETS_FAST = 0.2

# A rate limit that holds for longer is tried again meanwhile.
LONGEST_REST = 600.0

# While the primary seems down: one order, and the next one once that was answered or timed out.
REST = 3.0
PROBE_LASTS = 30.0


class PaceRule(Struct, frozen=True, kw_only=True):
    """A person's decision. `pace`: orders a second, never exceeded. `ramp`: begin slowly, and follow the primary.

    `at`: None for the pace of the settings, until a person decides.
    """

    pace: float
    at: datetime | None
    who: str
    why: str
    paused: bool = False
    ramp: bool = True

    @property
    def tag(self) -> str:
        """Identifies one decision, for a caller who wants to replace only this one."""
        return f"{self.at.timestamp():.6f}" if self.at else "settings"


class Bounds(Struct, frozen=True):
    """Settings, in orders a second: where the ramp begins and how much it adds each second.

    Also how many captures the payment provider takes, since each order ends with one.
    """

    start: float
    step: float
    captures: float


class Heard(Struct, frozen=True):
    """What a worker observed since its last report. `seconds`: total duration of its `calls` to the primary.

    `finished`: orders that it is done with. `unused`: turns that it got but had no order for. `down`: its circuit
    breaker for the primary has opened. `rest`: for how many seconds the primary's rate limit allows no more calls.
    """

    calls: int = 0
    errors: int = 0
    seconds: float = 0.0
    finished: int = 0
    unused: int = 0
    down: bool = False
    rest: float = 0.0

    def __add__(self, other: Heard) -> Heard:
        return Heard(
            self.calls + other.calls,
            self.errors + other.errors,
            self.seconds + other.seconds,
            self.finished + other.finished,
            self.unused + other.unused,
            self.down or other.down,
            max(self.rest, other.rest),
        )


NOTHING = Heard()


class Going(Struct, frozen=True, kw_only=True):
    """The state of the drain, for all workers together.

    `pace`: of the ramp now. `tokens`: how many orders may go as of `counted_at`. `given`, `heard`: since `judged_at`.
    `settling`: the ramp has just stepped down. `usual`: seconds of a call in normal operation. `used`: the share of the
    pace that the workers reach while there are enough orders. `errors`: of the last second. While the primary seems
    down, the next order may go at `probe_at`, alone; `probing`: it is in flight. Until `rests_until`, the primary's
    rate limit allows no order.
    """

    pace: float
    counted_at: float
    judged_at: float
    given_at: float
    tokens: float = 1.0
    given: int = 0
    heard: Heard = NOTHING
    usual: float | None = None
    settling: bool = False
    used: float = 1.0
    errors: int = 0
    probe_at: float | None = None
    probing: bool = False
    rests_until: float | None = None


class Turn(NamedTuple):
    """This many `orders` may go now; if none, ask again after `wait` seconds."""

    going: Going
    orders: int
    wait: float
    paused: bool = False


class Pace(Protocol):
    """How fast orders are handed over, for all workers together. Each call may raise TryAgain."""

    def rule(self) -> PaceRule: ...

    def decide(self, rule: PaceRule, instead_of: PaceRule | None = None) -> None:
        """The last decision wins, and the log contains all. Raises Conflict unless `instead_of`, if given, holds."""

    def decided(self) -> list[PaceRule]:
        """The decisions, newest first."""

    def going(self) -> Going: ...

    def take(self, most: int, heard: Heard = NOTHING, although_paused: bool = False) -> Turn:
        """How many of `most` orders may go now. `heard`: what this worker observed since it last asked."""


def begin(rule: PaceRule, bounds: Bounds, now: float) -> Going:
    return Going(pace=_begins_at(rule, bounds), counted_at=now, judged_at=now, given_at=now)


def look(going: Going | None, rule: PaceRule, bounds: Bounds, now: float) -> Going:
    """The present state, without taking a turn."""
    return _listen(going or begin(rule, bounds, now), rule, bounds, NOTHING, now)


def highest(rule: PaceRule, bounds: Bounds) -> float:
    return min(rule.pace, bounds.captures)


def pace_now(going: Going, rule: PaceRule, bounds: Bounds) -> float:
    return min(going.pace, highest(rule, bounds)) if rule.ramp else highest(rule, bounds)


def _begins_at(rule: PaceRule, bounds: Bounds) -> float:
    return min(bounds.start, highest(rule, bounds))


def take(
    going: Going | None,
    rule: PaceRule,
    bounds: Bounds,
    heard: Heard,
    most: int,
    now: float,
    although_paused: bool = False,
) -> Turn:
    """How many of `most` orders may go, and the state after that. In any five seconds at most 5 % above the pace."""
    going = _judge(_listen(going or begin(rule, bounds, now), rule, bounds, heard, now), rule, bounds, now)
    going = _fill(going, rule, bounds, now)
    if rule.paused and not although_paused:
        return Turn(going, 0, JUDGED_EVERY, paused=True)
    if (rest := _rest(going, now)) > 0:
        return Turn(going, 0, rest)
    if going.probe_at is not None:
        return _probe(going, going.probe_at, most, now)
    count = max(0, min(most, int(going.tokens)))
    wait = max(0.0, 1.0 - going.tokens) / pace_now(going, rule, bounds)
    return Turn(_given(going, count, now), count, 0.0 if count else wait)


def _listen(going: Going, rule: PaceRule, bounds: Bounds, heard: Heard, now: float) -> Going:
    slow, rest = _begins_at(rule, bounds), max(min(heard.rest, LONGEST_REST), _rest(going, now))
    if now - going.given_at > FORGOTTEN_AFTER:
        going = structs.replace(going, pace=slow, judged_at=now, given=0, heard=NOTHING, used=1.0)
    going = structs.replace(
        going,
        heard=going.heard + heard,
        tokens=going.tokens + heard.unused,
        given=max(0, going.given - heard.unused),
        rests_until=now + rest if rest else None,
    )
    if heard.down or (going.probing and heard.errors):
        # Each worker reports it each second: a probe that is planned is not put off by that.
        planned = None if going.probing else going.probe_at
        return structs.replace(
            going, pace=slow, tokens=0.0, probe_at=now + REST if planned is None else planned, probing=False
        )
    if going.probing and heard.finished:
        return structs.replace(going, tokens=0.0, probe_at=None, probing=False)
    if going.probing and heard.unused:
        return structs.replace(going, probe_at=now, probing=False)
    return going


def _rest(going: Going, now: float) -> float:
    """Seconds; none after a clock went back so far that it would be a long one."""
    left = 0.0 if going.rests_until is None else going.rests_until - now
    return left if 0 < left <= LONGEST_REST else 0.0


def _judge(going: Going, rule: PaceRule, bounds: Bounds, now: float) -> Going:
    """One step of the ramp, if it is time: additive increase, multiplicative decrease (AIMD, RFC 5681)."""
    elapsed = now - going.judged_at
    if elapsed < (SETTLES_IN if going.settling else JUDGED_EVERY):
        return going
    heard, pace = going.heard, pace_now(going, rule, bounds)
    latency = heard.seconds / heard.calls if heard.calls >= TELLING else None
    usual = _usual(going.usual, latency)
    trouble = not going.settling and _in_trouble(heard, latency, usual)
    if trouble:
        pace = max(pace * BACK_OFF, _begins_at(rule, bounds))
    elif (
        not going.settling and going.given >= pace * elapsed / 2
    ):  # else the primary was not shown that it can bear this pace
        pace += bounds.step * min(elapsed, 2 * JUDGED_EVERY)
    return structs.replace(
        going,
        pace=min(pace, highest(rule, bounds)),
        judged_at=now,
        given=0,
        heard=NOTHING,
        settling=trouble,
        usual=usual,
        used=_used(going, pace_now(going, rule, bounds) * elapsed),
        errors=heard.errors,
    )


def _used(going: Going, allowed: float) -> float:
    """Averaged over the last few steps; with too few orders nothing is learned about the workers."""
    if going.heard.unused or not going.given:
        return going.used
    return going.used + (min(going.given / allowed, 1.0) - going.used) / 3


def _usual(usual: float | None, latency: float | None) -> float | None:
    if usual is None or latency is None:
        return latency if usual is None else usual
    return usual + (latency - usual) * (GETS_FAST if latency < usual else GETS_USED)


def _in_trouble(heard: Heard, latency: float | None, usual: float | None) -> bool:
    if heard.rest or heard.errors > heard.calls * ERRORS:
        return True
    return latency is not None and usual is not None and latency > usual * SLOWER and latency > usual + SLOWER_BY


def _fill(going: Going, rule: PaceRule, bounds: Bounds, now: float) -> Going:
    """A clock that went back adds nothing, and a day of silence no more than a moment does."""
    pace = pace_now(going, rule, bounds)
    tokens = going.tokens + max(0.0, now - going.counted_at) * pace
    made_up = pace * MADE_UP_FOR if pace >= ONE_BY_ONE_BELOW else 0.0
    return structs.replace(going, tokens=min(tokens, 1.0 + made_up), counted_at=now)


def _probe(going: Going, at: float, most: int, now: float) -> Turn:
    if now < at or most < 1:
        return Turn(going, 0, max(0.0, at - now))
    going = structs.replace(going, tokens=1.0, probe_at=now + PROBE_LASTS, probing=True)
    return Turn(_given(going, 1, now), 1, 0.0)


def _given(going: Going, count: int, now: float) -> Going:
    if not count:
        return going
    return structs.replace(going, tokens=going.tokens - count, given=going.given + count, given_at=now)
