"""The failover monitor: evidence becomes advice, and advice becomes a switch where the setting and the people allow it.

The first evidence is customers whom the primary failed: their requests reach us through the proxy's error path. The
second is our own probes: every few seconds a page that a customer would load, and the health call. A few customers
prove an outage together with failed probes, many prove it alone; without any customer more probes have to fail.

Large systems wait for 35 % of at least 100 failures in five minutes. A small shop does not have a hundred requests, and
we do not learn how many the primary answered. So the share is taken of our own probes, and customers are counted as
distinct heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from fallback.domain.outage.mode import Decider, Mode, ModeState, stands
from fallback.domain.texts import N_

MACHINE = "fallback"
# The time for which a failed customer is counted.
WINDOW = timedelta(minutes=1)
# With the default of a probe each 2 s: 4 s of outage if it hit a customer, 6 s otherwise. A shorter restart passes
# unnoticed; the proxy hands us each request that it fails meanwhile.
FAILED_WITH_CUSTOMER = 3
FAILED_ALONE = 4
# In a brown-out the probes do not fail in a row; then this percentage of the last LOOKS counts.
SHARE = 35
LOOKS = 20
# Probes with a longer pause between them are not consecutive: the clock process was down.
PAUSE = timedelta(seconds=90)
# Each outage within an hour doubles the calm time that is required, so that flapping causes few switches.
REMEMBERED = timedelta(hours=1)
LONGEST_CALM = timedelta(minutes=30)
# The time from the last order that was handed over to the end of the incident.
AFTERGLOW = timedelta(minutes=1)


class Failover(StrEnum):
    """What is automatic: nothing, the switch to active (the way back is only recommended), or both ways."""

    ADVISE = "advise"
    SWITCH = "switch"
    AUTOMATIC = "automatic"


class Probe(Struct, frozen=True):
    """One probe. `page`: a customer's page loaded in time; `health`: the health call then returned 'ok'.

    `elsewhere` is asked only when the page failed: whether any other service answers us.
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
        """No service answers us: our own network is down, so the probe says nothing about the primary."""
        return not self.page and self.elsewhere is False


class Customers(Struct, frozen=True):
    """Customers whom the primary failed within WINDOW. `heads`: distinct customers, approximately; `maybe_taken`: the
    requests among them that are forms which the primary may have accepted.
    """

    heads: int = 0
    requests: int = 0
    maybe_taken: int = 0


class Evidence(Struct, frozen=True):
    """`looks`: the last probes, oldest first. `good_since`: every probe since then was good.

    `provider`: whether the payment provider answered last, None without recent calls. `held`: orders to hand over.
    """

    looks: tuple[Probe, ...] = ()
    customers: Customers = Customers()
    good_since: datetime | None = None
    provider: bool | None = field(default=None, name="stripe")
    held: int = 0


class Rules(Struct, frozen=True):
    """`customers`: this many within a minute prove an outage whatever the probes see. `calm`: before the way back."""

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
    Why.BLIND: N_("Our own network seems to be down: neither the shop nor the payment provider answers."),
    Why.WELL: N_("No sign of an outage."),
    Why.CUSTOMERS: N_("The shop failed %(customers)s customers in the last minute."),
    Why.CUSTOMERS_AND_LOOKS: N_(
        "The shop failed %(customers)s customers in the last minute. The last %(looks)s health checks failed."
    ),
    Why.LOOKS: N_("The last %(looks)s health checks failed."),
    Why.BROWN_OUT: N_("%(failed)s of the last %(looks)s health checks failed."),
    Why.NOT_CALM: N_("The shop has been healthy for %(calm)s of the %(needed)s seconds that are needed to go back."),
    Why.PROVIDER_AWAY: N_(
        "The shop is back, but the payment provider does not answer: payments for orders that are handed over could "
        "not be captured."
    ),
    Why.CALM: N_("The shop has been healthy for %(calm)s seconds."),
    Why.HANDING_OVER: N_("The shop is back. Orders waiting to be handed over: %(held)s."),
    Why.NEARLY_OVER: N_("All orders are handed over; after one healthy minute the incident ends."),
    Why.HANDED_OVER: N_("The shop is healthy, and all orders are handed over."),
}


class Advice(Struct, frozen=True):
    """The recommended mode, which may be the current one."""

    mode: Mode
    why: Why
    figures: dict[str, int] = {}

    @property
    def sentence(self) -> str:
        return SENTENCES[self.why] % self.figures


class Observation(Struct, frozen=True):
    """The evidence and the advice of the failover monitor at its last probe."""

    at: datetime
    evidence: Evidence
    advice: Advice


def add(
    before: Evidence, look: Probe, customers: Customers, provider: bool | None, held: int, rules: Rules
) -> Evidence:
    """The evidence after one more probe."""
    last = before.looks[-1] if before.looks else None
    follows = last is not None and look.at - last.at <= PAUSE
    all_well = look.well and customers.heads < rules.customers
    since = before.good_since if follows and before.good_since else look.at
    looks = (*before.looks, look)[-LOOKS:] if follows else (look,)
    return Evidence(looks, customers, since if all_well else None, provider, held)


def advise(mode: Mode, log: Sequence[ModeState], evidence: Evidence, rules: Rules, now: datetime) -> Advice:
    """The mode that the evidence supports; its last probe is current. `log`: the switches, newest first."""
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
    """The automatic switch, if one is due: never against a person's decision that still stands."""
    if advice.mode is state.mode or failover is Failover.ADVISE or stands(state, now):
        return None
    if advice.mode is Mode.DRAINING and failover is Failover.SWITCH:
        return None
    return ModeState(advice.mode, now, MACHINE, advice.sentence, Decider.MACHINE)


def _trouble(evidence: Evidence, rules: Rules) -> Advice | None:
    heads = evidence.customers.heads
    if heads >= rules.customers:
        return Advice(Mode.ACTIVE, Why.CUSTOMERS, {"customers": heads})
    # A customer whom the proxy sent proves that our network works, so blind probes count here too.
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
    """The number of consecutive failures up to the newest."""
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
