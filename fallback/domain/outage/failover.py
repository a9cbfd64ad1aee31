"""Detects an outage: evidence becomes advice, and advice a switch if the setting and people allow it.

Customers whom the primary failed count most: their requests reach us through the proxy's error path. Our own probes
come second: every few seconds a page that a customer would load, and the health call. A few customers prove an outage
together with our probes, many without them; without any customer we probe longer before we believe it.

Large systems wait for 35 % of at least 100 failures in five minutes. A small shop has no hundred requests, and nobody
reports how many its primary answered. So shares are taken of our own probes, and customers are counted individually.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from fallback.domain.outage.mode import Decider, Mode, ModeState, stands
from fallback.domain.texts import N_

MACHINE = "fallback"
# Customers are counted over this time.
WINDOW = timedelta(minutes=1)
# With the default of a probe every 2 s: 4 s of outage with a customer who met it, 6 s without one. A shorter restart
# goes unnoticed; the proxy answers its requests meanwhile.
FAILED_WITH_CUSTOMER = 3
FAILED_ALONE = 4
# A shop whose page loads while its own system says that it is not well: customers can look, and perhaps not buy. A
# deployment often takes less time than this.
UNHEALTHY_FOR = timedelta(minutes=1)
# In a brown-out no run of probes fails, but this percentage of the last ones.
SHARE = 35
LOOKS = 20
# Probes with a longer pause in between are not consecutive: the clock process was not running.
PAUSE = timedelta(seconds=90)
# Each outage within an hour doubles the required calm, so that flapping causes few switches.
REMEMBERED = timedelta(hours=1)
LONGEST_CALM = timedelta(minutes=30)
# The time from the last order that was handed over to the end of the incident.
AFTERGLOW = timedelta(minutes=1)


class Failover(StrEnum):
    """What automation may do: nothing, switch only to active and propose the way back, or switch both ways."""

    ADVISE = "advise"
    SWITCH = "switch"
    AUTOMATIC = "automatic"


class Probe(Struct, frozen=True):
    """One probe of ours. `page`: a customer's page came in time; `health`: the health call then returned 'ok'.

    A page that is refused or is not there (401, 404) counts as one that came unless the health call failed. `health` is
    None if it was not called, or if our credentials were refused. `elsewhere` is checked only if the page did not come:
    whether anything else on the network answers us.
    """

    at: datetime
    page: bool
    health: bool | None = None
    elsewhere: bool | None = None

    @property
    def well(self) -> bool:
        return self.page and self.health is True

    @property
    def unknown(self) -> bool:
        """The page came, and nobody could say whether the shop is healthy."""
        return self.page and self.health is None

    @property
    def unhealthy(self) -> bool:
        return self.page and self.health is False

    @property
    def failed(self) -> bool:
        return not self.page and not self.blind

    @property
    def blind(self) -> bool:
        """Nothing answers us: our own network is down, and the probe says nothing about the primary."""
        return not self.page and self.elsewhere is False


class Customers(Struct, frozen=True):
    """Whom the primary failed within WINDOW.

    `heads`: approximate number of different customers; `maybe_taken`: requests that are forms which it may have taken.
    """

    heads: int = 0
    requests: int = 0
    maybe_taken: int = 0


class Evidence(Struct, frozen=True):
    """`looks`: the last probes, oldest first. `good_since`: every probe since then was good. `unhealthy_since`: since
    then each page came and each health call failed.

    `provider`: whether the payment provider answered last, None without recent calls. `held`: orders to hand over.
    """

    looks: tuple[Probe, ...] = ()
    customers: Customers = Customers()
    good_since: datetime | None = None
    provider: bool | None = field(default=None, name="stripe")
    held: int = 0
    unhealthy_since: datetime | None = None


class Rules(Struct, frozen=True):
    """`customers`: this many within a minute are an outage whatever we see. `calm`: required before the way back."""

    customers: int = 5
    calm: timedelta = timedelta(minutes=2)


class Why(StrEnum):
    BLIND = "blind"
    WELL = "well"
    CUSTOMERS = "customers"
    CUSTOMERS_AND_LOOKS = "customers_and_looks"
    LOOKS = "looks"
    BROWN_OUT = "brown_out"
    UNHEALTHY = "unhealthy"
    NOT_LET_IN = "not_let_in"
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
    Why.CUSTOMERS: N_("Customers that the shop failed in the last minute: %(customers)s."),
    Why.CUSTOMERS_AND_LOOKS: N_(
        "Customers that the shop failed in the last minute: %(customers)s. Health checks that failed in a row: "
        "%(looks)s."
    ),
    Why.LOOKS: N_("Health checks that failed in a row: %(looks)s."),
    Why.BROWN_OUT: N_("Health checks that failed, of the last %(looks)s: %(failed)s."),
    Why.UNHEALTHY: N_("The shop's pages load, but its health check has failed for %(seconds)s s."),
    Why.NOT_LET_IN: N_("The shop does not accept our credentials, so we do not know whether it is healthy."),
    Why.NOT_CALM: N_("The shop has been healthy for %(calm)s of the %(needed)s s that are needed to go back."),
    Why.PROVIDER_AWAY: N_(
        "The shop is back, but the payment provider does not answer: payments for orders that are handed over could "
        "not be captured."
    ),
    Why.CALM: N_("The shop has been healthy for %(calm)s s."),
    Why.HANDING_OVER: N_("The shop is back. Orders waiting to be handed over: %(held)s."),
    Why.NEARLY_OVER: N_("All orders are handed over; after one healthy minute the incident ends."),
    Why.HANDED_OVER: N_("The shop is healthy, and all orders are handed over."),
}


class Advice(Struct, frozen=True):
    """The mode that the evidence calls for, which may be the present one."""

    mode: Mode
    why: Why
    figures: dict[str, int] = {}

    @property
    def words(self) -> str:
        """To be translated, and filled in with `figures`."""
        return SENTENCES[self.why]

    @property
    def sentence(self) -> str:
        return self.words % self.figures


class Observation(Struct, frozen=True):
    """The last probe of the failover monitor and its conclusion."""

    at: datetime
    evidence: Evidence
    advice: Advice

    def is_recent(self, now: datetime) -> bool:
        """Otherwise no clock process runs, and nobody watches the shop."""
        return now - self.at <= PAUSE


def add(
    before: Evidence, look: Probe, customers: Customers, provider: bool | None, held: int, rules: Rules
) -> Evidence:
    """The evidence after one more probe."""
    last = before.looks[-1] if before.looks else None
    follows = last is not None and look.at - last.at <= PAUSE
    all_well = look.well and customers.heads < rules.customers
    since = before.good_since if follows and before.good_since else look.at
    looks = (*before.looks, look)[-LOOKS:] if follows else (look,)
    unhealthy = (before.unhealthy_since if follows else None) or look.at
    return Evidence(
        looks,
        customers,
        since if all_well else None,
        provider,
        held,
        unhealthy_since=unhealthy if look.unhealthy else None,
    )


def advise(mode: Mode, log: Sequence[ModeState], evidence: Evidence, rules: Rules, now: datetime) -> Advice:
    """What the evidence, whose last probe is from now, calls for. `log`: of the switches, newest first."""
    trouble = _trouble(evidence, rules)
    if trouble:
        return trouble
    if evidence.looks[-1].blind:
        return Advice(mode, Why.BLIND)
    if evidence.looks[-1].unknown:
        return Advice(mode, Why.NOT_LET_IN)
    match mode:
        case Mode.STANDBY:
            return Advice(mode, Why.WELL)
        case Mode.ACTIVE:
            return _way_back(log, evidence, rules, now)
        case Mode.DRAINING:
            return _end(log, evidence, now)


def decide(state: ModeState, advice: Advice, failover: Failover, now: datetime) -> ModeState | None:
    """The switch by automation, if there is to be one: never against a person whose decision stands.

    Nor from a shop whose pages load: whether it sells although it says that it is unhealthy, a person can see.
    """
    if advice.mode is state.mode or failover is Failover.ADVISE or stands(state, now) or advice.why is Why.UNHEALTHY:
        return None
    if advice.mode is Mode.DRAINING and failover is Failover.SWITCH:
        return None
    return ModeState(advice.mode, now, MACHINE, advice.sentence, Decider.MACHINE)


def _trouble(evidence: Evidence, rules: Rules) -> Advice | None:
    heads = evidence.customers.heads
    if heads >= rules.customers:
        return Advice(Mode.ACTIVE, Why.CUSTOMERS, {"customers": heads})
    # A customer sent by the proxy proves that our network works, so blind probes count here too.
    in_a_row = _run([not look.page for look in evidence.looks])
    if heads and in_a_row >= FAILED_WITH_CUSTOMER:
        return Advice(Mode.ACTIVE, Why.CUSTOMERS_AND_LOOKS, {"customers": heads, "looks": in_a_row})
    telling = [look for look in evidence.looks if not look.blind]
    in_a_row = _run([look.failed for look in telling])
    if in_a_row >= FAILED_ALONE:
        return Advice(Mode.ACTIVE, Why.LOOKS, {"looks": in_a_row})
    failed = sum(look.failed for look in telling)
    if len(telling) == LOOKS and failed * 100 >= SHARE * LOOKS:
        return Advice(Mode.ACTIVE, Why.BROWN_OUT, {"failed": failed, "looks": LOOKS})
    unhealthy = evidence.looks[-1].at - (evidence.unhealthy_since or evidence.looks[-1].at)
    if unhealthy >= UNHEALTHY_FOR:
        return Advice(Mode.ACTIVE, Why.UNHEALTHY, {"seconds": _seconds(unhealthy)})
    return None


def _run(failures: Sequence[bool]) -> int:
    """How many of the newest are failures in a row."""
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
