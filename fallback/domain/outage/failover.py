"""Seeing the outage: evidence becomes advice, and advice a switch where the setting and the people let it.

Customers whom the primary failed come first: their requests reach us through the proxy's error path. What we see
ourselves comes second: each few seconds a page that a customer would load, and the health call. Few customers prove an
outage together with our own looks, many without them; without any customer we look longer before we believe it.

Large systems wait for 35 % of at least 100 failures in five minutes. A small shop has no hundred requests, and how
many its primary answered nobody tells us. So shares are taken of our own looks, and customers are counted as heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from fallback.domain.outage.mode import Decider, Mode, ModeState, stands
from fallback.domain.texts import N_

MACHINE = "fallback"
# Customers are counted for so long.
WINDOW = timedelta(minutes=1)
# With the default of a look each 2 s: 4 s of outage with a customer who met it, 6 s without one. A restart that takes
# less passes unnoticed, and the proxy answers for each of its requests meanwhile.
FAILED_WITH_CUSTOMER = 3
FAILED_ALONE = 4
# Of a brown-out no run of looks fails, but so many in a hundred of the last ones.
SHARE = 35
LOOKS = 20
# Looks with a longer pause between them do not follow one upon the other: the clock was away.
PAUSE = timedelta(seconds=90)
# Each outage within an hour doubles the calm that is asked for, so that flapping costs few switches.
REMEMBERED = timedelta(hours=1)
LONGEST_CALM = timedelta(minutes=30)
# Between the last order that was handed over and the end of the incident.
AFTERGLOW = timedelta(minutes=1)


class Failover(StrEnum):
    """What the machine does by itself: nothing, switch to active only and propose the way back, or both ways."""

    ADVISE = "advise"
    SWITCH = "switch"
    AUTOMATIC = "automatic"


class Probe(Struct, frozen=True):
    """One look of our own. `page`: a customer's page came in time; `health`: the health call said 'ok' after it.

    `elsewhere` is asked only when the page did not come: whether anything else in the world answers us.
    """

    at: datetime
    page: bool
    health: bool | None = None
    elsewhere: bool | None = None

    @property
    def well(self) -> bool:
        return self.page and self.health is True

    @property
    def failed(self) -> bool:
        return not self.page and not self.blind

    @property
    def blind(self) -> bool:
        """Nothing answers us: our own network is away, and what we see says nothing of the primary."""
        return not self.page and self.elsewhere is False


class Customers(Struct, frozen=True):
    """Whom the primary failed within WINDOW. `heads`: different customers, about; `maybe_taken`: of the requests, forms
    that it may have taken.
    """

    heads: int = 0
    requests: int = 0
    maybe_taken: int = 0


class Evidence(Struct, frozen=True):
    """`looks`: the last ones, oldest first. `good_since`: all was well at every look since then.

    `provider`: whether the payment provider answered last, None if they had nothing to do. `held`: orders to hand over.
    """

    looks: tuple[Probe, ...] = ()
    customers: Customers = Customers()
    good_since: datetime | None = None
    provider: bool | None = field(default=None, name="stripe")
    held: int = 0


class Rules(Struct, frozen=True):
    """`customers`: so many within a minute are an outage whatever we see. `calm`: before the way back."""

    customers: int = 5
    calm: timedelta = timedelta(minutes=2)


class Why(StrEnum):
    BLIND = "blind"
    WELL = "well"
    CUSTOMERS = "customers"
    CUSTOMERS_AND_LOOKS = "customers_and_looks"
    LOOKS = "looks"
    BROWN_OUT = "brown_out"
    NOT_CALM = "not_calm"
    PROVIDER_AWAY = "stripe_away"
    CALM = "calm"
    HANDING_OVER = "handing_over"
    NEARLY_OVER = "nearly_over"
    HANDED_OVER = "handed_over"


# The names in %(…)s are those of Advice.figures.
SENTENCES = {
    Why.BLIND: N_("Our own network seems to be away: neither the shop nor the payment provider answers us."),
    Why.WELL: N_("Nothing says that the shop is in trouble."),
    Why.CUSTOMERS: N_("Customers whom the shop failed within a minute: %(customers)s."),
    Why.CUSTOMERS_AND_LOOKS: N_(
        "Customers whom the shop failed within a minute: %(customers)s. Our last %(looks)s looks failed."
    ),
    Why.LOOKS: N_("The shop did not answer our last %(looks)s looks."),
    Why.BROWN_OUT: N_("The shop did not answer %(failed)s of our last %(looks)s looks."),
    Why.NOT_CALM: N_("All has to be well for %(needed)s seconds before the way back, and was for %(calm)s."),
    Why.PROVIDER_AWAY: N_(
        "The shop is back, but the payment provider does not answer: no payment could be taken for what is handed over."
    ),
    Why.CALM: N_("The shop has been well for %(calm)s seconds."),
    Why.HANDING_OVER: N_("The shop is back. Orders that wait to be handed over: %(held)s."),
    Why.NEARLY_OVER: N_("Everything is handed over; a minute in which all is well ends it."),
    Why.HANDED_OVER: N_("The shop is well, and everything is handed over."),
}


class Advice(Struct, frozen=True):
    """The mode that the evidence speaks for, which may be the one that is on."""

    mode: Mode
    why: Why
    figures: dict[str, int] = {}

    @property
    def sentence(self) -> str:
        return SENTENCES[self.why] % self.figures


class Observation(Struct, frozen=True):
    """What the machine saw and thought at its last look."""

    at: datetime
    evidence: Evidence
    advice: Advice


def add(
    before: Evidence, look: Probe, customers: Customers, provider: bool | None, held: int, rules: Rules
) -> Evidence:
    """The evidence after one more look."""
    last = before.looks[-1] if before.looks else None
    follows = last is not None and look.at - last.at <= PAUSE
    all_well = look.well and customers.heads < rules.customers
    since = before.good_since if follows and before.good_since else look.at
    looks = (*before.looks, look)[-LOOKS:] if follows else (look,)
    return Evidence(looks, customers, since if all_well else None, provider, held)


def advise(mode: Mode, log: Sequence[ModeState], evidence: Evidence, rules: Rules, now: datetime) -> Advice:
    """What the evidence, of which the last look is one of now, speaks for. `log`: of the switches, newest first."""
    trouble = _trouble(evidence, rules)
    if trouble:
        return trouble
    if evidence.looks[-1].blind:
        return Advice(mode, Why.BLIND)
    match mode:
        case Mode.STANDBY:
            return Advice(mode, Why.WELL)
        case Mode.ACTIVE:
            return _way_back(log, evidence, rules, now)
        case Mode.DRAINING:
            return _end(log, evidence, now)


def decide(state: ModeState, advice: Advice, failover: Failover, now: datetime) -> ModeState | None:
    """The machine's switch, if it is to make one: never against a person whose decision stands."""
    if advice.mode is state.mode or failover is Failover.ADVISE or stands(state, now):
        return None
    if advice.mode is Mode.DRAINING and failover is Failover.SWITCH:
        return None
    return ModeState(advice.mode, now, MACHINE, advice.sentence, Decider.MACHINE)


def _trouble(evidence: Evidence, rules: Rules) -> Advice | None:
    heads = evidence.customers.heads
    if heads >= rules.customers:
        return Advice(Mode.ACTIVE, Why.CUSTOMERS, {"customers": heads})
    # A customer whom the proxy sent proves that our network is there, so here blind looks count too.
    in_a_row = _run([not look.page for look in evidence.looks])
    if heads and in_a_row >= FAILED_WITH_CUSTOMER:
        return Advice(Mode.ACTIVE, Why.CUSTOMERS_AND_LOOKS, {"customers": heads, "looks": in_a_row})
    notification = [look for look in evidence.looks if not look.blind]
    in_a_row = _run([look.failed for look in notification])
    if in_a_row >= FAILED_ALONE:
        return Advice(Mode.ACTIVE, Why.LOOKS, {"looks": in_a_row})
    failed = sum(look.failed for look in notification)
    if len(notification) == LOOKS and failed * 100 >= SHARE * LOOKS:
        return Advice(Mode.ACTIVE, Why.BROWN_OUT, {"failed": failed, "looks": LOOKS})
    return None


def _run(failures: Sequence[bool]) -> int:
    """How many of the newest are failures, without one that is not."""
    return next((count for count, failed in enumerate(reversed(failures)) if not failed), len(failures))


def _way_back(log: Sequence[ModeState], evidence: Evidence, rules: Rules, now: datetime) -> Advice:
    calm = now - evidence.good_since if evidence.good_since else timedelta()
    needed = _calm_needed(log, rules, now)
    figures = {"needed": _seconds(needed), "calm": _seconds(calm)}
    if calm < needed:
        return Advice(Mode.ACTIVE, Why.NOT_CALM, figures)
    if evidence.provider is False:
        return Advice(Mode.ACTIVE, Why.PROVIDER_AWAY)
    return Advice(Mode.DRAINING, Why.CALM, figures)


def _calm_needed(log: Sequence[ModeState], rules: Rules, now: datetime) -> timedelta:
    outages = sum(
        state.mode is Mode.ACTIVE and (before is None or before.mode is not Mode.ACTIVE)
        for state, before in zip(log, [*log[1:], None], strict=True)
        if now - state.since <= REMEMBERED
    )
    doubled: int = 2 ** max(outages - 1, 0)
    return min(rules.calm * doubled, max(rules.calm, LONGEST_CALM))


def _end(log: Sequence[ModeState], evidence: Evidence, now: datetime) -> Advice:
    if evidence.held:
        return Advice(Mode.DRAINING, Why.HANDING_OVER, {"held": evidence.held})
    began = log[0].since if log else now
    over = evidence.good_since is not None and now - max(evidence.good_since, began) >= AFTERGLOW
    return Advice(Mode.STANDBY, Why.HANDED_OVER) if over else Advice(Mode.DRAINING, Why.NEARLY_OVER)


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
